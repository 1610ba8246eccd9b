//! How what is in a place is kept: encrypted, or for want of that in plain text.

use std::io;
use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::place::Place;
use crate::context::Context;
use crate::error::{Error, Result};

/// More than this is no token cache, in bytes.
const LIMIT: u64 = 64 << 20;

/// Encrypts where that is possible.
pub(super) struct Vault {
    allow_unencrypted: bool,
    /// Whether it turned out to be possible; set once known, so that a program does not change its
    /// ways while it runs.
    encrypts: OnceLock<bool>,
}

/// What was found.
pub(super) enum Content {
    /// Nothing has been kept yet.
    None,
    Some(Zeroizing<Vec<u8>>),
    /// It cannot be decrypted.
    Foreign(io::Error),
}

impl Vault {
    pub(super) fn new(allow_unencrypted: bool) -> Self {
        Self {
            allow_unencrypted,
            encrypts: OnceLock::new(),
        }
    }

    /// Finds out whether it encrypts.
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
                // There is something: to write around it would be to keep secrets in two places.
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

    /// What is kept at `place`.
    pub(super) async fn load(&self, place: &Place, context: &Context) -> io::Result<Content> {
        // Who can put a file there decides whose accounts this program uses.
        context.files.check_directory(&place.file).await?;
        let file = match context.files.read(&place.file, LIMIT).await {
            Ok(file) => Zeroizing::new(file),
            // Others go by the file, too: without one there is nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::None),
            Err(error) => return Err(error),
        };
        if !self.encrypts() {
            return Ok(Content::Some(file));
        }
        match context.encryption.load(&place.name, file).await {
            Ok(Some(content)) => Ok(Content::Some(content)),
            Ok(None) => Ok(Content::None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Content::Foreign(error)),
            Err(error) => Err(error),
        }
    }

    /// Keeps `content` at `place`.
    pub(super) async fn save(
        &self,
        place: &Place,
        content: Zeroizing<Vec<u8>>,
        context: &Context,
    ) -> io::Result<()> {
        if !self.encrypts() {
            return context.files.replace(&place.file, &content).await;
        }
        match context.encryption.save(&place.name, content).await? {
            Some(sealed) => context.files.replace(&place.file, &sealed).await,
            None => context.files.touch(&place.file).await,
        }
    }

    /// Moves what is kept at `place` to `aside`.
    pub(super) async fn set_aside(
        &self,
        place: &Place,
        aside: &Place,
        context: &Context,
    ) -> io::Result<()> {
        if !self.encrypts() || context.encryption.is_in_file() {
            return context.files.rename(&place.file, &aside.file).await;
        }
        // What is kept elsewhere is written over next time, so a copy is enough.
        match self.load(place, context).await? {
            Content::Some(content) => self.save(aside, content, context).await,
            Content::None | Content::Foreign(_) => Ok(()),
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
