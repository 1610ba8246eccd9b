//! The user that a credential is for.

use std::sync::{Arc, Mutex};

use crate::authentication_record::AuthenticationRecord;
use crate::cache::Cache;
use crate::context::UnixTime;
use crate::sync::lock;
use crate::token::{AccessToken, TokenRequest};

/// The user that a credential is for, and the credential's token cache, which holds only that
/// user's tokens.
pub(super) struct CurrentUser {
    account: Mutex<Option<AuthenticationRecord>>,
    cache: Arc<Cache>,
}

impl CurrentUser {
    pub(super) fn new(account: Option<AuthenticationRecord>, cache: Arc<Cache>) -> Self {
        let account = Mutex::new(account);
        Self { account, cache }
    }

    pub(super) fn account(&self) -> Option<AuthenticationRecord> {
        lock(&self.account).clone()
    }

    /// Makes `record` the user, who signed in for `request` and got `token`. The tokens of another
    /// user are removed from the cache.
    ///
    /// The account changes before the cache is cleared: a fetch that starts after the clearing is
    /// then for the new user, and one from before cannot store its token any more.
    pub(super) fn change(
        &self,
        record: &AuthenticationRecord,
        request: &TokenRequest,
        token: &AccessToken,
        now: UnixTime,
    ) {
        let mut account = lock(&self.account);
        let home = |record: &AuthenticationRecord| record.home_account_id.clone();
        let before = account.replace(record.clone()).as_ref().map(home);
        if before.is_some_and(|before| before != record.home_account_id) {
            self.cache.clear();
        }
        drop(account);
        let slot = self.cache.slot(request, now);
        self.cache.store(&slot, request, token.clone(), now);
    }
}
