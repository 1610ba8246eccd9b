//! Encryption of token caches.

#[cfg(windows)]
mod data_protection;
#[cfg(target_os = "macos")]
mod keychain;
mod no_encryption;
#[cfg(target_os = "linux")]
mod secret_service;

use std::fmt;
use std::io;

use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

pub use self::no_encryption::NoEncryption;

/// Stores token caches so that nobody but this user can read them. A cache has a name, for example
/// `msal.cache.nocae`, and a file. Either the file holds the content, encrypted, or the content is
/// stored under that name in a keyring, and the file is only touched when it changes.
pub trait Encryption: fmt::Debug + Send + Sync {
    /// Checks that token caches can be encrypted here.
    ///
    /// # Errors
    /// The reason when nothing can be encrypted; `TimedOut` when that is not known because the
    /// keyring does not answer at the moment.
    fn check(&self) -> BoxFuture<'_, io::Result<()>>;

    /// Whether the content is stored in the cache's file.
    fn is_in_file(&self) -> bool;

    /// Returns the content of the cache `name`, whose file holds the bytes `file`; `None` when the
    /// cache has no content yet.
    ///
    /// # Errors
    /// `InvalidData` when the stored content can never be decrypted; any other kind when it cannot
    /// be reached at the moment.
    fn load<'a>(
        &'a self,
        name: &'a str,
        file: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Zeroizing<Vec<u8>>>>>;

    /// Stores `content` as that of the cache `name`. Returned bytes belong into its file; `None`
    /// means that the content is stored in a keyring.
    ///
    /// # Errors
    /// When it cannot be stored; the earlier content then stays in place.
    fn save<'a>(
        &'a self,
        name: &'a str,
        content: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>>;
}

/// The encryption this system offers: the Secret Service on Linux (GNOME Keyring, KWallet), the
/// Keychain on macOS, the Data Protection API on Windows, nothing elsewhere. Entries have the form
/// the other Microsoft SDKs give them, so that all read each other's.
///
/// Tested with gnome-keyring; the code for the Keychain and the Data Protection API is untested.
#[cfg(any(target_os = "linux", target_os = "macos", windows))]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEncryption;
/// The encryption of a system for which no keyring is known: none.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub use self::no_encryption::NoEncryption as SystemEncryption;

/// The service name under which all Microsoft SDKs store their token caches.
#[cfg(any(target_os = "linux", target_os = "macos"))]
const SERVICE: &str = "Microsoft.Developer.IdentityService";
/// The label of a cache that users see in their keyring.
#[cfg(any(target_os = "linux", target_os = "macos"))]
const LABEL: &str = "MSALCache";
