//! Credentials whose users can be had to sign in at a moment of the program's choice.

use futures_util::future::BoxFuture;

use crate::authentication_record::AuthenticationRecord;
use crate::cloud::{Authority, Cloud};
use crate::error::{Error, Result};
use crate::token::TokenRequest;
use crate::token_credential::TokenCredential;

/// A credential whose user can be asked to sign in before a token is needed.
pub trait Authenticate: TokenCredential {
    /// Has a user sign in for `request`, whoever is signed in already, and says who it was. From
    /// then on the credential is that user's: its tokens of another one are forgotten.
    ///
    /// A sign-in that is under way is joined.
    ///
    /// # Errors
    /// Those of the credential's `get_token`.
    fn authenticate_with<'a>(
        &'a self,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AuthenticationRecord>>;

    /// The same for the management API of the cloud, which all users of Azure may call.
    ///
    /// # Errors
    /// `CredentialUnavailable` at a token service of no known cloud: say there for which scopes.
    fn authenticate(&self) -> BoxFuture<'_, Result<AuthenticationRecord>>;
}

/// The request of an `authenticate` that names no scope.
pub(crate) fn by_default(authority: &Authority) -> Result<TokenRequest> {
    let Some(cloud) = Cloud::of_host(authority.host()) else {
        return Err(Error::unavailable(
            "Authenticating in this environment requires a value for the 'scopes': call \
             authenticate_with",
        ));
    };
    TokenRequest::new(&[cloud.management_scope()])
}

/// Writes `authenticate` and `authenticate_with` of a credential that holds the pipeline of a
/// [`UserSource`](crate::user::UserSource), and [`Authenticate`].
macro_rules! authenticates {
    ($type:ident) => {
        impl $type {
            /// Has a user sign in now, and says who it was; see
            /// [`Authenticate::authenticate`](crate::Authenticate::authenticate).
            ///
            /// # Errors
            /// As there.
            pub async fn authenticate(
                &self,
            ) -> $crate::error::Result<$crate::authentication_record::AuthenticationRecord> {
                let authority = &self.0.source().application().authority;
                let request = $crate::user::authenticate::by_default(authority)?;
                self.authenticate_with(&request).await
            }

            /// The same for `request`.
            ///
            /// # Errors
            /// As there.
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

pub(crate) use authenticates;
