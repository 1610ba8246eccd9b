//! The token endpoints: form, client, grant, reply.

mod success;

use axum::extract::State;
use axum::response::Response;
use http::Method;

use crate::entra::app_state::{AppState, Snapshot};
use crate::entra::client_auth::{Client, identify, prove};
use crate::entra::cross_cloud;
use crate::entra::grant::{GRANTS, saml_bearer};
use crate::entra::route::authorize::only_post;
use crate::entra::sign_in::error_page;
use crate::entra::token::Issue;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::{Aadsts, Fault};
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::authority::Authority;
use crate::world::endpoint_version::EndpointVersion;

/// `/{tenant}/oauth2/v2.0/token`
pub(in crate::entra) async fn v2(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    answer(&state, &call, EndpointVersion::V2).await
}

/// `/{tenant}/oauth2/token`
pub(in crate::entra) async fn v1(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    answer(&state, &call, EndpointVersion::V1).await
}

async fn answer(state: &AppState, call: &Call, version: EndpointVersion) -> Response {
    if call.method != Method::POST {
        // The real service answers with its page, and with status 200.
        let page = error_page(&only_post(&call.method), call);
        return reply::as_token_reply(page, call);
    }
    let snapshot = state.snapshot(call.at);
    let response = match decide(&snapshot, call, version) {
        Ok(issue) => success::reply(state, call, &issue, version).await,
        Err(error) => Fault::from(error).at_entra(call),
    };
    reply::as_token_reply(response, call)
}

/// Checks in the order of the real service: the form, the tenant, the client and its proof, then
/// what the grant asks for, so that a stranger learns nothing about resources.
fn decide(snapshot: &Snapshot, call: &Call, version: EndpointVersion) -> Result<Issue, Aadsts> {
    let form = TokenForm::read(call, version)?;
    let wanted = form.required("grant_type")?;
    let Some(grant) = GRANTS.iter().find(|grant| grant.name == wanted) else {
        return Err(saml_bearer::refusal(snapshot, &form, wanted));
    };
    let authority = Authority::parse(&call.tenant_segment(), &snapshot.directory)?;
    let tenant = (grant.tenant)(snapshot, authority, &form)?;
    let app = identify(snapshot, tenant, &form)?;
    let proof = prove(snapshot, tenant, app, &form)?;
    cross_cloud::check_client(call, (tenant, app, proof), &snapshot.directory)?;
    (grant.decide)(snapshot, &Client { tenant, app, proof }, &form)
}
