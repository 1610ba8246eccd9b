//! The endpoints where sign-ins start, and those that take the forms of their pages.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};

use crate::entra::app_state::AppState;
use crate::entra::sign_in::{Visit, error_page, submitted};
use crate::entra::stores::flows::{Parameters, Purpose};
use crate::exchange::error::Aadsts;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::endpoint_version::EndpointVersion;

/// `/{tenant}/oauth2/v2.0/authorize`
pub(in crate::entra) async fn v2(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    start(&state, &call, EndpointVersion::V2, Purpose::Authorize).await
}

/// `/{tenant}/oauth2/authorize`
pub(in crate::entra) async fn v1(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    start(&state, &call, EndpointVersion::V1, Purpose::Authorize).await
}

/// `/{tenant}/v2.0/adminconsent`
pub(in crate::entra) async fn admin_v2(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    start(&state, &call, EndpointVersion::V2, Purpose::AdminConsent).await
}

/// `/{tenant}/adminconsent`
pub(in crate::entra) async fn admin_v1(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    start(&state, &call, EndpointVersion::V1, Purpose::AdminConsent).await
}

/// `/common/oauth2/deviceauth`, `/devicelogin`
pub(in crate::entra) async fn device(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    if !is_read(&call.method) {
        return not_accepted("GET", &call);
    }
    // A link may bring the code along; the visitor still has to look at it.
    let code = call.query("otc").or_else(|| call.query("user_code"));
    Visit::start_device(&state, &call, code)
}

/// `/{tenant}/login`: the form of every page.
pub(in crate::entra) async fn login(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    if call.method == Method::POST {
        submitted(&state, &call).await
    } else {
        error_page(&only_post(&call.method), &call)
    }
}

/// The page of a POST-only endpoint for every other method.
pub(in crate::entra) fn only_post(method: &Method) -> Aadsts {
    only("POST", method)
}

/// The page for a method that is none of those an endpoint takes.
pub(super) fn not_accepted(accepted: &str, call: &Call) -> Response {
    error_page(&only(accepted, &call.method), call)
}

fn only(accepted: &str, method: &Method) -> Aadsts {
    let method = if STANDARD_METHODS.contains(method) {
        method.as_str()
    } else {
        "?"
    };
    Aadsts::new(900561)
        .with("accepted", accepted)
        .with("method", method)
}

pub(super) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

pub(super) fn wrong_method(call: &Call) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    reply::nothing_here(status, &call.method, &call.path)
}

/// A method a client makes up is not repeated in a page.
const STANDARD_METHODS: [Method; 8] = [
    Method::GET,
    Method::HEAD,
    Method::PUT,
    Method::DELETE,
    Method::OPTIONS,
    Method::PATCH,
    Method::TRACE,
    Method::CONNECT,
];

async fn start(
    state: &AppState,
    call: &Call,
    version: EndpointVersion,
    purpose: fn(Arc<Parameters>) -> Purpose,
) -> Response {
    let mut fields = call.query.clone();
    match call.method {
        Method::POST => fields.extend(call.form.iter().cloned()),
        ref method if is_read(method) => {}
        _ => return not_accepted("GET, POST", call),
    }
    let parameters = Parameters {
        version,
        tenant: call.tenant_segment(),
        fields,
    };
    let purpose = purpose(Arc::new(parameters));
    Visit::start(state, call, purpose).proceed().await
}
