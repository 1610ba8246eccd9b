//! The Kerberos proxy that discovery documents announce. The emulator knows no tickets; it says so.

use axum::extract::State;
use axum::response::Response;
use http::Method;

use crate::entra::app_state::AppState;
use crate::entra::pages;
use crate::entra::route::authorize::{is_read, not_accepted};
use crate::exchange::error::{Aadsts, Fault};
use crate::exchange::reply;
use crate::exchange::request::Incoming;

/// `/{tenant}/kerberos`
pub(in crate::entra) async fn kerberos(_: State<AppState>, Incoming(call): Incoming) -> Response {
    if call.method == Method::POST {
        let refusal = Fault::from(Aadsts::new(9002313)).at_entra(&call);
        return reply::as_token_reply(refusal, &call);
    }
    if !is_read(&call.method) {
        return not_accepted("GET, POST", &call);
    }
    let said = "Tickets are asked for here by Kerberos, which the emulator does not speak.";
    pages::done("Kerberos", said).respond()
}
