//! The document on disk, shared with every program of this user that keeps it there.

mod lock;
mod place;
mod vault;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::sync::OwnedMutexGuard;
use zeroize::Zeroizing;

use self::place::Place;
use self::vault::{Content, Vault};
use super::msal::MsalCache;
use crate::context::{Context, FileLock, FileVersion};
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
    /// Where nothing can be encrypted, for example without a desktop session, keep tokens in a file
    /// that only this user may read. Off by default: asking for a token is an error then.
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

/// One document on disk. Clones share what they have read of it. Where there is no home directory,
/// the error that says so.
#[derive(Clone)]
pub(crate) struct Persistent(Result<Arc<Inner>>);

struct Inner {
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
type Turn = (FileLock, OwnedMutexGuard<()>);

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
        place::check_name(&options.name)?;
        let place = Place::new(&options.name, enable_cae, &*context.env);
        Ok(Self(place.map(|place| {
            Arc::new(Inner {
                place,
                vault: Vault::new(options.allow_unencrypted_storage),
                context,
                turn: Arc::default(),
                state: Mutex::default(),
            })
        })))
    }

    /// Whether anything has ever been kept there. Asks nobody to unlock a keyring.
    pub(crate) async fn exists(&self) -> bool {
        match &self.0 {
            Ok(inner) => inner.version().await.is_some(),
            Err(_) => false,
        }
    }

    /// Looks into the latest document. One that cannot be read is taken for what it was when it
    /// last could.
    ///
    /// # Errors
    /// `CredentialUnavailable` when nothing can be encrypted but has to be, or there is no home
    /// directory.
    pub(crate) async fn read<R>(&self, look: impl FnOnce(&MsalCache) -> R + Send) -> Result<R> {
        let inner = self.open().await?;
        if !inner.is_current().await && !inner.reload().await {
            // Half written, or foreign: with the lock it is known which.
            if let Some(turn) = inner.turn().await {
                inner.reload_for_sure().await;
                drop(turn);
            }
        }
        Ok(look(&inner.state().document))
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
        let inner = self.open().await?;
        let turn = inner.turn().await;
        match turn {
            Some(_) => inner.reload_for_sure().await,
            None => _ = inner.reload().await,
        }
        let (outcome, text) = {
            let mut state = inner.state();
            let outcome = change(&mut state.document);
            (
                outcome,
                state
                    .document
                    .is_changed()
                    .then(|| state.document.to_json()),
            )
        };
        if let (Some(turn), Some(text)) = (turn, text) {
            inner.write_through(text, turn).await;
        }
        Ok(outcome)
    }

    async fn open(&self) -> Result<&Arc<Inner>> {
        let inner = self.0.as_ref().map_err(Clone::clone)?;
        inner.vault.open(&inner.context).await?;
        Ok(inner)
    }
}

impl Inner {
    /// Writes `text`, to the end even if the caller leaves: the lock must outlast it.
    async fn write_through(self: &Arc<Self>, text: Zeroizing<Vec<u8>>, turn: Turn) {
        let inner = Arc::clone(self);
        let writing: Shared<_> = async move {
            inner.write(text).await;
            drop(turn);
        }
        .boxed()
        .shared();
        // Where nothing can run it in the background, awaiting it does.
        drop(self.context.spawn.spawn(writing.clone().boxed()));
        writing.await;
    }

    async fn turn(&self) -> Option<Turn> {
        let own = Arc::clone(&self.turn).lock_owned().await;
        match lock::lock(&self.place.lock, &self.context).await {
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
    async fn is_current(&self) -> bool {
        let version = self.version().await;
        let state = self.state();
        version.is_some() && version == state.version
    }

    /// Reads the document without the lock; whether it could be.
    async fn reload(&self) -> bool {
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

    /// Reads the document with the lock held. What is no document is moved aside.
    async fn reload_for_sure(&self) {
        let version = self.version().await;
        let reason = match self.vault.load(&self.place, &self.context).await {
            Ok(Content::None) => return self.state().accept(version, MsalCache::default()),
            Ok(Content::Some(text)) => match MsalCache::parse(&text) {
                Ok(document) => return self.state().accept(version, document),
                Err(foreign) => foreign.to_string(),
            },
            Ok(Content::Foreign(error)) => error.to_string(),
            Err(error) => return self.warn("read", &error),
        };
        let aside = self.place.aside(self.context.clock.now());
        match self
            .vault
            .set_aside(&self.place, &aside, &self.context)
            .await
        {
            Ok(()) => {
                tracing::warn!(
                    name: "identity.cache.set_aside",
                    path = %self.place.file.display(),
                    aside = %aside.file.display(),
                    %reason,
                    "the token cache holds something else; it is kept aside and a new one begun"
                );
                self.state().accept(None, MsalCache::default());
            }
            Err(error) => self.warn("set aside", &error),
        }
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
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes over what was read, with our changes that are not written yet.
    fn accept(&mut self, version: Option<FileVersion>, document: MsalCache) {
        self.document.rebase(document);
        self.version = version;
    }
}

impl fmt::Debug for Persistent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(inner) => inner.place.file.fmt(f),
            Err(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
