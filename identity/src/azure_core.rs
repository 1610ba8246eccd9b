//! The official Azure SDK's side of every credential: translation, nothing else.
//!
//! Every credential implements `azure_core::credentials::TokenCredential`, so an
//! `Arc` of it goes straight into a client of the official SDK. What that trait has no
//! place for is read from the type map of its request options:
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
//! An error is of kind `Credential`; `downcast_ref::<identity::Error>()` on its inner error gives
//! ours back.

use ::azure_core::credentials::{AccessToken as CoreToken, TokenRequestOptions as CoreOptions};
use ::azure_core::error::{Error as CoreError, ErrorKind as CoreKind};

use crate::error::{Error, Result};
use crate::token::{AccessToken, TokenRequest, TokenRequestOptions};

/// In the request's context: the tenant to ask
/// ([`TokenRequestOptions::tenant_id`](crate::TokenRequestOptions::tenant_id)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantId(pub String);

/// In the request's context: the claims challenge to answer
/// ([`TokenRequestOptions::claims`](crate::TokenRequestOptions::claims)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims(pub String);

/// In the request's context: whether the caller handles claims challenges
/// ([`TokenRequestOptions::enable_cae`](crate::TokenRequestOptions::enable_cae)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnableCae(pub bool);

/// Our request, where `options` say more than `scopes` do.
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

/// Their token, or error, for ours.
pub(crate) fn token(token: Result<AccessToken>) -> Result<CoreToken, CoreError> {
    let token = token.map_err(error)?;
    Ok(CoreToken::new(token.token().to_owned(), token.expires_on()))
}

fn error(error: Error) -> CoreError {
    CoreError::new(CoreKind::Credential, error)
}
