//! The page that explains an error by its number.

use axum::response::Response;

use crate::entra::pages;
use crate::entra::route::authorize::{is_read, not_accepted};
use crate::exchange::error::explained;
use crate::exchange::request::Incoming;

/// `/error?code=50058`
pub(in crate::entra) async fn lookup(Incoming(call): Incoming) -> Response {
    if !is_read(&call.method) {
        return not_accepted("GET", &call);
    }
    let asked = call.query("code").unwrap_or_default().trim();
    let number = asked.strip_prefix("AADSTS").unwrap_or(asked);
    let text = number.parse().ok().and_then(explained);
    pages::explanation(number, text).respond()
}
