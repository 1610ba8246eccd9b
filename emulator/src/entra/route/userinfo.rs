//! The claims about the user of a token, for clients of OpenID Connect.

use axum::extract::State;
use axum::response::Response;
use http::header::WWW_AUTHENTICATE;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::crypto::jwt::Jwt;
use crate::entra::app_state::{AppState, Snapshot};
use crate::entra::route::authorize::{is_read, wrong_method};
use crate::entra::token::Person;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::directory::Member;
use crate::world::first_party;

/// `/oidc/userinfo`, which in the real world is at Microsoft Graph, and `/{tenant}/openid/userinfo`
pub(in crate::entra) async fn userinfo(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    if !is_read(&call.method) && call.method != Method::POST {
        return wrong_method(&call);
    }
    let snapshot = state.snapshot(call.at);
    match about(&snapshot, &call) {
        Ok(claims) => reply::json(StatusCode::OK, &claims),
        Err(problem) => refused(problem, &call),
    }
}

/// Names the user of a token that is for Microsoft Graph and was asked for with `openid`.
fn about(snapshot: &Snapshot, call: &Call) -> Result<Map<String, Value>, &'static str> {
    let token = bearer(call).ok_or("Access token is empty.")?;
    let jwt = Jwt::parse(token).ok_or("JWT is not well formed.")?;
    let kid = jwt.header("kid").unwrap_or_default();
    let keys = snapshot.signing_keys();
    let mut signers = keys.iter().filter(|key| key.kid == kid);
    if !signers.any(|key| key.has_signed(&jwt)) {
        return Err("Access token validation failure. Invalid signature.");
    }
    let end = jwt.moment("exp").flatten();
    let end = end.and_then(|end| OffsetDateTime::from_unix_timestamp(end).ok());
    if end.is_none_or(|end| end + Duration::minutes(5) <= snapshot.now) {
        return Err("Lifetime validation failed, the token is expired.");
    }
    let is_graph = |name: &&str| {
        first_party::find(name).is_some_and(|known| known.app_id == first_party::GRAPH)
    };
    if !jwt.audiences().iter().any(is_graph) {
        return Err("Access token validation failure. Invalid audience.");
    }
    let scopes = jwt.text("scp").unwrap_or_default();
    if !scopes.split(' ').any(|scope| scope == "openid") {
        return Err("Access token lacks the scope 'openid'.");
    }
    let client = id(&jwt, "appid").ok_or("Access token names no client.")?;
    let member = member(snapshot, &jwt).ok_or("Access token is about nobody that is known.")?;
    Ok(claims(&Person::of(&member), client))
}

/// Returns the bearer token of the header, or of the form of a POST (RFC 6750, section 2).
fn bearer(call: &Call) -> Option<&str> {
    let header = call.header("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    });
    let token = header.or_else(|| call.field("access_token"));
    token.filter(|token| !token.is_empty())
}

fn member<'s>(snapshot: &'s Snapshot, jwt: &Jwt<'_>) -> Option<Member<'s>> {
    let directory = &snapshot.directory;
    let tenant = directory.tenant_by_id(id(jwt, "tid")?)?;
    directory.member_by_id(tenant, id(jwt, "oid")?)
}

fn id(jwt: &Jwt<'_>, claim: &str) -> Option<Uuid> {
    Uuid::try_parse(jwt.text(claim)?).ok()
}

/// `sub` is that of the client's ID tokens.
fn claims(person: &Person, client: Uuid) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            claims.insert(name.to_owned(), json!(value));
        }
    };
    put("sub", Some(&person.pairwise(client)));
    put("name", Some(&person.name));
    put("family_name", person.family_name.as_deref());
    put("given_name", person.given_name.as_deref());
    let picture = "https://graph.microsoft.com/v1.0/me/photo/$value";
    put("picture", Some(picture));
    put("email", person.mail.as_deref());
    claims
}

/// In the words of Microsoft Graph.
fn refused(problem: &'static str, call: &Call) -> Response {
    let body = json!({ "error": {
        "code": "InvalidAuthenticationToken",
        "message": problem,
        "innerError": {
            "date": call.timestamp(),
            "request-id": call.trace_id,
            "client-request-id": call.correlation_id,
        },
    } });
    let mut response = reply::json(StatusCode::UNAUTHORIZED, &body);
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", \
         client_id=\"{}\", error=\"invalid_token\", error_description=\"{problem}\"",
        call.origin,
        first_party::GRAPH
    );
    reply::set(response.headers_mut(), WWW_AUTHENTICATE, &challenge);
    response
}
