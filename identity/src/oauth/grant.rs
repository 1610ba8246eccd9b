//! The grants for which a token service gives tokens.

use url::form_urlencoded::Serializer;

use crate::secret::Secret;
use crate::token::TokenRequest;

/// A grant with the parameters of its kind.
#[derive(Debug)]
pub(crate) enum Grant<'a> {
    /// The application itself, without a user.
    ClientCredentials,
    /// The user whose access token the application was sent.
    OnBehalfOf(&'a Secret),
    /// The user who signed in on the page of the authorization endpoint.
    AuthorizationCode {
        code: &'a Secret,
        /// The redirect URI to which the page sent the code.
        redirect_uri: &'a str,
        verifier: Option<&'a Secret>,
    },
    /// The user who signs in on another device.
    DeviceCode(&'a Secret),
    /// The user whose password the application knows.
    Password {
        username: &'a str,
        password: &'a Secret,
    },
    /// The user who signed in before.
    RefreshToken(&'a Secret),
}

impl Grant<'_> {
    /// Writes the grant's form fields.
    pub(crate) fn write(&self, request: &TokenRequest, form: &mut Serializer<'_, String>) {
        match self {
            Self::ClientCredentials => {
                form.append_pair("grant_type", "client_credentials");
            }
            Self::OnBehalfOf(assertion) => {
                form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
                form.append_pair("assertion", assertion.expose());
                form.append_pair("requested_token_use", "on_behalf_of");
            }
            Self::AuthorizationCode {
                code,
                redirect_uri,
                verifier,
            } => {
                form.append_pair("grant_type", "authorization_code");
                form.append_pair("code", code.expose());
                form.append_pair("redirect_uri", redirect_uri);
                if let Some(verifier) = verifier {
                    form.append_pair("code_verifier", verifier.expose());
                }
            }
            Self::DeviceCode(code) => {
                form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
                form.append_pair("device_code", code.expose());
            }
            Self::Password { username, password } => {
                form.append_pair("grant_type", "password");
                form.append_pair("username", username);
                form.append_pair("password", password.expose());
            }
            Self::RefreshToken(token) => {
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("refresh_token", token.expose());
            }
        }
        if self.is_of_a_user() {
            // Makes the service name the home tenant of the account, which no claim of the ID token
            // does.
            form.append_pair("client_info", "1");
        }
        if let Some(scope) = self.scope(request) {
            form.append_pair("scope", &scope);
        }
    }

    /// Returns the scopes to ask for; `None` where an earlier request has named them.
    fn scope(&self, request: &TokenRequest) -> Option<String> {
        match self {
            Self::ClientCredentials | Self::OnBehalfOf(_) => Some(request.scopes().join(" ")),
            Self::DeviceCode(_) => None,
            _ => Some(user_scope(request)),
        }
    }

    /// Whether the response names the user and brings a refresh token.
    fn is_of_a_user(&self) -> bool {
        !matches!(self, Self::ClientCredentials | Self::OnBehalfOf(_))
    }

    /// Returns the secrets that must not be repeated in an error text.
    pub(crate) fn secrets(&self) -> [&str; 2] {
        match self {
            Self::ClientCredentials => ["", ""],
            Self::AuthorizationCode { code, verifier, .. } => {
                [code.expose(), verifier.map_or("", Secret::expose)]
            }
            Self::OnBehalfOf(secret)
            | Self::DeviceCode(secret)
            | Self::Password {
                password: secret, ..
            }
            | Self::RefreshToken(secret) => [secret.expose(), ""],
        }
    }
}

/// Returns the scopes of `request` and those that bring an ID token and a refresh token.
pub(crate) fn user_scope(request: &TokenRequest) -> String {
    const USER: [&str; 3] = ["openid", "profile", "offline_access"];
    let own = request.scopes().iter().map(String::as_str);
    let more = USER
        .into_iter()
        .filter(|&scope| !request.scopes().iter().any(|own| own == scope));
    own.chain(more).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn form(grant: &Grant<'_>, scopes: &[&str]) -> BTreeMap<String, String> {
        let mut form = Serializer::new(String::new());
        grant.write(&TokenRequest::new(scopes).unwrap(), &mut form);
        let form = form.finish();
        url::form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect()
    }

    #[test]
    fn a_users_grant_asks_for_a_refresh_token() {
        let secret = Secret::new("s3cret");
        let refresh = form(&Grant::RefreshToken(&secret), &["b", "a"]);
        assert_eq!(refresh["scope"], "b a openid profile offline_access");
        assert_eq!(
            (&*refresh["client_info"], &*refresh["refresh_token"]),
            ("1", "s3cret")
        );
        let own = form(&Grant::RefreshToken(&secret), &["openid", "a"]);
        assert_eq!(own["scope"], "openid a profile offline_access", "once each");
    }

    #[test]
    fn a_device_code_grant_names_no_scopes_again() {
        let device = form(&Grant::DeviceCode(&Secret::new("s3cret")), &["a"]);
        assert!(!device.contains_key("scope"), "{device:?}");
    }

    #[test]
    fn an_application_asks_for_its_scopes_and_nothing_else() {
        let own = form(&Grant::ClientCredentials, &["r/.default"]);
        assert_eq!(own["scope"], "r/.default");
        assert!(!own.contains_key("client_info"));
    }

    #[test]
    fn every_secret_that_a_grant_sends_is_listed_as_a_secret() {
        let (code, verifier) = (Secret::new("c0de"), Secret::new("ver1fier"));
        let grants = [
            Grant::AuthorizationCode {
                code: &code,
                redirect_uri: "http://h",
                verifier: Some(&verifier),
            },
            Grant::Password {
                username: "me",
                password: &code,
            },
            Grant::DeviceCode(&code),
            Grant::RefreshToken(&code),
            Grant::OnBehalfOf(&code),
        ];
        for grant in &grants {
            let sent = form(grant, &["a"]);
            let secrets = grant.secrets();
            for secret in ["c0de", "ver1fier"] {
                let is_sent = sent.values().any(|value| value == secret);
                assert_eq!(is_sent, secrets.contains(&secret), "{grant:?}");
            }
        }
    }
}
