//! Endpoints of the token service, and of the emulator itself.

mod authorize;
mod check_session;
mod device_code;
mod discovery;
mod error_page;
mod issuer;
mod kerberos;
mod logout;
mod native_client;
mod table;
mod token;
mod user_realm;
mod userinfo;

use axum::response::Response;
use http::StatusCode;

use crate::exchange::reply;
use crate::exchange::request::Incoming;

pub(crate) use table::ENDPOINTS;

/// Whatever nobody else answers.
pub(crate) async fn unknown(Incoming(call): Incoming) -> Response {
    reply::nothing_here(StatusCode::NOT_FOUND, &call.method, &call.path)
}
