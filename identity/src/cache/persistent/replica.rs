//! What this process knows of the document.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::sync::OwnedMutexGuard;
use zeroize::Zeroizing;

use super::file_lock;
use super::place::Place;
use super::vault::{Content, Vault};
use crate::cache::msal::MsalCache;
use crate::context::{Context, FileLock, FileVersion};
use crate::error::Result;
use crate::sync::lock;

/// A document as it was when last read or written, with what has changed here since.
pub(super) struct Replica {
    place: Place,
    vault: Vault,
    context: Context,
    /// Held while changing the document: in this process there is no need to ask the file.
    turn: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    document: MsalCache,
    /// Of the file, when it was last read or written; `None` when there was none.
    version: Option<FileVersion>,
}

/// Who may write, of all processes and of this one: the file is free before the next in line here
/// looks at it.
pub(super) type Turn = (FileLock, OwnedMutexGuard<()>);

impl Replica {
    pub(super) fn new(place: Place, allow_unencrypted: bool, context: Context) -> Self {
        Self {
            place,
            vault: Vault::new(allow_unencrypted),
            context,
            turn: Arc::default(),
            state: Mutex::default(),
        }
    }

    /// Finds out how it is kept.
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

    /// The outcome of `change`, and the text of the document if there is anything to write.
    pub(super) fn change<R>(
        &self,
        change: impl FnOnce(&mut MsalCache) -> R,
    ) -> (R, Option<Zeroizing<Vec<u8>>>) {
        let mut state = self.state();
        let outcome = change(&mut state.document);
        let is_changed = state.document.is_changed();
        (outcome, is_changed.then(|| state.document.to_json()))
    }

    /// Writes `text`, to the end even if the caller leaves: the lock must outlast it.
    pub(super) async fn write_through(self: &Arc<Self>, text: Zeroizing<Vec<u8>>, turn: Turn) {
        let replica = Arc::clone(self);
        let writing: Shared<_> = async move {
            replica.write(text).await;
            drop(turn);
        }
        .boxed()
        .shared();
        // Where nothing can run it in the background, awaiting it does.
        drop(self.context.spawn.spawn(writing.clone().boxed()));
        writing.await;
    }

    /// Waits until this process may write; `None` when it may not, for all we know.
    pub(super) async fn turn(&self) -> Option<Turn> {
        let own = Arc::clone(&self.turn).lock_owned().await;
        match file_lock::lock(&self.place.lock, &self.context).await {
            Ok(lock) => Some((lock, own)),
            Err(error) => {
                tracing::warn!(
                    name: "identity.cache.not_locked",
                    path = %self.place.lock.display(),
                    %error,
                    "the token cache cannot be locked; what changes is kept in memory. If no other \
                     program uses it, remove the lock file"
                );
                None
            }
        }
    }

    async fn version(&self) -> Option<FileVersion> {
        self.context.files.version(&self.place.file).await
    }

    /// Whether the file is as it was when last read.
    pub(super) async fn is_current(&self) -> bool {
        let version = self.version().await;
        let state = self.state();
        version.is_some() && version == state.version
    }

    /// Reads the document without the lock; whether it could be.
    pub(super) async fn reload(&self) -> bool {
        let version = self.version().await;
        let Ok(content) = self.vault.load(&self.place, &self.context).await else {
            return false;
        };
        match content {
            Content::None => self.state().accept(version, MsalCache::default()),
            // Another library empties the file before it writes.
            Content::Some(text) if text.is_empty() => return false,
            Content::Some(text) => match MsalCache::parse(&text) {
                Ok(document) => self.state().accept(version, document),
                Err(_) => return false,
            },
            Content::Foreign(_) => return false,
        }
        true
    }

    /// Reads the document in our turn. What is no document is moved aside. Whether it is known now
    /// what is there: if not, it must not be written over.
    pub(super) async fn reload_for_sure(&self, _: &Turn) -> bool {
        let version = self.version().await;
        let reason = match self.vault.load(&self.place, &self.context).await {
            Ok(Content::None) => {
                self.state().accept(version, MsalCache::default());
                return true;
            }
            Ok(Content::Some(text)) => match MsalCache::parse(&text) {
                Ok(document) => {
                    self.state().accept(version, document);
                    return true;
                }
                Err(foreign) => foreign.to_string(),
            },
            Ok(Content::Foreign(error)) => error.to_string(),
            Err(error) => {
                self.warn("read", &error);
                return false;
            }
        };
        self.set_aside(&reason).await
    }

    /// Moves what is there aside, for `reason`. Whether it has gone.
    async fn set_aside(&self, reason: &str) -> bool {
        let aside = self.place.aside(self.context.clock.now());
        let moved = self.vault.set_aside(&self.place, &aside, &self.context);
        if let Err(error) = moved.await {
            self.warn("set aside", &error);
            return false;
        }
        tracing::warn!(
            name: "identity.cache.set_aside",
            path = %self.place.file.display(),
            aside = %aside.file.display(),
            %reason,
            "the token cache holds something else; it is kept aside and a new one begun"
        );
        self.state().accept(None, MsalCache::default());
        true
    }

    async fn write(&self, text: Zeroizing<Vec<u8>>) {
        match self.vault.save(&self.place, text, &self.context).await {
            Ok(()) => {
                let version = self.version().await;
                let mut state = self.state();
                state.document.settle();
                state.version = version;
            }
            Err(error) => self.warn("written", &error),
        }
    }

    fn warn(&self, what: &str, error: &io::Error) {
        tracing::warn!(
            name: "identity.cache.failed",
            path = %self.place.file.display(),
            %error,
            "the token cache cannot be {what}; it is kept in memory meanwhile"
        );
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    /// Takes over what was read, with our changes that are not written yet.
    fn accept(&mut self, version: Option<FileVersion>, document: MsalCache) {
        self.document.rebase(document);
        self.version = version;
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.file.fmt(f)
    }
}
