//! Credentials whose users can be asked to sign in at a moment of the program's choice.

use futures_util::future::BoxFuture;

use crate::authentication_record::AuthenticationRecord;
use crate::cloud::{Authority, Cloud};
use crate::error::{Error, Result};
use crate::token::TokenRequest;
use crate::token_credential::TokenCredential;

/// A credential whose user can be asked to sign in before a token is needed.
pub trait Authenticate: TokenCredential {
    /// Has a user sign in for `request`, even if one has signed in before, and returns the record
    /// of that user. From then on the credential is for that user, and tokens of another user are
    /// forgotten.
    ///
    /// If a sign-in is under way the call waits for that one.
    ///
    /// # Errors
    /// Those of the credential's `get_token`.
    fn authenticate_with<'a>(
        &'a self,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AuthenticationRecord>>;

    /// Has a user sign in for the management API of the cloud, which every user of Azure may call.
    ///
    /// # Errors
    /// `CredentialUnavailable` when the token service is of no known cloud: call
    /// `authenticate_with`, with the scopes to sign in for. Otherwise those of `authenticate_with`.
    fn authenticate(&self) -> BoxFuture<'_, Result<AuthenticationRecord>>;
}

/// Returns the request of an `authenticate` that names no scope.
pub(crate) fn default_request(authority: &Authority) -> Result<TokenRequest> {
    let Some(cloud) = Cloud::of_host(authority.host()) else {
        return Err(Error::unavailable(
            "Authenticating in this environment requires a value for the 'scopes': call \
             authenticate_with",
        ));
    };
    TokenRequest::new(&[cloud.management_scope()])
}

/// Implements the methods `authenticate` and `authenticate_with`, and the trait [`Authenticate`],
/// for a credential that holds the pipeline of a [`UserSource`](crate::user::UserSource).
macro_rules! impl_authenticate {
    ($type:ident) => {
        impl $type {
            /// Has a user sign in now, and returns the record of that user; see
            /// [`Authenticate::authenticate`](crate::Authenticate::authenticate).
            ///
            /// # Errors
            /// Those of [`Authenticate::authenticate`](crate::Authenticate::authenticate).
            pub async fn authenticate(
                &self,
            ) -> $crate::error::Result<$crate::authentication_record::AuthenticationRecord> {
                let authority = &self.0.source().application().authority;
                let request = $crate::user::authenticate::default_request(authority)?;
                self.authenticate_with(&request).await
            }

            /// Has a user sign in now for `request`, and returns the record of that user; see
            /// [`Authenticate::authenticate_with`](crate::Authenticate::authenticate_with).
            ///
            /// # Errors
            /// Those of
            /// [`Authenticate::authenticate_with`](crate::Authenticate::authenticate_with).
            pub async fn authenticate_with(
                &self,
                request: &$crate::token::TokenRequest,
            ) -> $crate::error::Result<$crate::authentication_record::AuthenticationRecord> {
                self.0
                    .source()
                    .authenticate(request, self.0.context())
                    .await
            }
        }

        impl $crate::user::authenticate::Authenticate for $type {
            fn authenticate_with<'a>(
                &'a self,
                request: &'a $crate::token::TokenRequest,
            ) -> ::futures_util::future::BoxFuture<
                'a,
                $crate::error::Result<$crate::authentication_record::AuthenticationRecord>,
            > {
                ::std::boxed::Box::pin(self.authenticate_with(request))
            }

            fn authenticate(
                &self,
            ) -> ::futures_util::future::BoxFuture<
                '_,
                $crate::error::Result<$crate::authentication_record::AuthenticationRecord>,
            > {
                ::std::boxed::Box::pin(self.authenticate())
            }
        }
    };
}

pub(crate) use impl_authenticate;
