//! The translation between this crate and the official Azure SDK for Rust.
//!
//! Every credential implements `azure_core::credentials::TokenCredential`, so an `Arc` of it goes
//! straight into a client of the official SDK. Settings for which that trait has no place are read
//! from the type map of its request options:
//!
//! ```
//! use azure_core::credentials::TokenRequestOptions;
//! use azure_core::http::ClientMethodOptions;
//! use identity::azure_core::TenantId;
//!
//! let context = azure_core::http::Context::new().with_value(TenantId("contoso.example".into()));
//! let options = TokenRequestOptions {
//!     method_options: ClientMethodOptions { context, ..Default::default() },
//!     ..Default::default()
//! };
//! ```
//!
//! An error is of kind `Credential`; `downcast_ref::<identity::Error>()` on its inner error returns
//! the error of this crate.

use ::azure_core::credentials::{AccessToken as CoreToken, TokenRequestOptions as CoreOptions};
use ::azure_core::error::{Error as CoreError, ErrorKind as CoreKind};

use crate::error::{Error, Result};
use crate::token::{AccessToken, TokenRequest, TokenRequestOptions};

/// The tenant to ask, in the context of a request
/// ([`TokenRequestOptions::tenant_id`](crate::TokenRequestOptions::tenant_id)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantId(pub String);

/// The claims challenge to answer, in the context of a request
/// ([`TokenRequestOptions::claims`](crate::TokenRequestOptions::claims)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims(pub String);

/// Whether the caller handles claims challenges, in the context of a request
/// ([`TokenRequestOptions::enable_cae`](crate::TokenRequestOptions::enable_cae)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnableCae(pub bool);

/// Returns the request of this crate where `options` hold settings; `None` where there are only
/// `scopes`.
pub(crate) fn request(
    scopes: &[&str],
    options: Option<&CoreOptions<'_>>,
) -> Result<Option<TokenRequest>, CoreError> {
    let context = options.map(|options| &options.method_options.context);
    let Some(context) = context.filter(|context| !context.is_empty()) else {
        return Ok(None);
    };
    let options = TokenRequestOptions {
        tenant_id: context.value().map(|TenantId(tenant)| tenant.clone()),
        claims: context.value().map(|Claims(claims)| claims.clone()),
        enable_cae: context.value().is_some_and(|EnableCae(enabled)| *enabled),
    };
    TokenRequest::with_options(scopes, options)
        .map(Some)
        .map_err(error)
}

/// Returns the official SDK's token, or error, for one of this crate.
pub(crate) fn token(token: Result<AccessToken>) -> Result<CoreToken, CoreError> {
    let token = token.map_err(error)?;
    Ok(CoreToken::new(token.token().to_owned(), token.expires_on()))
}

fn error(error: Error) -> CoreError {
    CoreError::new(CoreKind::Credential, error)
}
