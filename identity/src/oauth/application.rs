//! The application that asks for tokens, and the token service it asks.

use crate::cloud::Authority;
use crate::context::Context;
use crate::error::Result;
use crate::isolation::{ApplicationIdentity, Fingerprint, Identity};
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::endpoint::{Endpoint, is_adfs};
use crate::oauth::grant::Grant;
use crate::oauth::instance::Instance;
use crate::oauth::region::Region;
use crate::oauth::tenants::Tenants;
use crate::oauth::token_proxy::TokenProxy;
use crate::retry::RetryPolicy;
use crate::secret::Secret;

/// An application at a token service.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) authority: Authority,
    pub(crate) instance: Instance,
    pub(crate) region: Region,
    pub(crate) proxy: Option<TokenProxy>,
    pub(crate) tenants: Tenants,
    pub(crate) client_id: String,
    pub(crate) client_auth: ClientAuth,
    pub(crate) retry: RetryPolicy,
}

impl Application {
    /// The identity of its tokens for `credential`, in the name of `user` if there is one.
    pub(crate) fn identity(&self, credential: &'static str, user: Option<&Secret>) -> Identity {
        Identity::Application(Box::new(ApplicationIdentity {
            credential,
            authority: self.authority.clone(),
            region: self.region.identity(),
            proxy: self.proxy.as_ref().map(TokenProxy::identity),
            tenant_id: self.tenants.home().to_owned(),
            client_id: self.client_id.clone(),
            proof: self.client_auth.identity(),
            user: user.map(Fingerprint::from),
        }))
    }

    /// Returns the endpoint that redeems `grant` for tokens of `tenant`.
    ///
    /// # Errors
    /// When Microsoft Entra ID does not know the authority, or that cannot be found out.
    pub(crate) async fn token_endpoint(
        &self,
        tenant: &str,
        grant: &Grant<'_>,
        context: &Context,
    ) -> Result<Endpoint> {
        // A pod with a token proxy may reach nothing else, so nobody can be asked from there.
        if self.proxy.is_none() {
            self.check_authority(tenant, context).await?;
        }
        // Regional services know no users, and Federation Services have no regions.
        let regional = match grant {
            Grant::ClientCredentials if !is_adfs(tenant) => {
                self.region.of(&self.authority, context).await
            }
            _ => None,
        };
        let authority = regional.as_ref().unwrap_or(&self.authority);
        Ok(Endpoint::new(authority, tenant, "token"))
    }

    /// Returns the endpoint `name` of `tenant`, for a user to sign in.
    ///
    /// # Errors
    /// As [`Application::token_endpoint`].
    pub(crate) async fn user_endpoint(
        &self,
        tenant: &str,
        name: &str,
        context: &Context,
    ) -> Result<Endpoint> {
        self.check_authority(tenant, context).await?;
        Ok(Endpoint::new(&self.authority, tenant, name))
    }

    /// Makes sure that the authority is one of Microsoft Entra ID's. Federation Services are passed
    /// over, because no list of Microsoft's knows them.
    async fn check_authority(&self, tenant: &str, context: &Context) -> Result<()> {
        if is_adfs(tenant) {
            return Ok(());
        }
        let (instance, authority) = (&self.instance, &self.authority);
        instance
            .check(authority, tenant, &self.retry, context)
            .await
    }
}
