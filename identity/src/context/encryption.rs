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

/// Keeps token caches so that nobody but this user can read them. A cache has a name, for example
/// `msal.cache.nocae`, and a file: either its content is in there, encrypted, or it is kept
/// elsewhere under that name and the file is only touched when it changes.
pub trait Encryption: fmt::Debug + Send + Sync {
    /// Fails, saying why, where nothing can be encrypted.
    ///
    /// # Errors
    /// `TimedOut` when that is not known, because what encrypts does not answer at the moment.
    fn check(&self) -> BoxFuture<'_, io::Result<()>>;

    /// Whether what is kept is in the cache's file.
    fn is_in_file(&self) -> bool;

    /// The content of the cache `name`, whose file has `file` in it; `None` when there is none.
    ///
    /// # Errors
    /// `InvalidData` when what is kept cannot be decrypted, now or ever; any other when it cannot
    /// be reached at the moment.
    fn load<'a>(
        &'a self,
        name: &'a str,
        file: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Zeroizing<Vec<u8>>>>>;

    /// Keeps `content` as that of the cache `name`. What is returned belongs into its file;
    /// `None`: it is kept elsewhere.
    ///
    /// # Errors
    /// When it cannot be kept; what was kept before still is.
    fn save<'a>(
        &'a self,
        name: &'a str,
        content: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>>;
}

/// What this system has for that, kept as the other Microsoft SDKs keep it so that they read each
/// other: the Secret Service on Linux (GNOME Keyring, KWallet), the Keychain on macOS, the Data
/// Protection API on Windows, nothing elsewhere.
///
/// Tested with gnome-keyring; the code for the Keychain and the Data Protection API is untested.
#[cfg(any(target_os = "linux", target_os = "macos", windows))]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEncryption;
/// This system has nothing we know of.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub use self::no_encryption::NoEncryption as SystemEncryption;

/// Under this name all Microsoft SDKs keep their token caches.
#[cfg(any(target_os = "linux", target_os = "macos"))]
const SERVICE: &str = "Microsoft.Developer.IdentityService";
/// What they call a cache where users see it.
#[cfg(any(target_os = "linux", target_os = "macos"))]
const LABEL: &str = "MSALCache";
