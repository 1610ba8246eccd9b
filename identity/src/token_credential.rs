//! The object-safe face of every credential.

use std::fmt;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use crate::error::Result;
use crate::token::{AccessToken, TokenRequest};

/// Anything that gives tokens: every credential of this crate, and your own.
///
/// ```
/// use futures_util::future::{BoxFuture, FutureExt};
/// use identity::{AccessToken, Result, TokenCredential, TokenRequest};
///
/// /// Always the same token.
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
    /// What chains call it in their errors.
    fn name(&self) -> &str;

    /// A token for `request`.
    ///
    /// # Errors
    /// Of kind `CredentialUnavailable` when a chain should try its next member.
    fn get_token_with<'a>(
        &'a self,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken>>;

    /// A token for `scopes`, without options.
    ///
    /// # Errors
    /// As [`get_token_with`](Self::get_token_with), and of kind `InvalidArgument` when there is no
    /// scope or a malformed one.
    fn get_token<'a>(&'a self, scopes: &'a [&'a str]) -> BoxFuture<'a, Result<AccessToken>> {
        async move { self.get_token_with(&TokenRequest::new(scopes)?).await }.boxed()
    }

    /// The form of this credential a chain should have as its member, where that is another: a
    /// managed identity then makes sure, quickly, that its host exists. `None` by default.
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

/// Writes the faces of a credential: its own `get_token` and `get_token_with`, our trait and
/// `azure_core`'s, all by way of what it holds inside, which has the first two. A blanket impl
/// could not (the last trait is foreign), and by hand all would be the same in every credential's
/// file. The braces may hold further methods of our trait.
macro_rules! faces {
    ($type:ident, |$this:ident| $inner:expr) => {
        $crate::token_credential::faces!($type, |$this| $inner, {});
    };
    ($type:ident, |$this:ident| $inner:expr, { $($more:tt)* }) => {
        impl $type {
            /// A token for `scopes`, from the cache while it is fresh.
            ///
            /// # Errors
            /// See [`ErrorKind`](crate::ErrorKind), and above when each is meant.
            pub async fn get_token(
                &self,
                scopes: &[&str],
            ) -> $crate::error::Result<$crate::token::AccessToken> {
                let $this = self;
                $inner.get_token(scopes).await
            }

            /// A token for `request`, from the cache while it is fresh.
            ///
            /// # Errors
            /// See [`ErrorKind`](crate::ErrorKind), and above when each is meant.
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

pub(crate) use faces;
