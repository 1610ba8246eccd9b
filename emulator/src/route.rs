//! Endpoints of the token service, and of the emulator itself.

pub(crate) mod authorize;
pub(crate) mod check_session;
pub(crate) mod control;
pub(crate) mod device_code;
pub(crate) mod discovery;
pub(crate) mod error_page;
pub(crate) mod issuer;
pub(crate) mod kerberos;
pub(crate) mod logout;
pub(crate) mod native_client;
pub(crate) mod token;
pub(crate) mod user_realm;
pub(crate) mod userinfo;

use axum::response::Response;
use http::StatusCode;

use crate::call::Incoming;
use crate::reply;

/// Whatever nobody else answers.
pub(crate) async fn unknown(Incoming(call): Incoming) -> Response {
    reply::nothing_here(StatusCode::NOT_FOUND, &call.method, &call.path)
}
