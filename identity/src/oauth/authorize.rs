//! The authorization endpoint: the page a user signs in on, and the answer it sends back.

use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::oauth::failure;
use crate::oauth::pkce::Pkce;
use crate::oauth::unguessable::unguessable;
use crate::secret::Secret;

/// One sign-in on the authorization endpoint: what the answer to it has to repeat.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) pkce: Pkce,
    pub(crate) nonce: Secret,
    state: Secret,
}

/// What the page is asked for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    /// Separated by spaces.
    pub(crate) scope: &'a str,
    /// The user name to suggest.
    pub(crate) login_hint: Option<&'a str>,
    /// A claims challenge, a JSON object.
    pub(crate) claims: Option<&'a str>,
}

/// What came to the redirect URI.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The user has signed in; good for one redemption.
    Code(Secret),
    /// There will be no code.
    Refused(Error),
    /// It does not belong to this sign-in.
    Foreign,
}

impl Visit {
    pub(crate) fn new() -> Result<Self> {
        let (pkce, nonce, state) = (Pkce::new()?, unguessable()?, unguessable()?);
        Ok(Self { pkce, nonce, state })
    }

    /// `endpoint` with everything a user's browser has to bring there.
    pub(crate) fn url(&self, mut endpoint: Url, wanted: &Wanted<'_>) -> Url {
        let challenge = self.pkce.challenge();
        let mut query = endpoint.query_pairs_mut();
        query
            .append_pair("client_id", wanted.client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", wanted.redirect_uri)
            .append_pair("scope", wanted.scope)
            .append_pair("response_mode", "form_post")
            .append_pair("state", self.state.expose())
            .append_pair("nonce", self.nonce.expose())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("client_info", "1")
            // Whoever is signed in in the browser need not be who is meant.
            .append_pair("prompt", "select_account");
        if let Some(hint) = wanted.login_hint {
            query.append_pair("login_hint", hint);
        }
        if let Some(claims) = wanted.claims {
            query.append_pair("claims", claims);
        }
        drop(query);
        endpoint
    }

    /// What `fields` mean, whether they came in a form or in a query.
    pub(crate) fn answer(&self, fields: &[(String, String)]) -> Answer {
        let field = |name: &str| {
            let mut named = fields.iter().filter(|(key, _)| key == name);
            named.next().map(|(_, value)| value.as_str())
        };
        if field("state") != Some(self.state.expose()) {
            return Answer::Foreign;
        }
        match (
            field("error"),
            field("code").filter(|code| !code.is_empty()),
        ) {
            (None, Some(code)) => Answer::Code(Secret::new(code)),
            (Some(error), _) => {
                let description = field("error_description").unwrap_or_default();
                Answer::Refused(failure::of_page(error, description, field("error_subcode")))
            }
            (None, None) => Answer::Refused(Error::new(
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

    fn error(visit: &Visit, fields: &[(&str, &str)]) -> Error {
        let state = [("state", visit.state.expose())];
        match visit.answer(&pairs(&[&state, fields].concat())) {
            Answer::Refused(error) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_browser_carries_the_hash_of_the_verifier_and_all_that_comes_back() {
        let visit = Visit::new().unwrap();
        let endpoint = Url::parse("https://h/t/oauth2/v2.0/authorize").unwrap();
        let wanted = Wanted {
            client_id: "app",
            redirect_uri: "http://localhost:8400",
            scope: "a b",
            login_hint: Some("me@x"),
            claims: Some("{}"),
        };
        let url = visit.url(endpoint, &wanted);
        let sent: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(sent["code_challenge"], visit.pkce.challenge());
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
            (visit.state.expose(), visit.nonce.expose())
        );
        assert!(!url.as_str().contains(visit.pkce.verifier.expose()));
    }

    #[test]
    fn an_answer_of_another_sign_in_is_nobodys() {
        let (visit, other) = (Visit::new().unwrap(), Visit::new().unwrap());
        let state = other.state.expose();
        for fields in [
            &[("code", "c"), ("state", state)][..],
            &[("code", "c")],
            &[("error", "access_denied"), ("state", "")],
            &[],
        ] {
            assert!(
                matches!(visit.answer(&pairs(fields)), Answer::Foreign),
                "{fields:?}"
            );
        }
    }

    #[test]
    fn a_code_is_a_code_and_an_error_goes_before_it() {
        let visit = Visit::new().unwrap();
        let fields = pairs(&[("state", visit.state.expose()), ("code", "c0de")]);
        match visit.answer(&fields) {
            Answer::Code(code) => assert_eq!(code.expose(), "c0de"),
            other => panic!("{other:?}"),
        }
        let text = "AADSTS65004: User declined to consent to access the app.";
        let refused = error(
            &visit,
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
            error(&visit, &[("code", "")])
                .to_string()
                .contains("neither a code nor an error")
        );
    }
}
