//! Accounts.

use super::entry::Entry;
use super::record::{Kind, Record, key};

/// An account in a tenant: a guest in three tenants has three of one home account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// `<object id>.<tenant id>` of the account at home; its `sub` where there is no such thing.
    pub(crate) home_account_id: String,
    pub(crate) environment: String,
    /// The tenant it was signed in to.
    pub(crate) realm: String,
    /// Its object id in that tenant.
    pub(crate) local_account_id: String,
    pub(crate) username: String,
    /// `MSSTS`, or `ADFS`.
    pub(crate) authority_type: String,
    /// The grant that established it.
    pub(crate) account_source: Option<String>,
}

impl Account {
    /// The home tenant of the account; `None` when its id does not say.
    pub(crate) fn home_tenant(&self) -> Option<&str> {
        let (_, tenant) = self.home_account_id.split_once('.')?;
        Some(tenant).filter(|tenant| !tenant.contains('.'))
    }
}

impl Record for Account {
    const KIND: Kind = Kind::Account;

    fn key(&self) -> String {
        key(&[&self.home_account_id, &self.environment, &self.realm])
    }

    fn read(entry: &Entry) -> Option<Self> {
        let text = |name| entry.text(name).unwrap_or_default().to_owned();
        Some(Self {
            home_account_id: entry.text("home_account_id")?.to_owned(),
            environment: entry.text("environment")?.to_owned(),
            realm: text("realm"),
            local_account_id: text("local_account_id"),
            username: text("username"),
            authority_type: text("authority_type"),
            account_source: entry.text("account_source").map(str::to_owned),
        })
    }

    fn write(&self, entry: &mut Entry) {
        entry.set("home_account_id", self.home_account_id.clone());
        entry.set("environment", self.environment.clone());
        entry.set("realm", self.realm.clone());
        entry.set("local_account_id", self.local_account_id.clone());
        entry.set("username", self.username.clone());
        entry.set("authority_type", self.authority_type.clone());
        entry.set_or_remove("account_source", self.account_source.clone());
    }
}
