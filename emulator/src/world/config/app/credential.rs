//! How an application proves itself.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::base::secret::Secret;

/// One client secret of an application.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AppSecret {
    /// The secret; must not be empty.
    #[serde(serialize_with = "Secret::exposed")]
    pub value: Secret,
    /// From when on it is refused with AADSTS7000222; default: never.
    #[serde(
        default,
        with = "crate::base::moment::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires: Option<OffsetDateTime>,
}

/// One certificate of an application: the certificate itself, or only its thumbprint.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AppCertificate {
    /// The certificate in PEM; a private key beside it is passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
    /// SHA-1 or SHA-256 thumbprint in hexadecimal. Without `pem` the assertion has to bring the
    /// certificate in its header `x5c`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbprint: Option<String>,
    /// When it ends; default: what the certificate says.
    #[serde(
        default,
        with = "crate::base::moment::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires: Option<OffsetDateTime>,
}

/// A subject name any certificate of which is trusted, as long as the right authority issued it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedSubject {
    /// Common name of the certificate, such as `daemon.contoso.example`.
    pub name: String,
    /// PEM of the authority that has to have signed it; default: any issuer will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
}

/// One federated identity credential: which tokens of another issuer prove the application.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FederatedCredential {
    /// Its display name.
    pub name: String,
    /// `iss` of the token, to the letter.
    pub issuer: String,
    /// `sub` of the token, to the letter; this or `matches`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// A claims matching expression, such as `claims['sub'] matches 'repo:contoso/*'`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Audiences one of which the token has; default `api://AzureADTokenExchange`.
    #[serde(default = "token_exchange")]
    pub audiences: Vec<String>,
}

fn token_exchange() -> Vec<String> {
    vec!["api://AzureADTokenExchange".to_owned()]
}
