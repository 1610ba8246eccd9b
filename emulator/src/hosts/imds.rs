//! The instance metadata service of a virtual machine.

mod attested;
mod instance;
mod scheduled_events;
mod versions;

use axum::extract::State;
use axum::response::Response;
use http::Method;
use http::header::SERVER;
use serde_json::{Value, json};

use super::managed::{self, Ask, Renew};
use super::selector::{Selector, SelectorKind, Unchosen, chosen, named};
use super::{Place, Row, error, metadata_rules, strings};
use crate::entra::app_state::AppState;
use crate::entra::endpoint::{Endpoint, any};
use crate::exchange::error::Fault;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::config::Hosts;

pub(super) const ROW: Row = Row {
    name: "imds",
    about: "a virtual machine, a scale set, an AKS node",
    endpoints: ENDPOINTS,
    environment,
};

const PATH: &str = "/metadata/identity/oauth2/token";

#[rustfmt::skip]
const ENDPOINTS: &[Endpoint] = &[
    Endpoint { name: "imds.token", methods: "GET", path: PATH,
        route: || any(token), about: "tokens of a virtual machine's managed identities" },
    Endpoint { name: "imds.info", methods: "GET", path: "/metadata/identity/info",
        route: || any(info), about: "the tenant of those identities" },
    Endpoint { name: "imds.instance", methods: "GET", path: "/metadata/instance",
        route: || any(instance::instance), about: "what the machine is, as JSON or text" },
    Endpoint { name: "imds.instance", methods: "GET", path: "/metadata/instance/{*path}",
        route: || any(instance::instance), about: "a part of that, such as `compute/location`" },
    Endpoint { name: "imds.attested", methods: "GET", path: "/metadata/attested/document",
        route: || any(attested::document), about: "facts about the machine, signed" },
    Endpoint { name: "imds.scheduled_events", methods: "GET, POST", path: "/metadata/scheduledevents",
        route: || any(scheduled_events::events), about: "maintenance to come; POST agrees to it" },
    Endpoint { name: "imds.versions", methods: "GET", path: "/metadata/versions",
        route: || any(versions::list), about: "the API versions there are" },
];

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

async fn info(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let tenant = || {
        metadata_rules::check(&call, &[Method::GET])?;
        versions::check_identity(&call)?;
        let directory = state.snapshot(call.at).directory;
        let world = directory.world();
        let assigned = directory.assigned(&world.hosts.imds.identities);
        let name = assigned.first().map(|identity| &identity.tenant);
        let tenant = name.and_then(|name| directory.tenant_by_name(name));
        let tenant = tenant.or_else(|| world.tenants.first());
        let id = tenant.map(|tenant| tenant.id).unwrap_or_default();
        Ok(json!({ "tenantId": id }))
    };
    served(tenant(), &call)
}

/// The reply, from this service.
pub(super) fn served(result: Result<Value, Fault>, call: &Call) -> Response {
    from_here(error::replied(call, result, |error| {
        error::verbatim(call, error)
    }))
}

fn from_here(mut response: Response) -> Response {
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
    metadata_rules::check(call, &[Method::GET])?;
    versions::check_identity(call)?;
    let resource = metadata_rules::resource(call)?;
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
    metadata_rules::refused(match why {
        Unchosen::None | Unchosen::NotAssigned => "Identity not found",
        Unchosen::Several => MULTIPLE,
        Unchosen::NamedTwice => "Only one of client_id, object_id and msi_res_id may be specified",
    })
}

#[rustfmt::skip]
const SELECTORS: &[Selector] = &[
    Selector { name: "client_id", by: SelectorKind::Client },
    Selector { name: "object_id", by: SelectorKind::Object },
    Selector { name: "msi_res_id", by: SelectorKind::Resource },
    Selector { name: "mi_res_id", by: SelectorKind::Resource },
];
const MULTIPLE: &str = "Multiple user assigned identities exist, please specify the clientId / \
    resourceId of the identity in the token request";
