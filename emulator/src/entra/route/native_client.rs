//! The page on which a sign-in in a view of a desktop application ends: the application reads the
//! address.

use axum::extract::State;
use axum::response::Response;

use crate::entra::app_state::AppState;
use crate::entra::pages;
use crate::entra::route::authorize::{is_read, not_accepted};
use crate::exchange::request::Incoming;

/// `/common/oauth2/nativeclient`
pub(in crate::entra) async fn native_client(
    _: State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    if !is_read(&call.method) {
        return not_accepted("GET", &call);
    }
    pages::done("Back to the application", "You may now close this window.").respond()
}
