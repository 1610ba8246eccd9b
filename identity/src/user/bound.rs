//! The user a credential is for.

use std::sync::{Arc, Mutex};

use crate::authentication_record::AuthenticationRecord;
use crate::cache::Cache;
use crate::context::UnixTime;
use crate::sync::lock;
use crate::token::{AccessToken, TokenRequest};

/// Who it is, and the tokens the credential has in memory, which are that user's.
pub(super) struct Bound {
    account: Mutex<Option<AuthenticationRecord>>,
    cache: Arc<Cache>,
}

impl Bound {
    pub(super) fn new(account: Option<AuthenticationRecord>, cache: Arc<Cache>) -> Self {
        let account = Mutex::new(account);
        Self { account, cache }
    }

    pub(super) fn account(&self) -> Option<AuthenticationRecord> {
        lock(&self.account).clone()
    }

    /// Makes `record` the user, who signed in for `request` and got `token`.
    ///
    /// The account first, then the tokens: whatever is fetched for the cache as it is from then on
    /// is the new user's.
    pub(super) fn bind(
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
