//! The content of a cache on disk: encrypted, or where that is impossible and allowed in plain
//! text.

use std::io;
use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::location::CacheLocation;
use crate::context::Context;
use crate::error::{Error, Result};

/// The most bytes that are read. A file with more is no token cache.
const LIMIT: u64 = 64 << 20;

/// A store that encrypts where that is possible.
pub(super) struct Vault {
    allow_unencrypted: bool,
    /// Whether encryption turned out to be possible. It is set once, so that a program does not
    /// change from one to the other while it runs.
    encrypts: OnceLock<bool>,
}

/// The content that was found.
pub(super) enum Content {
    /// Nothing has been stored yet.
    None,
    Some(Zeroizing<Vec<u8>>),
    /// There is something that cannot be decrypted.
    Unreadable(io::Error),
}

impl Vault {
    pub(super) fn new(allow_unencrypted: bool) -> Self {
        Self {
            allow_unencrypted,
            encrypts: OnceLock::new(),
        }
    }

    /// Finds out whether encryption is possible.
    ///
    /// # Errors
    /// `CredentialUnavailable` when it cannot but has to.
    pub(super) async fn open(&self, context: &Context) -> Result<()> {
        if self.encrypts.get().is_some() {
            return Ok(());
        }
        let checked = context.encryption.check().await;
        if let Err(error) = &checked {
            if error.kind() == io::ErrorKind::TimedOut {
                // There is a keyring, and it does not answer. To do without it would leave secrets
                // in two places.
                return Ok(());
            }
            if !self.allow_unencrypted {
                return Err(impossible(error));
            }
            tracing::warn!(
                name: "identity.cache.unencrypted",
                %error,
                "nothing can be encrypted here; tokens are kept in a file only this user may read"
            );
        }
        self.encrypts.get_or_init(|| checked.is_ok());
        Ok(())
    }

    /// Reads the content at `location`.
    pub(super) async fn load(
        &self,
        location: &CacheLocation,
        context: &Context,
    ) -> io::Result<Content> {
        // Who can put a file there decides whose accounts this program uses.
        context.files.check_directory(&location.file).await?;
        let file = match context.files.read(&location.file, LIMIT).await {
            Ok(file) => Zeroizing::new(file),
            // Other libraries go by the file, too: without it there is nothing in the keyring
            // either.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::None),
            Err(error) => return Err(error),
        };
        if !self.encrypts() {
            return Ok(Content::Some(file));
        }
        match context.encryption.load(&location.name, file).await {
            Ok(Some(content)) => Ok(Content::Some(content)),
            Ok(None) => Ok(Content::None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Ok(Content::Unreadable(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Writes `content` to `location`.
    pub(super) async fn save(
        &self,
        location: &CacheLocation,
        content: Zeroizing<Vec<u8>>,
        context: &Context,
    ) -> io::Result<()> {
        if !self.encrypts() {
            return context.files.replace(&location.file, &content).await;
        }
        match context.encryption.save(&location.name, content).await? {
            Some(sealed) => context.files.replace(&location.file, &sealed).await,
            None => context.files.touch(&location.file).await,
        }
    }

    /// Moves the content at `location` to `aside`.
    pub(super) async fn set_aside(
        &self,
        location: &CacheLocation,
        aside: &CacheLocation,
        context: &Context,
    ) -> io::Result<()> {
        if !self.encrypts() || context.encryption.is_in_file() {
            return context.files.rename(&location.file, &aside.file).await;
        }
        // What is in a keyring is written over next time, so a copy is enough.
        match self.load(location, context).await? {
            Content::Some(content) => self.save(aside, content, context).await,
            Content::None | Content::Unreadable(_) => Ok(()),
        }
    }

    fn encrypts(&self) -> bool {
        self.encrypts.get().copied().unwrap_or(true)
    }
}

fn impossible(error: &io::Error) -> Error {
    Error::unavailable(format!(
        "Cache encryption is impossible: {error}. Start and unlock a keyring (on Linux one that \
         speaks the Secret Service protocol, such as gnome-keyring), or set \
         allow_unencrypted_storage to have tokens in a file that only this user may read"
    ))
}
