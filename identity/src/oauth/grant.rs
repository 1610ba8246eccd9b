//! What a token is asked for on the strength of.

use url::form_urlencoded::Serializer;

use crate::secret::Secret;
use crate::token::TokenRequest;

/// A grant, with what only it knows.
#[derive(Debug)]
pub(crate) enum Grant<'a> {
    /// The application itself, no user involved.
    ClientCredentials,
    /// The user whose token the application was shown.
    OnBehalfOf(&'a Secret),
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
        }
        form.append_pair("scope", &request.scopes().join(" "));
    }

    /// What must not come back in an error text.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::ClientCredentials => "",
            Self::OnBehalfOf(assertion) => assertion.expose(),
        }
    }
}
