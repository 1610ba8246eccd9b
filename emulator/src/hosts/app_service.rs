//! App Service, and the hosts that took over its endpoint. Two versions of it are in use: that of
//! 2019, and that of 2017 with another header, another selector and dates people can read.

use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::managed::{self, Ask};
use super::selector::{Selector, SelectorKind, chosen, named};
use super::{Place, Row, error};
use crate::base::secret::Secret;
use crate::entra::app_state::AppState;
use crate::entra::endpoint::{Endpoint, any};
use crate::exchange::error::Fault;
use crate::exchange::request::{Call, Incoming};
use crate::state::managed_tokens::IssuedToken;
use crate::world::config::host_secret::{APP_SERVICE, secret};
use crate::world::config::{Hosts, ManagedIdentity};

pub(super) const ROW: Row = Row {
    name: APP_SERVICE,
    about: "App Service, and Azure Automation",
    endpoints: ENDPOINTS,
    environment,
};

/// Today's App Service announces both versions, which SDKs take for the newer one.
pub(super) const ROW_2017: Row = Row {
    name: "app-service-2017",
    about: "App Service as it was announced until 2019",
    endpoints: &[],
    environment: environment_2017,
};

const PATH: &str = "/msi/token";

const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "app_service.token",
    methods: "GET",
    path: PATH,
    route: || any(token),
    about: "tokens of an App Service app's managed identities, by the APIs of 2019 and 2017",
}];

fn environment(place: &Place<'_>) -> Vec<(&'static str, String)> {
    let (url, secret) = (place.http(PATH), service(place.hosts()).secret);
    [of_2019(&url, &secret), of_2017(&url, &secret)].concat()
}

fn environment_2017(place: &Place<'_>) -> Vec<(&'static str, String)> {
    of_2017(&place.http(PATH), &service(place.hosts()).secret).to_vec()
}

/// The variables of 2019.
pub(super) fn of_2019(endpoint: &str, secret: &Secret) -> [(&'static str, String); 2] {
    [
        ("IDENTITY_ENDPOINT", endpoint.to_owned()),
        ("IDENTITY_HEADER", secret.expose().to_owned()),
    ]
}

/// The variables of 2017.
pub(super) fn of_2017(endpoint: &str, secret: &Secret) -> [(&'static str, String); 2] {
    [
        ("MSI_ENDPOINT", endpoint.to_owned()),
        ("MSI_SECRET", secret.expose().to_owned()),
    ]
}

async fn token(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    answered(&state, &call, service).await
}

fn service(hosts: &Hosts) -> AppServiceApi {
    let host = &hosts.app_service;
    AppServiceApi {
        identities: host.identities.clone(),
        secret: secret(host.secret.as_ref(), APP_SERVICE),
        windows: host.windows,
    }
}

/// A host with this endpoint, as the world has it.
#[derive(Debug)]
pub(super) struct AppServiceApi {
    pub(super) identities: Vec<String>,
    pub(super) secret: Secret,
    /// Whether it writes dates as Windows does.
    pub(super) windows: bool,
}

/// The reply of such a host.
pub(super) async fn answered(
    state: &AppState,
    call: &Call,
    of: fn(&Hosts) -> AppServiceApi,
) -> Response {
    let result = answer(state, call, of).await;
    error::replied(call, result, |_| {
        // So it is spelled.
        let text = "An unexpected error occured while fetching the AAD Token.";
        (StatusCode::INTERNAL_SERVER_ERROR, told(call, 500, text))
    })
}

async fn answer(
    state: &AppState,
    call: &Call,
    of: fn(&Hosts) -> AppServiceApi,
) -> Result<Value, Fault> {
    let refused =
        |status: StatusCode, text: &str| Fault::Json(status, told(call, status.as_u16(), text));
    if call.method != Method::GET {
        let text = "The requested resource does not support the http method.";
        return Err(refused(StatusCode::METHOD_NOT_ALLOWED, text));
    }
    let snapshot = state.snapshot(call.at);
    let directory = &snapshot.directory;
    let service = of(&directory.world().hosts);
    let header = ProofHeader::of(call, &service.secret).ok_or_else(|| {
        let text = "The secret of this app is not in the header X-IDENTITY-HEADER.";
        refused(StatusCode::UNAUTHORIZED, text)
    })?;
    let bad = |text: &str| refused(StatusCode::BAD_REQUEST, text);
    let version = call.query("api-version").and_then(Version::of);
    let version = version.ok_or_else(|| bad(&format!("The API versions are {VERSIONS}.")))?;
    let resource = call.query("resource").filter(|value| !value.is_empty());
    let resource = resource.ok_or_else(|| bad("The parameter 'resource' is missing."))?;
    let assigned = directory.assigned(&service.identities);
    let identity = chosen(&assigned, &named(call, version.selectors())).map_err(|_| {
        bad(
            "No User Assigned or Delegated Managed Identity found for specified \
             ClientId/ResourceId/PrincipalId.",
        )
    })?;
    let mut ask = Ask::of(identity, resource);
    if version == Version::V2025 {
        ask = ask.with_revocation(call);
    }
    let token = managed::token(state, call, &snapshot, ask).await?;
    let dated = header == ProofHeader::Secret || version == Version::V2017;
    let expires_on = if dated {
        date(token.expires_on, service.windows)
    } else {
        token.expires_on.to_string()
    };
    Ok(body(&token, identity, resource, &expires_on))
}

/// The header that proved the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProofHeader {
    Identity,
    /// That of 2017: whoever sends it gets dates, whatever version it names.
    Secret,
}

impl ProofHeader {
    fn of(call: &Call, secret: &Secret) -> Option<Self> {
        let proves = |name| call.header(name).is_some_and(|value| secret.matches(value));
        if proves("x-identity-header") {
            Some(Self::Identity)
        } else {
            proves("secret").then_some(Self::Secret)
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V2017,
    V2019,
    /// Knows of tokens that were revoked.
    V2025,
}

const VERSIONS: &str = "2017-09-01, 2019-08-01 and 2025-03-30";

impl Version {
    fn of(text: &str) -> Option<Self> {
        match text {
            "2017-09-01" => Some(Self::V2017),
            "2019-08-01" => Some(Self::V2019),
            "2025-03-30" => Some(Self::V2025),
            _ => None,
        }
    }

    fn selectors(self) -> &'static [Selector] {
        if self == Self::V2017 {
            SELECTORS_2017
        } else {
            SELECTORS
        }
    }
}

/// Readers of the sample in the documentation see the client id in upper case.
fn body(
    token: &IssuedToken,
    identity: &ManagedIdentity,
    resource: &str,
    expires_on: &str,
) -> Value {
    json!({
        "access_token": token.value,
        "expires_on": expires_on,
        "resource": resource,
        "token_type": "Bearer",
        "client_id": identity.client_id.to_string().to_uppercase(),
    })
}

/// `05/22/2021 17:18:21 +00:00`, or on Windows `5/22/2021 5:18:21 PM +00:00`.
fn date(seconds: i64, windows: bool) -> String {
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let text = if windows {
        let form = format_description!(
            "[month padding:none]/[day padding:none]/[year] \
             [hour repr:12 padding:none]:[minute]:[second] [period] +00:00"
        );
        at.format(&form)
    } else {
        let form = format_description!("[month]/[day]/[year] [hour]:[minute]:[second] +00:00");
        at.format(&form)
    };
    text.unwrap_or_default()
}

fn told(call: &Call, status: u16, text: &str) -> Value {
    json!({ "statusCode": status, "message": text, "correlationId": call.correlation_id })
}

#[rustfmt::skip]
const SELECTORS: &[Selector] = &[
    Selector { name: "client_id", by: SelectorKind::Client },
    Selector { name: "principal_id", by: SelectorKind::Object },
    Selector { name: "object_id", by: SelectorKind::Object },
    Selector { name: "mi_res_id", by: SelectorKind::Resource },
];
const SELECTORS_2017: &[Selector] = &[Selector {
    name: "clientid",
    by: SelectorKind::Client,
}];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_recordings() {
        assert_eq!(date(1_621_703_901, false), "05/22/2021 17:18:21 +00:00");
        assert_eq!(date(1_579_151_052, true), "1/16/2020 5:04:12 AM +00:00");
        assert_eq!(date(1_621_703_901, true), "5/22/2021 5:18:21 PM +00:00");
    }
}
