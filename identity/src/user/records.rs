//! The cache records of a token service's answer about a user.

use crate::cache::msal::{
    AccessTokenRecord, Account, AppMetadata, IdToken, MsalCache, Owner, RefreshToken, Scopes,
};
use crate::context::UnixTime;
use crate::oauth::grant::user_scope;
use crate::oauth::user_tokens::UserTokens;
use crate::secret::Secret;
use crate::token::TokenRequest;

/// The records of one answer.
pub(super) struct TokenRecords {
    access_token: AccessTokenRecord,
    refresh_token: Option<RefreshToken>,
    id_token: Option<IdToken>,
    account: Option<Account>,
    app: AppMetadata,
}

impl TokenRecords {
    /// Creates the records of `tokens`, which `owner` got for `request` at `now`.
    pub(super) fn new(
        owner: Owner<'_>,
        tokens: &UserTokens,
        request: &TokenRequest,
        now: UnixTime,
    ) -> Self {
        let home_account_id = owner.home_account_id.unwrap_or_default().to_owned();
        let environment = owner.environment.name().to_owned();
        let (client_id, realm) = (owner.client_id.to_owned(), owner.realm.to_owned());
        let token = &tokens.access_token.0;
        let refresh_token = tokens.refresh_token.as_ref().map(|secret| RefreshToken {
            home_account_id: home_account_id.clone(),
            environment: environment.clone(),
            client_id: client_id.clone(),
            family_id: tokens.family_id.clone(),
            scopes: Scopes::parse(&user_scope(request)),
            secret: secret.clone(),
            last_modification_time: now,
        });
        let id_token = tokens.id_token.as_ref().map(|secret| IdToken {
            home_account_id: home_account_id.clone(),
            environment: environment.clone(),
            client_id: client_id.clone(),
            realm: realm.clone(),
            secret: secret.clone(),
        });
        let account = tokens.user.as_ref().map(|user| Account {
            home_account_id: home_account_id.clone(),
            environment: environment.clone(),
            realm: realm.clone(),
            local_account_id: user.local_account_id.clone(),
            username: user.username.clone(),
            authority_type: authority_type(&realm).to_owned(),
            account_source: None,
        });
        let app = AppMetadata {
            client_id: client_id.clone(),
            environment: environment.clone(),
            family_id: tokens.family_id.clone(),
        };
        // The service may write a scope differently from the request: the token is found by either
        // name.
        let granted = tokens
            .scope
            .iter()
            .flat_map(|scope| scope.split_ascii_whitespace());
        let requested = request.scopes().iter().map(String::as_str);
        let access_token = AccessTokenRecord {
            home_account_id: Some(home_account_id),
            environment,
            client_id,
            realm,
            scopes: Scopes::new(granted.chain(requested)),
            secret: Secret::clone(&token.text),
            token_type: token.token_type.clone(),
            cached_at: now,
            expires_on: token.expires_on,
            refresh_on: token.refresh_on,
        };
        Self {
            access_token,
            refresh_token,
            id_token,
            account,
            app,
        }
    }

    /// Inserts the records into `cache`.
    pub(super) fn insert_into(&self, cache: &mut MsalCache) {
        cache.insert(&self.access_token);
        cache.insert(&self.app);
        if let Some(token) = &self.refresh_token {
            cache.insert(token);
        }
        if let Some(token) = &self.id_token {
            cache.insert(token);
        }
        if let Some(account) = &self.account {
            cache.insert(account);
        }
    }
}

/// Returns MSAL's name for the kind of token service that has `tenant`.
fn authority_type(tenant: &str) -> &'static str {
    match tenant.eq_ignore_ascii_case("adfs") {
        true => "ADFS",
        false => "MSSTS",
    }
}
