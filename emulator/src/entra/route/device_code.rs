//! The device code endpoints.

use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::entra::app_state::{AppState, Snapshot};
use crate::entra::claims_request::ClaimsRequest;
use crate::entra::client_auth::identify_id;
use crate::entra::cross_cloud;
use crate::entra::route::authorize::not_accepted;
use crate::entra::scope::RequestedScopes;
use crate::entra::stores::codes::Asked;
use crate::entra::stores::device_codes::LIFETIME;
use crate::exchange::error::{Aadsts, Fault};
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::authority::Authority;
use crate::world::device_polling::INTERVAL;
use crate::world::directory::Directory;
use crate::world::endpoint_version::EndpointVersion;

/// `/{tenant}/oauth2/v2.0/devicecode`
pub(in crate::entra) async fn v2(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    answer(&state, &call, EndpointVersion::V2)
}

/// `/{tenant}/oauth2/devicecode`
pub(in crate::entra) async fn v1(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    answer(&state, &call, EndpointVersion::V1)
}

fn answer(state: &AppState, call: &Call, version: EndpointVersion) -> Response {
    // Old clients put everything into the query, and some of them do so with a GET.
    let taken = call.method == Method::POST
        || (version == EndpointVersion::V1 && call.method == Method::GET);
    let response = if taken {
        match issue(state, call, version) {
            Ok(body) => reply::json(StatusCode::OK, &body),
            Err(error) => Fault::from(error).at_entra(call),
        }
    } else {
        not_accepted("POST", call)
    };
    reply::as_token_reply(response, call)
}

fn issue(state: &AppState, call: &Call, version: EndpointVersion) -> Result<Value, Aadsts> {
    let snapshot = state.snapshot(call.at);
    let authority = call.tenant_segment();
    let client_id = client(&snapshot, call, &authority)?;
    let asked = asked(call, version)?;
    let claims = field(call, "claims");
    ClaimsRequest::parse(claims)?;
    let claims = claims.map(str::to_owned);
    let codes = state.device_codes();
    let (device_code, user_code) =
        codes.issue(client_id, authority, asked, claims, state.random(), call.at);
    let page = format!(
        "{}{}/common/oauth2/deviceauth",
        call.origin,
        state.addresses().base()
    );
    let message = format!(
        "To sign in, use a web browser to open the page {page} and enter the code {user_code} to \
         authenticate."
    );
    Ok(match version {
        EndpointVersion::V2 => json!({
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": page,
            "expires_in": LIFETIME,
            "interval": INTERVAL,
            "message": message,
        }),
        EndpointVersion::V1 => json!({
            "user_code": user_code,
            "device_code": device_code,
            "verification_url": page,
            "expires_in": LIFETIME.to_string(),
            "interval": INTERVAL.to_string(),
            "message": message,
        }),
    })
}

/// The client, which at `common` may live in any tenant.
fn client(snapshot: &Snapshot, call: &Call, segment: &str) -> Result<uuid::Uuid, Aadsts> {
    let directory = &snapshot.directory;
    let authority = Authority::parse(segment, directory)?;
    let id = required(call, "client_id")?;
    let anywhere = || {
        let app = directory.app(uuid::Uuid::try_parse(id.trim()).ok()?)?;
        directory.home_of(app)
    };
    if matches!(authority, Authority::Consumers) {
        check_personal(directory, id)?;
    }
    let tenant = match authority {
        Authority::Tenant(tenant) => Some(tenant),
        Authority::Common | Authority::Organizations | Authority::Consumers => {
            anywhere().or_else(|| directory.world().tenants.first())
        }
    };
    let tenant = tenant.ok_or_else(|| Aadsts::new(50059))?;
    let app = identify_id(snapshot, tenant, id)?;
    cross_cloud::check_tenant(call, tenant)?;
    Ok(app.client_id)
}

/// Refuses a client that is for accounts of tenants only.
fn check_personal(directory: &Directory, id: &str) -> Result<(), Aadsts> {
    let id = uuid::Uuid::try_parse(id.trim()).ok();
    match id.and_then(|id| directory.app(id)) {
        Some(app) if !app.personal_accounts => Err(Aadsts::new(90130)
            .with("id", app.client_id.to_string())
            .with("name", &app.name)),
        _ => Ok(()),
    }
}

fn asked(call: &Call, version: EndpointVersion) -> Result<Asked, Aadsts> {
    match version {
        EndpointVersion::V1 => Ok(Asked::Resource(required(call, "resource")?.to_owned())),
        EndpointVersion::V2 if field(call, "resource").is_some() => Err(Aadsts::new(901002)),
        EndpointVersion::V2 => {
            let scope = required(call, "scope")?;
            RequestedScopes::parse(scope)?;
            Ok(Asked::Scope(scope.to_owned()))
        }
    }
}

fn field<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let all = call.form.iter().chain(&call.query);
    let mut named = all.filter(|(key, value)| key == name && !value.is_empty());
    named.next().map(|(_, value)| value.as_str())
}

fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Aadsts> {
    field(call, name).ok_or_else(|| Aadsts::new(900144).with("parameter", name))
}
