//! The token endpoint: the only place that combines grants, client authentication and responses.

use std::hash::{BuildHasher, RandomState};

use http::HeaderValue;
use http::header::{ACCEPT, HeaderName};
use serde_json::{Map, Value, json};
use url::Url;
use url::form_urlencoded::Serializer;
use uuid::{Builder, Uuid};

use crate::context::{Context, Request, Response, UnixTime};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::oauth::application::Application;
use crate::oauth::client_auth::Proof;
use crate::oauth::grant::Grant;
use crate::oauth::success;
use crate::oauth::user_tokens::UserTokens;
use crate::token::{AccessToken, TokenRequest};

/// Redeems `grant` for the token `request` describes.
pub(crate) async fn redeem(
    application: &Application,
    grant: &Grant<'_>,
    request: &TokenRequest,
    context: &Context,
) -> Result<AccessToken> {
    send(application, grant, request, context, success::read).await
}

/// Redeems the `grant` of a user for that user's tokens.
pub(crate) async fn redeem_for_user(
    application: &Application,
    grant: &Grant<'_>,
    request: &TokenRequest,
    context: &Context,
) -> Result<UserTokens> {
    send(application, grant, request, context, UserTokens::read).await
}

/// Redeems `grant` and returns what `read` finds in the response.
async fn send<T>(
    application: &Application,
    grant: &Grant<'_>,
    request: &TokenRequest,
    context: &Context,
    read: fn(&Response, UnixTime, &[&str]) -> Result<T>,
) -> Result<T> {
    let tenant = application.tenants.resolve(request.tenant_id())?;
    let endpoint = application.token_endpoint(tenant, grant, context).await?;
    let (client_id, client_auth) = (&application.client_id, &application.client_auth);
    // Made before the first attempt and sent with each: a repeated request is the same request.
    let proof = client_auth.present(client_id, &endpoint, context).await?;
    let id = correlation_id();
    let mut message = build(client_id, endpoint.url, grant, &proof, request, id);
    if let Some(proxy) = &application.proxy {
        // Boxed, because a token proxy is rare and its future would enlarge that of every call.
        message = Box::pin(proxy.reroute(message, context)).await?;
    }
    // An error keeps the id of its response, which may come from a service behind the one asked.
    let identify = |error: Error| match error.correlation_id() {
        Some(_) => error,
        None => error.with_correlation_id(Some(id.to_string())),
    };
    let response = exchange(message, &application.retry, context)
        .await
        .map_err(identify)?;
    let [first, second] = grant.secrets();
    let secrets = [proof.secret(), first, second];
    read(&response, context.clock.now(), &secrets).map_err(identify)
}

/// Builds the request, with `id` for the service's logs.
fn build(
    client_id: &str,
    url: Url,
    grant: &Grant<'_>,
    proof: &Proof,
    request: &TokenRequest,
    id: Uuid,
) -> Request {
    let mut form = Serializer::new(String::new());
    form.append_pair("client_id", client_id);
    grant.write(request, &mut form);
    proof.write(&mut form);
    if let Some(claims) = claims(request) {
        form.append_pair("claims", &claims);
    }
    identified(Request::post_form(url, form.finish()), id)
}

/// Returns an id that no other request has. It need not be hard to guess, so it comes from the seed
/// of std's hash maps, for which the system is asked only once per thread.
pub(crate) fn correlation_id() -> Uuid {
    let state = RandomState::new();
    let halves = [0_u64, 1].map(|half| u128::from(state.hash_one(half)));
    let random = (halves[0] << 64) | halves[1];
    Builder::from_random_bytes(random.to_ne_bytes()).into_uuid()
}

/// Returns `request` with the header that finds it in the service's logs. There are no others, such
/// as the name of the library: a map of headers grows with its seventh, here and in many servers.
pub(crate) fn identified(request: Request, id: Uuid) -> Request {
    let id = HeaderValue::try_from(id.to_string()).unwrap_or(HeaderValue::from_static(""));
    request
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .header(HeaderName::from_static("client-request-id"), id)
}

/// Returns the claims challenge to answer, and with CAE the client's promise to handle the next one
/// (`CP1`).
pub(crate) fn claims(request: &TokenRequest) -> Option<String> {
    if !request.enable_cae() {
        return request.claims().map(str::to_owned);
    }
    // Checked when the request was made: it is an object, and `access_token` in it is one too.
    let parsed = request
        .claims()
        .and_then(|text| serde_json::from_str(text).ok());
    let mut claims: Map<String, Value> = parsed.unwrap_or_default();
    let token = claims.entry("access_token").or_insert(Value::Null);
    if token.is_null() {
        *token = json!({});
    }
    token["xms_cc"] = json!({ "values": ["CP1"] });
    Some(Value::Object(claims).to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::secret::Secret;
    use crate::token::TokenRequestOptions;

    fn built(options: TokenRequestOptions) -> Request {
        let request = TokenRequest::with_options(&["b/.default", "a"], options).unwrap();
        let url = Url::parse("https://login.example:8443/contoso/oauth2/v2.0/token").unwrap();
        let proof = Proof::Secret(Secret::new("s&cr=t+"));
        let grant = Grant::ClientCredentials;
        build("app id", url, &grant, &proof, &request, Uuid::nil())
    }

    #[test]
    fn every_request_has_an_id_of_its_own() {
        let ids: HashSet<_> = (0..1000).map(|_| correlation_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.get_version_num() == 4));
    }

    #[test]
    fn a_client_secret_request_is_one_escaped_form() {
        let request = built(TokenRequestOptions::default());
        assert_eq!(
            &request.body[..],
            b"client_id=app+id&grant_type=client_credentials&scope=b%2F.default+a&client_secret=s%26cr%3Dt%2B"
        );
        assert_eq!(
            request.headers["client-request-id"],
            Uuid::nil().to_string()
        );
        assert!(!request.direct);
    }

    #[test]
    fn cae_promises_to_handle_challenges_besides_answering_this_one() {
        let sent = |claims: Option<&str>, enable_cae| {
            let claims = claims.map(str::to_owned);
            let request = built(TokenRequestOptions {
                claims,
                enable_cae,
                ..Default::default()
            });
            let form: Vec<_> = url::form_urlencoded::parse(&request.body)
                .into_owned()
                .collect();
            form.into_iter()
                .find(|(name, _)| name == "claims")
                .map(|(_, value)| value)
        };
        let promise = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
        assert_eq!(sent(None, false), None);
        assert_eq!(sent(None, true).as_deref(), Some(promise));
        assert_eq!(
            sent(Some(r#"{"access_token":null}"#), true).as_deref(),
            Some(promise)
        );
        assert_eq!(
            sent(Some("{\"a\": 1}"), false).as_deref(),
            Some("{\"a\": 1}")
        );
        assert_eq!(
            sent(Some(r#"{"access_token":{"nbf":{"value":"1"}}}"#), true).as_deref(),
            Some(r#"{"access_token":{"nbf":{"value":"1"},"xms_cc":{"values":["CP1"]}}}"#)
        );
    }
}
