//! The trait of every credential, which can be used as a trait object.

use std::fmt;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use crate::error::Result;
use crate::token::{AccessToken, TokenRequest};

/// A source of tokens: every credential of this crate, and your own.
///
/// ```
/// use futures_util::future::{BoxFuture, FutureExt};
/// use identity::{AccessToken, Result, TokenCredential, TokenRequest};
///
/// /// A credential that always returns one token.
/// #[derive(Debug)]
/// struct Fixed(AccessToken);
///
/// impl TokenCredential for Fixed {
///     fn name(&self) -> &str {
///         "Fixed"
///     }
///
///     fn get_token_with<'a>(&'a self, _: &'a TokenRequest) -> BoxFuture<'a, Result<AccessToken>> {
///         async { Ok(self.0.clone()) }.boxed()
///     }
/// }
/// ```
pub trait TokenCredential: fmt::Debug + Send + Sync {
    /// The name of the credential in the errors of chains.
    fn name(&self) -> &str;

    /// Returns a token for `request`.
    ///
    /// # Errors
    /// Of kind `CredentialUnavailable` when a chain should try its next member.
    fn get_token_with<'a>(
        &'a self,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken>>;

    /// Returns a token for `scopes`, without options.
    ///
    /// # Errors
    /// As [`get_token_with`](Self::get_token_with), and of kind `InvalidArgument` when there is no
    /// scope or a malformed one.
    fn get_token<'a>(&'a self, scopes: &'a [&'a str]) -> BoxFuture<'a, Result<AccessToken>> {
        async move { self.get_token_with(&TokenRequest::new(scopes)?).await }.boxed()
    }

    /// Returns the credential that a chain should have as its member instead of this one. A managed
    /// identity returns one that first checks, within a second, that its host exists. `None`, the
    /// default, means this credential itself.
    fn within_chain(&self) -> Option<Arc<dyn TokenCredential>> {
        None
    }
}

impl<T: TokenCredential + ?Sized> TokenCredential for Arc<T> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn get_token_with<'a>(
        &'a self,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken>> {
        (**self).get_token_with(request)
    }

    fn get_token<'a>(&'a self, scopes: &'a [&'a str]) -> BoxFuture<'a, Result<AccessToken>> {
        (**self).get_token(scopes)
    }

    fn within_chain(&self) -> Option<Arc<dyn TokenCredential>> {
        (**self).within_chain()
    }
}

/// Implements `get_token` and `get_token_with` as methods of a credential, and the traits
/// [`TokenCredential`] and `azure_core::credentials::TokenCredential`. All of them call the two
/// methods of the value that the credential holds.
///
/// It is a macro because a blanket implementation of a foreign trait is not allowed, and the code
/// would otherwise be repeated in the file of every credential. The braces may hold further methods
/// of [`TokenCredential`].
macro_rules! impl_token_credential {
    ($type:ident, |$this:ident| $inner:expr) => {
        $crate::token_credential::impl_token_credential!($type, |$this| $inner, {});
    };
    ($type:ident, |$this:ident| $inner:expr, { $($more:tt)* }) => {
        impl $type {
            /// Returns a token for `scopes`, from the cache while it is fresh.
            ///
            /// # Errors
            /// See [`ErrorKind`](crate::ErrorKind); the documentation of the type says when each
            /// kind occurs.
            pub async fn get_token(
                &self,
                scopes: &[&str],
            ) -> $crate::error::Result<$crate::token::AccessToken> {
                let $this = self;
                $inner.get_token(scopes).await
            }

            /// Returns a token for `request`, from the cache while it is fresh.
            ///
            /// # Errors
            /// See [`ErrorKind`](crate::ErrorKind); the documentation of the type says when each
            /// kind occurs.
            pub async fn get_token_with(
                &self,
                request: &$crate::token::TokenRequest,
            ) -> $crate::error::Result<$crate::token::AccessToken> {
                let $this = self;
                $inner.get_token_with(request).await
            }
        }

        impl $crate::token_credential::TokenCredential for $type {
            fn name(&self) -> &str {
                ::std::stringify!($type)
            }

            fn get_token_with<'a>(
                &'a self,
                request: &'a $crate::token::TokenRequest,
            ) -> ::futures_util::future::BoxFuture<
                'a,
                $crate::error::Result<$crate::token::AccessToken>,
            > {
                ::std::boxed::Box::pin(self.get_token_with(request))
            }

            fn get_token<'a>(
                &'a self,
                scopes: &'a [&'a str],
            ) -> ::futures_util::future::BoxFuture<
                'a,
                $crate::error::Result<$crate::token::AccessToken>,
            > {
                ::std::boxed::Box::pin(self.get_token(scopes))
            }

            $($more)*
        }

        #[cfg(feature = "azure_core")]
        #[::async_trait::async_trait]
        impl ::azure_core::credentials::TokenCredential for $type {
            async fn get_token(
                &self,
                scopes: &[&str],
                options: Option<::azure_core::credentials::TokenRequestOptions<'_>>,
            ) -> ::azure_core::Result<::azure_core::credentials::AccessToken> {
                let token = match $crate::azure_core::request(scopes, options.as_ref())? {
                    None => self.get_token(scopes).await,
                    Some(request) => self.get_token_with(&request).await,
                };
                $crate::azure_core::token(token)
            }
        }
    };
}

pub(crate) use impl_token_credential;
