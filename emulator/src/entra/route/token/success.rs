//! The reply of a token request that succeeds.

use axum::response::Response;
use http::StatusCode;
use serde::{Serialize, Serializer};

use crate::entra::app_state::AppState;
use crate::entra::token::{Delegated, Hashes, Issue, Signer};
use crate::exchange::reply;
use crate::exchange::request::Call;
use crate::state::managed_tokens::IssuedToken;
use crate::world::cloud;
use crate::world::endpoint_version::EndpointVersion;

/// Signs and says so.
pub(super) async fn reply(
    state: &AppState,
    call: &Call,
    issue: &Issue,
    version: EndpointVersion,
) -> Response {
    let key = state.keys().signer(call.at).await;
    let token = issue.sign(
        &key,
        state.random(),
        call.at,
        &cloud::issuing_origin(&call.origin),
    );
    call.note_issued(token.note.clone());
    let delegated = issue.delegated.as_deref();
    let user = delegated.map(|delegated| {
        let signer = Signer {
            key: &key,
            random: state.random(),
            now: call.at,
            origin: &cloud::issuing_origin(&call.origin),
        };
        OfUser::new(delegated, state, signer)
    });
    let body = Success::new(issue, &token, version, user.unwrap_or_default());
    reply::json(StatusCode::OK, &body)
}

/// The members in the order of the wire: a struct, for a map would move the token twice.
#[derive(Serialize)]
struct Success<'a> {
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    expires_in: Number,
    ext_expires_in: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_in: Option<Number>,
    #[serde(flatten)]
    v1: Option<OfV1<'a>>,
    access_token: &'a str,
    #[serde(flatten)]
    user: OfUser,
}

/// The members that only v1 replies have.
#[derive(Serialize)]
struct OfV1<'a> {
    expires_on: Number,
    not_before: Number,
    resource: &'a str,
}

/// The members of a reply for a user.
#[derive(Default, Serialize)]
struct OfUser {
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    foci: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_info: Option<String>,
}

impl<'a> Success<'a> {
    fn new(
        issue: &'a Issue,
        token: &'a IssuedToken,
        version: EndpointVersion,
        user: OfUser,
    ) -> Self {
        let number = |value| match version {
            EndpointVersion::V1 => Number::Text(value),
            EndpointVersion::V2 => Number::Plain(value),
        };
        let v1 = || OfV1 {
            expires_on: number(token.expires_on),
            not_before: number(token.not_before),
            resource: &issue.audience.asked,
        };
        Self {
            token_type: "Bearer",
            scope: issue.delegated.as_deref().map(|one| one.scope.as_str()),
            expires_in: number(issue.lifetime),
            ext_expires_in: number(issue.lifetime),
            refresh_in: (issue.lifetime >= LONG).then(|| number(issue.lifetime / 2)),
            v1: (version == EndpointVersion::V1).then(v1),
            access_token: &token.value,
            user,
        }
    }
}

impl OfUser {
    fn new(delegated: &Delegated, state: &AppState, signer: Signer<'_>) -> Self {
        let refresh = delegated.refresh_token.as_ref();
        let id_token = delegated.id_token.as_ref();
        let info = || delegated.person.client_info();
        Self {
            refresh_token: refresh.map(|token| state.sealed(token)),
            foci: delegated.family.then_some("1"),
            id_token: id_token.map(|token| token.sign(delegated, signer, Hashes::default())),
            client_info: delegated.client_info.then(info),
        }
    }
}

/// From this lifetime on a reply says when to refresh, in seconds.
const LONG: i64 = 7200;

/// v2 replies have numbers, v1 replies have them as text.
enum Number {
    Plain(i64),
    Text(i64),
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => serializer.serialize_i64(*value),
            Self::Text(value) => serializer.collect_str(value),
        }
    }
}
