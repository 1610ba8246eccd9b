//! A server outside Azure with the Azure Arc agent. The agent names a file that only its group can
//! read, and gives a token to whoever sends what stands in it.

use axum::extract::State;
use axum::response::Response;
use http::header::WWW_AUTHENTICATE;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::managed::{self, Ask};
use super::selector::{Selector, SelectorKind, Unchosen, chosen, named};
use super::{Place, Row, error, imds, metadata_rules, strings};
use crate::entra::app_state::AppState;
use crate::entra::endpoint::{Endpoint, any};
use crate::exchange::error::Fault;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::config::ArcHost;

pub(super) const ROW: Row = Row {
    name: "arc",
    about: "a server outside Azure with the Azure Arc agent",
    endpoints: ENDPOINTS,
    environment,
};

const BASE: &str = "/arc";
const PATH: &str = "/arc/metadata/identity/oauth2/token";

const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "arc.token",
    methods: "GET",
    path: PATH,
    route: || any(token),
    about: "tokens of a server's managed identities, after a challenge that names a key file",
}];

fn environment(place: &Place<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("IDENTITY_ENDPOINT", place.http(PATH)),
        ("IMDS_ENDPOINT", place.http(BASE)),
    ]
}

async fn token(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    match answer(&state, &call).await {
        Ok(Answer::Challenge) => challenge(&state, &call),
        Ok(Answer::Token(body)) => reply::json(StatusCode::OK, &body),
        Err(fault) => error::replied(&call, Err(fault), |error| error::verbatim(&call, error)),
    }
}

enum Answer {
    Challenge,
    Token(Value),
}

async fn answer(state: &AppState, call: &Call) -> Result<Answer, Fault> {
    metadata_rules::check(call, &[Method::GET])?;
    let version = call.query("api-version").unwrap_or_default();
    if !VERSIONS.contains(&version) {
        let body = json!({
            "error": "invalid_request",
            "error_description": "Bad request. api-version is invalid or was not specified in the request.",
            "newest-versions": VERSIONS,
        });
        return Err(Fault::Json(StatusCode::BAD_REQUEST, body));
    }
    let resource = metadata_rules::resource(call)?;
    let key = call.header("authorization").and_then(|header| {
        let (scheme, key) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("basic").then_some(key)
    });
    if !key.is_some_and(|key| state.arc_keys().knows(key, call.at)) {
        return Ok(Answer::Challenge);
    }
    let snapshot = state.snapshot(call.at);
    let directory = &snapshot.directory;
    let assigned = directory.assigned(&directory.world().hosts.arc.identities);
    let named = named(call, SELECTORS);
    let identity = chosen(&assigned, &named).map_err(unchosen)?;
    let ask = Ask::of(identity, resource);
    let token = managed::token(state, call, &snapshot, ask).await?;
    let mut whose = vec![("client_id", identity.client_id.to_string())];
    // Old agents give the system-assigned identity's token whatever is asked for; that the name
    // is repeated is how clients tell.
    let echo = |one: &super::selector::Named<'_>| (one.selector.name, one.value.to_owned());
    whose.extend(named.iter().map(echo));
    Ok(Answer::Token(strings::body(&token, resource, call, &whose)))
}

/// 401, with the path of a new key file as the folder is known to clients.
fn challenge(state: &AppState, call: &Call) -> Response {
    let directory = state.snapshot(call.at).directory;
    let host = &directory.world().hosts.arc;
    let issued = state
        .arc_keys()
        .issue(state.random(), host.key_size, call.at);
    let text = match &issued {
        Ok(_) => "The key file of the challenge proves who may ask.".to_owned(),
        Err(error) => format!("The emulator wrote no key file: {error}."),
    };
    let body = json!({ "error": "unauthorized", "error_description": text });
    let mut response = reply::json(StatusCode::UNAUTHORIZED, &body);
    let name = issued.unwrap_or_else(|_| "unwritten.key".to_owned());
    let realm = format!("Basic realm={}", path(host, &name));
    reply::set(response.headers_mut(), WWW_AUTHENTICATE, &realm);
    response
}

fn path(host: &ArcHost, name: &str) -> String {
    let folder = host.key_folder.trim_end_matches(['/', '\\']);
    let separator = if folder.contains('\\') { '\\' } else { '/' };
    format!("{folder}{separator}{name}")
}

fn unchosen(why: Unchosen) -> Fault {
    imds::unchosen(why)
}

const VERSIONS: &[&str] = &["2020-06-01", "2019-11-01", "2019-08-15"];

/// `mi_res_id`, which the metadata service knows, is not among them.
#[rustfmt::skip]
const SELECTORS: &[Selector] = &[
    Selector { name: "client_id", by: SelectorKind::Client },
    Selector { name: "object_id", by: SelectorKind::Object },
    Selector { name: "msi_res_id", by: SelectorKind::Resource },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_of_the_clients_system() {
        let mut host = ArcHost::default();
        assert_eq!(path(&host, "a.key"), "/var/opt/azcmagent/tokens/a.key");
        r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\".clone_into(&mut host.key_folder);
        assert!(path(&host, "a.key").ends_with(r"\Tokens\a.key"));
    }
}
