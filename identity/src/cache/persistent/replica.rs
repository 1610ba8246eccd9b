//! The copy of the document in this process.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::sync::OwnedMutexGuard;
use zeroize::Zeroizing;

use super::file_lock;
use super::location::CacheLocation;
use super::vault::{Content, Vault};
use crate::cache::msal::MsalCache;
use crate::context::{Context, FileLock, FileVersion};
use crate::error::Result;
use crate::sync::lock;

/// A document as it was when last read or written, with what has changed here since.
pub(super) struct Replica {
    location: CacheLocation,
    vault: Vault,
    context: Context,
    /// Held while the document is changed. Callers of one process queue here and not at the file.
    turn: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<ReplicaState>,
}

#[derive(Default)]
struct ReplicaState {
    document: MsalCache,
    /// The version of the file when it was last read or written; `None` when there was no file.
    version: Option<FileVersion>,
}

/// The right to write: before all other processes, and before all other callers of this one. Its
/// members are dropped in this order, so the file is unlocked before the next caller here tries it.
pub(super) type Turn = (FileLock, OwnedMutexGuard<()>);

impl Replica {
    pub(super) fn new(location: CacheLocation, allow_unencrypted: bool, context: Context) -> Self {
        Self {
            location,
            vault: Vault::new(allow_unencrypted),
            context,
            turn: Arc::default(),
            state: Mutex::default(),
        }
    }

    /// Finds out whether the document can be encrypted.
    ///
    /// # Errors
    /// `CredentialUnavailable` when nothing can be encrypted but has to be.
    pub(super) async fn open(&self) -> Result<()> {
        self.vault.open(&self.context).await
    }

    pub(super) async fn exists(&self) -> bool {
        self.version().await.is_some()
    }

    pub(super) fn look<R>(&self, look: impl FnOnce(&MsalCache) -> R) -> R {
        look(&self.state().document)
    }

    /// Makes `change`; returns its outcome, and the text of the document if there is anything to
    /// write.
    pub(super) fn change<R>(
        &self,
        change: impl FnOnce(&mut MsalCache) -> R,
    ) -> (R, Option<Zeroizing<Vec<u8>>>) {
        let mut state = self.state();
        let outcome = change(&mut state.document);
        let is_changed = state.document.is_changed();
        (outcome, is_changed.then(|| state.document.to_json()))
    }

    /// Writes `text`, to the end even if the caller leaves: the lock must be held until then.
    pub(super) async fn write_through(self: &Arc<Self>, text: Zeroizing<Vec<u8>>, turn: Turn) {
        let replica = Arc::clone(self);
        let writing: Shared<_> = async move {
            replica.write(text).await;
            drop(turn);
        }
        .boxed()
        .shared();
        // Where nothing can run it in the background, the caller does by awaiting it.
        drop(self.context.spawn.spawn(writing.clone().boxed()));
        writing.await;
    }

    /// Waits until this process may write; `None` when the lock cannot be had.
    pub(super) async fn turn(&self) -> Option<Turn> {
        let own = Arc::clone(&self.turn).lock_owned().await;
        match file_lock::lock(&self.location.lock, &self.context).await {
            Ok(lock) => Some((lock, own)),
            Err(error) => {
                tracing::warn!(
                    name: "identity.cache.not_locked",
                    path = %self.location.lock.display(),
                    %error,
                    "the token cache cannot be locked; what changes is kept in memory. If no other \
                     program uses it, remove the lock file"
                );
                None
            }
        }
    }

    async fn version(&self) -> Option<FileVersion> {
        self.context.files.version(&self.location.file).await
    }

    /// Whether the file is as it was when last read.
    pub(super) async fn is_current(&self) -> bool {
        let version = self.version().await;
        let state = self.state();
        version.is_some() && version == state.version
    }

    /// Reads the document without the lock; returns whether it could be read.
    pub(super) async fn reload(&self) -> bool {
        let version = self.version().await;
        let Ok(content) = self.vault.load(&self.location, &self.context).await else {
            return false;
        };
        match content {
            Content::None => self.state().accept(version, MsalCache::default()),
            // Another library empties the file before it writes to it.
            Content::Some(text) if text.is_empty() => return false,
            Content::Some(text) => match MsalCache::parse(&text) {
                Ok(document) => self.state().accept(version, document),
                Err(_) => return false,
            },
            Content::Unreadable(_) => return false,
        }
        true
    }

    /// Reads the document with the lock held, and moves aside what is no document. Returns whether
    /// it is known now what is there: if not, it must not be written over.
    pub(super) async fn reload_locked(&self, _: &Turn) -> bool {
        let version = self.version().await;
        let reason = match self.vault.load(&self.location, &self.context).await {
            Ok(Content::None) => {
                self.state().accept(version, MsalCache::default());
                return true;
            }
            Ok(Content::Some(text)) => match MsalCache::parse(&text) {
                Ok(document) => {
                    self.state().accept(version, document);
                    return true;
                }
                Err(error) => error.to_string(),
            },
            Ok(Content::Unreadable(error)) => error.to_string(),
            Err(error) => {
                self.warn("read", &error);
                return false;
            }
        };
        self.set_aside(&reason).await
    }

    /// Moves what is there aside, for `reason`; returns whether it is gone.
    async fn set_aside(&self, reason: &str) -> bool {
        let aside = self.location.aside(self.context.clock.now());
        let moved = self.vault.set_aside(&self.location, &aside, &self.context);
        if let Err(error) = moved.await {
            self.warn("set aside", &error);
            return false;
        }
        tracing::warn!(
            name: "identity.cache.set_aside",
            path = %self.location.file.display(),
            aside = %aside.file.display(),
            %reason,
            "the token cache holds something else; it is kept aside and a new one begun"
        );
        self.state().accept(None, MsalCache::default());
        true
    }

    async fn write(&self, text: Zeroizing<Vec<u8>>) {
        match self.vault.save(&self.location, text, &self.context).await {
            Ok(()) => {
                let version = self.version().await;
                let mut state = self.state();
                state.document.forget_changes();
                state.version = version;
            }
            Err(error) => self.warn("written", &error),
        }
    }

    fn warn(&self, what: &str, error: &io::Error) {
        tracing::warn!(
            name: "identity.cache.failed",
            path = %self.location.file.display(),
            %error,
            "the token cache cannot be {what}; it is kept in memory meanwhile"
        );
    }

    fn state(&self) -> MutexGuard<'_, ReplicaState> {
        lock(&self.state)
    }
}

impl ReplicaState {
    /// Takes over what was read, with the changes made here that are not written yet.
    fn accept(&mut self, version: Option<FileVersion>, document: MsalCache) {
        self.document.rebase(document);
        self.version = version;
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.location.file.fmt(f)
    }
}
