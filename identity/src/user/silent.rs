//! Tokens without asking the user: cached ones that are still valid, and those that a refresh token
//! gets.

use super::records::TokenRecords;
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

/// The silent part of getting a token: an application and the cache with its users' accounts.
#[derive(Debug)]
pub(crate) struct SilentFlow {
    pub(crate) application: Application,
    pub(crate) accounts: Accounts,
}

/// The outcome of the silent part.
#[derive(Debug)]
pub(crate) enum SilentOutcome {
    Token(AccessToken),
    /// The user has to sign in. The error is the token service's refusal, if it was asked.
    InteractionRequired(Option<Error>),
}

impl SilentFlow {
    /// Returns a token of the account `home` for `request`.
    ///
    /// # Errors
    /// Those that a new sign-in would not help against.
    pub(crate) async fn token(
        &self,
        home: &str,
        request: &TokenRequest,
        context: &Context,
    ) -> Result<SilentOutcome> {
        if let Some(token) = self
            .cached_token(home, request, context.clock.now())
            .await?
        {
            return Ok(SilentOutcome::Token(token));
        }
        let mut last_refusal = None;
        for (key, refresh_token) in self.refresh_tokens(home, request).await? {
            match self.redeem(home, &refresh_token, request, context).await {
                Ok(token) => return Ok(SilentOutcome::Token(token)),
                Err(error) if !is_about_the_user(&error) => return Err(error),
                Err(error) => {
                    if is_dead(&error) {
                        self.forget(&key, &refresh_token).await;
                    }
                    // The service wants the user (consent, a second factor): no other refresh token
                    // of this user would be accepted either.
                    let is_final = error.kind() == ErrorKind::AuthenticationRequired;
                    last_refusal = Some(error);
                    if is_final {
                        break;
                    }
                }
            }
        }
        Ok(SilentOutcome::InteractionRequired(last_refusal))
    }

    /// Checks that the ID token of `user` is for this application, and for the tenant of `request`.
    pub(crate) fn check(&self, user: &User, request: &TokenRequest) -> Result<()> {
        let tenant = self.application.tenants.resolve(request.tenant_id())?;
        let other_app = !user
            .client_id
            .eq_ignore_ascii_case(&self.application.client_id);
        // Only an id can be compared: a domain or `organizations` stands for an id that is not
        // known here.
        let is_id = uuid::Uuid::try_parse(tenant).is_ok();
        if other_app || is_id && !user.tenant_id.eq_ignore_ascii_case(tenant) {
            return Err(Error::rejected(
                "Authentication failed: the ID token in the answer is of another application or \
                 tenant than was asked for, so nothing of the answer is used",
            ));
        }
        Ok(())
    }

    /// Stores the tokens that the account `home` got for `request`. A failure is only logged: the
    /// token is valid all the same, but the user will be asked again.
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
        let records = TokenRecords::new(owner, tokens, request, context.clock.now());
        let write = |cache: &mut MsalCache| records.insert_into(cache);
        if let Err(error) = self.accounts.update(request.enable_cae(), write).await {
            tracing::warn!(name: "identity.account.lost", %error, "the account is not kept");
        }
        Ok(())
    }

    /// The environment under which the cache holds the accounts of this application's token
    /// service.
    pub(crate) fn environment(&self) -> Environment {
        Environment::of(&self.application.authority)
    }

    /// Returns a cached token that needs no refresh yet. A request with claims gets none: a
    /// resource has refused the token in the cache.
    async fn cached_token(
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
        let record = self.accounts.read(request.enable_cae(), look).await?;
        let token = record.map(|record| record.token());
        Ok(token.filter(|token| now < fresh_until(&token.0)))
    }

    /// Returns the refresh tokens to try, in order, with their keys. The caches for tokens with and
    /// without CAE are separate, but a refresh token serves both, so both are searched.
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

    /// Removes a refresh token that will never be accepted again.
    async fn forget(&self, key: &str, refused: &RefreshToken) {
        for enable_cae in [false, true] {
            let remove = |cache: &mut MsalCache| cache.remove_refresh_token(key, refused);
            // A failure does no harm: the token will be refused and removed at the next call.
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

/// Whether the refresh token has expired or was revoked. After any other refusal it may still be
/// accepted for another resource, or once the user has signed in.
fn is_dead(error: &Error) -> bool {
    const DEAD: [u32; 6] = [50173, 70000, 70008, 700_081, 700_082, 700_084];
    error.aadsts_codes().iter().any(|code| DEAD.contains(code))
}
