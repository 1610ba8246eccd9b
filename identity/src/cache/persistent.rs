//! The document on disk, shared with every program of this user that keeps it there.

mod file_lock;
mod location;
mod replica;
mod vault;

use std::fmt;
use std::sync::Arc;

use self::location::CacheLocation;
use self::replica::Replica;
use super::msal::MsalCache;
use crate::context::Context;
use crate::error::Result;

/// Has a credential keep its tokens, and the accounts of users, where they outlive the program and
/// other programs of this user find them: those with this crate, and those with the Microsoft
/// identity libraries for other languages.
///
/// They are encrypted by what the system has for that: the Secret Service on Linux, the Keychain
/// on macOS, the Data Protection API on Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCachePersistenceOptions {
    /// The name of the cache, a file name; `msal.cache` by default, which all Microsoft developer
    /// tools share. Another keeps the tokens apart from theirs.
    pub name: String,
    /// Tokens are kept in a file that only this user may read where nothing can be encrypted, for
    /// example without a desktop session. Off by default: asking for a token is an error there.
    pub allow_unencrypted_storage: bool,
}

impl Default for TokenCachePersistenceOptions {
    fn default() -> Self {
        Self {
            name: "msal.cache".to_owned(),
            allow_unencrypted_storage: false,
        }
    }
}

/// One document on disk. Clones share what they have read of it. Without a home directory it is the
/// error that says so.
#[derive(Clone)]
pub(crate) struct Persistent(Result<Arc<Replica>>);

impl Persistent {
    /// The document for requests with or without CAE.
    ///
    /// # Errors
    /// `InvalidArgument` when the name is no file name.
    pub(crate) fn new(
        options: &TokenCachePersistenceOptions,
        enable_cae: bool,
        context: Context,
    ) -> Result<Self> {
        location::check_name(&options.name)?;
        let location = CacheLocation::new(&options.name, enable_cae, &*context.env);
        let replica = |location| {
            Arc::new(Replica::new(
                location,
                options.allow_unencrypted_storage,
                context,
            ))
        };
        Ok(Self(location.map(replica)))
    }

    /// Whether a document has ever been written. No user is asked to unlock a keyring for this.
    pub(crate) async fn exists(&self) -> bool {
        match &self.0 {
            Ok(replica) => replica.exists().await,
            Err(_) => false,
        }
    }

    /// Reads the latest document. One that cannot be read is taken for what it was when it last
    /// could be.
    ///
    /// # Errors
    /// `CredentialUnavailable` when nothing can be encrypted but has to be, or there is no home
    /// directory.
    pub(crate) async fn read<R>(&self, look: impl FnOnce(&MsalCache) -> R + Send) -> Result<R> {
        let replica = self.open().await?;
        if !replica.is_current().await && !replica.reload().await {
            // It is half written, or no token cache at all. With the lock it is known which.
            if let Some(turn) = replica.turn().await {
                replica.reload_locked(&turn).await;
            }
        }
        Ok(replica.look(look))
    }

    /// Changes the latest document. When it cannot be written the change stays in memory, and is
    /// written with the next.
    ///
    /// # Errors
    /// As [`Persistent::read`].
    pub(crate) async fn update<R>(
        &self,
        change: impl FnOnce(&mut MsalCache) -> R + Send,
    ) -> Result<R> {
        let replica = self.open().await?;
        let Some(turn) = replica.turn().await else {
            replica.reload().await;
            return Ok(replica.change(change).0);
        };
        let is_latest = replica.reload_locked(&turn).await;
        let (outcome, text) = replica.change(change);
        // What others have written since is not written over unread.
        if let Some(text) = text.filter(|_| is_latest) {
            replica.write_through(text, turn).await;
        }
        Ok(outcome)
    }

    async fn open(&self) -> Result<&Arc<Replica>> {
        let replica = self.0.as_ref().map_err(Clone::clone)?;
        replica.open().await?;
        Ok(replica)
    }
}

impl fmt::Debug for Persistent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(replica) => replica.fmt(f),
            Err(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
