//! The instance metadata service of a virtual machine.

mod versions;

use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use http::header::SERVER;
use http::{Method, StatusCode};
use serde_json::Value;

use super::managed::{self, Ask, Renew};
use super::selector::{By, Selector, Unchosen, chosen, named};
use super::{Place, Row, error, manners, strings};
use crate::app::Endpoint;
use crate::call::{Call, Incoming};
use crate::config::Hosts;
use crate::error::Fault;
use crate::reply;
use crate::state::AppState;

pub(super) const ROW: Row = Row {
    name: "imds",
    about: "a virtual machine, a scale set, an AKS node",
    endpoints: ENDPOINTS,
    environment,
};

const PATH: &str = "/metadata/identity/oauth2/token";

const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "imds.token",
    methods: "GET",
    path: PATH,
    route: || any(token),
    about: "tokens of a virtual machine's managed identities",
}];

/// The real one has a fixed address and no variable; these are what SDKs and MSAL read to be sent
/// elsewhere.
fn environment(place: &Place<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", place.http("")),
        ("MSAL_MANAGED_IDENTITY_ENDPOINT", place.http(PATH)),
    ]
}

async fn token(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let identities = |hosts: &Hosts| hosts.imds.identities.clone();
    served(answer(&state, &call, identities, unchosen).await, &call)
}

/// The reply, from this service.
pub(super) fn served(result: Result<Value, Fault>, call: &Call) -> Response {
    let mut response = error::replied(call, result, |error| error::verbatim(call, error));
    reply::set(response.headers_mut(), SERVER, "IMDS/150.870.65.1854");
    response
}

/// The answer of a host with these identities that speaks as this service does.
pub(super) async fn answer(
    state: &AppState,
    call: &Call,
    identities: fn(&Hosts) -> Vec<String>,
    unchosen: fn(Unchosen) -> Fault,
) -> Result<Value, Fault> {
    manners::check(call, &[Method::GET])?;
    let version = call.query("api-version");
    if !version.is_some_and(versions::knows_identity) {
        return Err(Fault::Json(StatusCode::BAD_REQUEST, versions::refusal()));
    }
    let resource = manners::resource(call)?;
    let snapshot = state.snapshot(call.at);
    let directory = &snapshot.directory;
    let assigned = directory.assigned(&identities(&directory.world().hosts));
    let identity = chosen(&assigned, &named(call, SELECTORS)).map_err(unchosen)?;
    let mut ask = Ask::of(identity, resource);
    if call.query("bypass_cache") == Some("true") {
        ask.renew = Renew::Yes;
    }
    let token = managed::token(state, call, &snapshot, ask).await?;
    let client_id = identity.client_id.to_string();
    let whose = [("client_id", client_id)];
    Ok(strings::body(&token, resource, call, &whose))
}

pub(super) fn unchosen(why: Unchosen) -> Fault {
    manners::refused(match why {
        Unchosen::None | Unchosen::NotAssigned => "Identity not found",
        Unchosen::Several => MULTIPLE,
        Unchosen::NamedTwice => "Only one of client_id, object_id and msi_res_id may be specified",
    })
}

#[rustfmt::skip]
const SELECTORS: &[Selector] = &[
    Selector { name: "client_id", by: By::Client },
    Selector { name: "object_id", by: By::Object },
    Selector { name: "msi_res_id", by: By::Resource },
    Selector { name: "mi_res_id", by: By::Resource },
];
const MULTIPLE: &str = "Multiple user assigned identities exist, please specify the clientId / \
    resourceId of the identity in the token request";
