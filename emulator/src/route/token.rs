//! The token endpoints: form, client, grant, reply.

mod success;

use axum::extract::State;
use axum::response::Response;
use http::Method;

use crate::authority::Authority;
use crate::call::{Call, Incoming};
use crate::client_auth::{Client, identify, prove};
use crate::cross_cloud;
use crate::error::{Aadsts, Fault};
use crate::grant::{GRANTS, saml_bearer};
use crate::reply;
use crate::route::authorize::only_post;
use crate::sign_in::error_page;
use crate::state::{AppState, Snapshot};
use crate::token::Issue;
use crate::token_form::{TokenForm, Version};

/// `/{tenant}/oauth2/v2.0/token`
pub(crate) async fn v2(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    answer(&state, &call, Version::V2).await
}

/// `/{tenant}/oauth2/token`
pub(crate) async fn v1(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    answer(&state, &call, Version::V1).await
}

async fn answer(state: &AppState, call: &Call, version: Version) -> Response {
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
fn decide(snapshot: &Snapshot, call: &Call, version: Version) -> Result<Issue, Aadsts> {
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
