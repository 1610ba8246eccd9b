//! The Data Protection API of Windows: files that only this user can decrypt.

use std::io;

use futures_util::future::{self, BoxFuture, FutureExt};
use windows_dpapi::{Scope, decrypt_data, encrypt_data};
use zeroize::Zeroizing;

use super::{Encryption, SystemEncryption};
use crate::context::files::run_blocking;

impl Encryption for SystemEncryption {
    fn check(&self) -> BoxFuture<'_, io::Result<()>> {
        // The API is a part of Windows and has nothing to unlock.
        future::ready(Ok(())).boxed()
    }

    fn is_in_file(&self) -> bool {
        true
    }

    fn load<'a>(
        &'a self,
        _: &'a str,
        file: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Zeroizing<Vec<u8>>>>> {
        run_blocking(move || {
            // A file that does not exist yet is passed as an empty one.
            if file.is_empty() {
                return Ok(None);
            }
            let content = decrypt_data(&file, Scope::User, None);
            let content = content
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
            Ok(Some(Zeroizing::new(content)))
        })
    }

    fn save<'a>(
        &'a self,
        _: &'a str,
        content: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>> {
        run_blocking(move || {
            let encrypted = encrypt_data(&content, Scope::User, None);
            encrypted
                .map(Some)
                .map_err(|error| io::Error::other(error.to_string()))
        })
    }
}
