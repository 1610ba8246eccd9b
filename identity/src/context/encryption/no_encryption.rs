//! The encryption of machines without a keyring: none.

use std::io;

use futures_util::future::{self, BoxFuture, FutureExt};
use zeroize::Zeroizing;

use super::Encryption;

/// Encrypts nothing and reports that: token caches are then plain files, where that is allowed. For
/// machines without a keyring, and for tests that must not touch the keyring of the person who runs
/// them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEncryption;

impl Encryption for NoEncryption {
    fn check(&self) -> BoxFuture<'_, io::Result<()>> {
        unsupported()
    }

    fn is_in_file(&self) -> bool {
        true
    }

    fn load<'a>(
        &'a self,
        _: &'a str,
        _: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Zeroizing<Vec<u8>>>>> {
        unsupported()
    }

    fn save<'a>(
        &'a self,
        _: &'a str,
        _: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>> {
        unsupported()
    }
}

fn unsupported<T: Send + 'static>() -> BoxFuture<'static, io::Result<T>> {
    let error = io::Error::new(io::ErrorKind::Unsupported, "there is no keyring we know of");
    future::ready(Err(error)).boxed()
}
