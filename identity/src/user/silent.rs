//! What can be had without asking the user: tokens that are still good, and refresh tokens.

use super::kept::Kept;
use crate::cache::accounts::Accounts;
use crate::cache::fresh_until;
use crate::cache::msal::{Environment, MsalCache, Owner, RefreshToken};
use crate::context::{Context, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::application::Application;
use crate::oauth::grant::Grant;
use crate::oauth::token_endpoint;
use crate::oauth::user::User;
use crate::oauth::user_tokens::UserTokens;
use crate::token::{AccessToken, TokenRequest};

/// The accounts of an application's users.
#[derive(Debug)]
pub(crate) struct Silent {
    pub(crate) application: Application,
    pub(crate) accounts: Accounts,
}

/// How far one gets without the user.
#[derive(Debug)]
pub(crate) enum Outcome {
    Token(AccessToken),
    /// The user has to act; with what the service said about it, if it was asked.
    Ask(Option<Error>),
}

impl Silent {
    /// A token of the account `home` for `request`.
    ///
    /// # Errors
    /// What no user could mend.
    pub(crate) async fn token(
        &self,
        home: &str,
        request: &TokenRequest,
        context: &Context,
    ) -> Result<Outcome> {
        if let Some(token) = self.kept(home, request, context.clock.now()).await? {
            return Ok(Outcome::Token(token));
        }
        let mut said = None;
        for (key, refresh_token) in self.refresh_tokens(home, request).await? {
            match self.redeem(home, &refresh_token, request, context).await {
                Ok(token) => return Ok(Outcome::Token(token)),
                Err(error) if !is_about_the_user(&error) => return Err(error),
                Err(error) => {
                    if is_dead(&error) {
                        self.forget(&key, &refresh_token).await;
                    }
                    let is_final = error.kind() == ErrorKind::AuthenticationRequired;
                    said = Some(error);
                    if is_final {
                        break;
                    }
                }
            }
        }
        Ok(Outcome::Ask(said))
    }

    /// Makes sure that `user` is of this application, and of the tenant `request` is for.
    pub(crate) fn check(&self, user: &User, request: &TokenRequest) -> Result<()> {
        let tenant = self.application.tenants.resolve(request.tenant_id())?;
        let other_app = !user
            .client_id
            .eq_ignore_ascii_case(&self.application.client_id);
        // A domain, or `organizations`, does not say which id it comes to.
        let is_id = uuid::Uuid::try_parse(tenant).is_ok();
        if other_app || is_id && !user.tenant_id.eq_ignore_ascii_case(tenant) {
            return Err(Error::rejected(
                "Authentication failed: the ID token in the answer is of another application or \
                 tenant than was asked for, so nothing of the answer is used",
            ));
        }
        Ok(())
    }

    /// Keeps what the account `home` was given for `request`. Where that fails the token is good
    /// all the same, but the user will be asked again.
    pub(crate) async fn keep(
        &self,
        home: &str,
        tokens: &UserTokens,
        request: &TokenRequest,
        context: &Context,
    ) -> Result<()> {
        let tenant = self.application.tenants.resolve(request.tenant_id())?;
        let environment = self.environment();
        let owner = self.owner(home, &environment, tenant);
        let kept = Kept::new(owner, tokens, request, context.clock.now());
        let write = |cache: &mut MsalCache| kept.insert_into(cache);
        if let Err(error) = self.accounts.update(request.enable_cae(), write).await {
            tracing::warn!(name: "identity.account.lost", %error, "the account is not kept");
        }
        Ok(())
    }

    /// Where the accounts of this application's token service are filed.
    pub(crate) fn environment(&self) -> Environment {
        Environment::of(&self.application.authority)
    }

    /// A token from before that needs no refresh yet. One that a resource has challenged does.
    async fn kept(
        &self,
        home: &str,
        request: &TokenRequest,
        now: UnixTime,
    ) -> Result<Option<AccessToken>> {
        let tenant = self.application.tenants.resolve(request.tenant_id())?;
        if request.claims().is_some() {
            return Ok(None);
        }
        let environment = self.environment();
        let owner = self.owner(home, &environment, tenant);
        let look = |cache: &MsalCache| cache.access_token(owner, request.scopes());
        let found = self.accounts.read(request.enable_cae(), look).await?;
        let found = found.map(|found| found.token());
        Ok(found.filter(|token| now < fresh_until(&token.0)))
    }

    /// The refresh tokens to try, in order, with their keys. A refresh token knows nothing of CAE,
    /// so those of the other document do, too.
    async fn refresh_tokens(
        &self,
        home: &str,
        request: &TokenRequest,
    ) -> Result<Vec<(String, RefreshToken)>> {
        let (client, environment) = (&self.application.client_id, self.environment());
        let look = |cache: &MsalCache| cache.refresh_tokens_for(client, home, &environment);
        let mut found = self.accounts.read(request.enable_cae(), look).await?;
        for (key, token) in self.accounts.read(!request.enable_cae(), look).await? {
            if !found.iter().any(|(_, known)| known.secret == token.secret) {
                found.push((key, token));
            }
        }
        Ok(found)
    }

    async fn redeem(
        &self,
        home: &str,
        refresh_token: &RefreshToken,
        request: &TokenRequest,
        context: &Context,
    ) -> Result<AccessToken> {
        let grant = Grant::RefreshToken(&refresh_token.secret);
        let tokens =
            token_endpoint::redeem_for_user(&self.application, &grant, request, context).await?;
        if let Some(user) = &tokens.user {
            self.check(user, request)?;
            if user.home_account_id != home {
                return Err(Error::rejected(
                    "Authentication failed: the token in the answer is of another user than the \
                     refresh token, so it is not used",
                ));
            }
        }
        self.keep(home, &tokens, request, context).await?;
        Ok(tokens.access_token)
    }

    /// Forgets a refresh token that will never be good again.
    async fn forget(&self, key: &str, refused: &RefreshToken) {
        for enable_cae in [false, true] {
            let remove = |cache: &mut MsalCache| cache.remove_refresh_token(key, refused);
            // It will be refused, and forgotten, another time.
            let _ = self.accounts.update(enable_cae, remove).await;
        }
    }

    fn owner<'a>(
        &'a self,
        home: &'a str,
        environment: &'a Environment,
        tenant: &'a str,
    ) -> Owner<'a> {
        Owner {
            home_account_id: Some(home),
            environment,
            client_id: &self.application.client_id,
            realm: tenant,
        }
    }
}

/// Whether the service refused this user's refresh token, and not the application or the request.
fn is_about_the_user(error: &Error) -> bool {
    error.kind() == ErrorKind::AuthenticationRequired
        || error.oauth_error() == Some("invalid_grant")
}

/// Whether the refresh token has expired or was revoked. For all other reasons it may be good for
/// another resource, or once the user has acted.
fn is_dead(error: &Error) -> bool {
    const DEAD: [u32; 6] = [50173, 70000, 70008, 700_081, 700_082, 700_084];
    error.aadsts_codes().iter().any(|code| DEAD.contains(code))
}
