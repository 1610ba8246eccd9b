//! The Kerberos proxy that discovery documents announce. The emulator knows no tickets; it says so.

use axum::extract::State;
use axum::response::Response;
use http::Method;

use crate::call::Incoming;
use crate::error::{Aadsts, Fault};
use crate::page;
use crate::reply;
use crate::route::authorize::{is_read, not_accepted};
use crate::state::AppState;

/// `/{tenant}/kerberos`
pub(crate) async fn kerberos(_: State<AppState>, Incoming(call): Incoming) -> Response {
    if call.method == Method::POST {
        let refusal = Fault::from(Aadsts::new(9002313)).at_entra(&call);
        return reply::as_token_reply(refusal, &call);
    }
    if !is_read(&call.method) {
        return not_accepted("GET, POST", &call);
    }
    let said = "Tickets are asked for here by Kerberos, which the emulator does not speak.";
    page::done("Kerberos", said).respond()
}
