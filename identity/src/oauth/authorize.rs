//! The authorization endpoint: the page on which a user signs in, and the response it sends back.

use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::oauth::failure;
use crate::oauth::pkce::Pkce;
use crate::oauth::random::random_secret;
use crate::secret::Secret;

/// One sign-in on the authorization endpoint, with the random values its response has to repeat.
#[derive(Debug)]
pub(crate) struct AuthorizationFlow {
    pub(crate) pkce: Pkce,
    pub(crate) nonce: Secret,
    state: Secret,
}

/// The parameters of an authorization request (RFC 6749, section 4.1.1).
#[derive(Debug)]
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    /// The scopes, separated by spaces.
    pub(crate) scope: &'a str,
    /// The user name to suggest.
    pub(crate) login_hint: Option<&'a str>,
    /// A claims challenge, a JSON object.
    pub(crate) claims: Option<&'a str>,
}

/// The meaning of a request to the redirect URI.
#[derive(Debug)]
pub(crate) enum AuthorizationResponse {
    /// The user has signed in; the code can be redeemed once.
    Code(Secret),
    /// The sign-in failed; there will be no code.
    Refused(Error),
    /// The request does not belong to this sign-in, because its `state` is another.
    Unrelated,
}

impl AuthorizationFlow {
    pub(crate) fn new() -> Result<Self> {
        let (pkce, nonce, state) = (Pkce::new()?, random_secret()?, random_secret()?);
        Ok(Self { pkce, nonce, state })
    }

    /// Returns the URL of `endpoint` with the parameters that the user's browser brings there.
    pub(crate) fn url(&self, mut endpoint: Url, request: &AuthorizationRequest<'_>) -> Url {
        let challenge = self.pkce.challenge();
        let mut query = endpoint.query_pairs_mut();
        query
            .append_pair("client_id", request.client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", request.redirect_uri)
            .append_pair("scope", request.scope)
            // A form keeps the code out of the browser's history and of logs of URLs.
            .append_pair("response_mode", "form_post")
            .append_pair("state", self.state.expose())
            .append_pair("nonce", self.nonce.expose())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("client_info", "1")
            // Otherwise the page takes the account that is signed in in the browser, which need not
            // be the one the user wants here.
            .append_pair("prompt", "select_account");
        if let Some(hint) = request.login_hint {
            query.append_pair("login_hint", hint);
        }
        if let Some(claims) = request.claims {
            query.append_pair("claims", claims);
        }
        drop(query);
        endpoint
    }

    /// Returns the meaning of `fields`, whether they came in a form or in a query.
    pub(crate) fn answer(&self, fields: &[(String, String)]) -> AuthorizationResponse {
        let field = |name: &str| {
            let mut named = fields.iter().filter(|(key, _)| key == name);
            named.next().map(|(_, value)| value.as_str())
        };
        // Checked before anything else is believed: another page could send a code or an error too.
        if field("state") != Some(self.state.expose()) {
            return AuthorizationResponse::Unrelated;
        }
        match (
            field("error"),
            field("code").filter(|code| !code.is_empty()),
        ) {
            (None, Some(code)) => AuthorizationResponse::Code(Secret::new(code)),
            (Some(error), _) => {
                let description = field("error_description").unwrap_or_default();
                AuthorizationResponse::Refused(failure::of_page(
                    error,
                    description,
                    field("error_subcode"),
                ))
            }
            (None, None) => AuthorizationResponse::Refused(Error::new(
                ErrorKind::ClientAuthentication,
                "Authentication failed: the sign-in page answered with neither a code nor an error",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        fields.iter().map(owned).collect()
    }

    fn error(flow: &AuthorizationFlow, fields: &[(&str, &str)]) -> Error {
        let state = [("state", flow.state.expose())];
        match flow.answer(&pairs(&[&state, fields].concat())) {
            AuthorizationResponse::Refused(error) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_url_has_the_hash_of_the_verifier_and_the_values_a_response_repeats() {
        let flow = AuthorizationFlow::new().unwrap();
        let endpoint = Url::parse("https://h/t/oauth2/v2.0/authorize").unwrap();
        let request = AuthorizationRequest {
            client_id: "app",
            redirect_uri: "http://localhost:8400",
            scope: "a b",
            login_hint: Some("me@x"),
            claims: Some("{}"),
        };
        let url = flow.url(endpoint, &request);
        let sent: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(sent["code_challenge"], flow.pkce.challenge());
        assert_eq!(
            (&*sent["scope"], &*sent["login_hint"], &*sent["claims"]),
            ("a b", "me@x", "{}")
        );
        assert_eq!(
            (
                sent["response_mode"].as_str(),
                sent["response_type"].as_str()
            ),
            ("form_post", "code")
        );
        assert_eq!(
            (sent["state"].as_str(), sent["nonce"].as_str()),
            (flow.state.expose(), flow.nonce.expose())
        );
        assert!(!url.as_str().contains(flow.pkce.verifier.expose()));
    }

    #[test]
    fn a_response_with_another_state_is_unrelated() {
        let (flow, other) = (
            AuthorizationFlow::new().unwrap(),
            AuthorizationFlow::new().unwrap(),
        );
        let state = other.state.expose();
        for fields in [
            &[("code", "c"), ("state", state)][..],
            &[("code", "c")],
            &[("error", "access_denied"), ("state", "")],
            &[],
        ] {
            assert!(
                matches!(
                    flow.answer(&pairs(fields)),
                    AuthorizationResponse::Unrelated
                ),
                "{fields:?}"
            );
        }
    }

    #[test]
    fn a_response_with_an_error_is_a_failure_even_if_it_also_has_a_code() {
        let flow = AuthorizationFlow::new().unwrap();
        let fields = pairs(&[("state", flow.state.expose()), ("code", "c0de")]);
        match flow.answer(&fields) {
            AuthorizationResponse::Code(code) => assert_eq!(code.expose(), "c0de"),
            other => panic!("{other:?}"),
        }
        let text = "AADSTS65004: User declined to consent to access the app.";
        let refused = error(
            &flow,
            &[
                ("code", "c"),
                ("error", "access_denied"),
                ("error_description", text),
            ],
        );
        assert_eq!(
            (refused.oauth_error(), refused.aadsts_codes()),
            (Some("access_denied"), &[65004][..])
        );
        assert!(refused.to_string().contains(text));
        assert!(
            error(&flow, &[("code", "")])
                .to_string()
                .contains("neither a code nor an error")
        );
    }
}
