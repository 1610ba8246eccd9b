//! How an application proves that it is itself.

use url::form_urlencoded::Serializer;

use crate::secret::Secret;

/// A way of client authentication.
#[derive(Debug)]
pub(crate) enum ClientAuth<'a> {
    /// A client secret, in the form (the way every Microsoft library sends it).
    Secret(&'a Secret),
}

impl ClientAuth<'_> {
    /// Writes the form fields of the proof.
    pub(crate) fn write(&self, form: &mut Serializer<'_, String>) {
        match self {
            Self::Secret(secret) => form.append_pair("client_secret", secret.expose()),
        };
    }

    /// What must not come back in an error text.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::Secret(secret) => secret.expose(),
        }
    }
}
