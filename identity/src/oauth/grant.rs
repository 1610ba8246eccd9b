//! What a token is asked for on the strength of.

use url::form_urlencoded::Serializer;

use crate::token::TokenRequest;

/// A grant, with what only it knows.
#[derive(Debug)]
pub(crate) enum Grant {
    /// The application itself, no user involved.
    ClientCredentials,
}

impl Grant {
    /// Writes the grant's form fields.
    pub(crate) fn write(&self, request: &TokenRequest, form: &mut Serializer<'_, String>) {
        match self {
            Self::ClientCredentials => {
                form.append_pair("grant_type", "client_credentials");
                form.append_pair("scope", &request.scopes().join(" "));
            }
        }
    }
}
