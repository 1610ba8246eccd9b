//! The Keychain of macOS.

use std::io;

use futures_util::future::BoxFuture;
use security_framework::base::Error;
use security_framework::passwords::{get_generic_password, set_generic_password};
use zeroize::Zeroizing;

use super::{Encryption, LABEL, SERVICE, SystemEncryption};
use crate::context::files::run_blocking;

/// `errSecItemNotFound`.
const NOT_FOUND: i32 = -25300;

impl Encryption for SystemEncryption {
    fn check(&self) -> BoxFuture<'_, io::Result<()>> {
        // Asking for an item that never exists shows whether the Keychain answers.
        run_blocking(|| load("").map(drop))
    }

    fn is_in_file(&self) -> bool {
        false
    }

    fn load<'a>(
        &'a self,
        name: &'a str,
        _: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Zeroizing<Vec<u8>>>>> {
        let name = name.to_owned();
        run_blocking(move || load(&name))
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        content: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>> {
        let name = name.to_owned();
        run_blocking(move || {
            set_generic_password(SERVICE, account(&name), &content).map_err(io::Error::other)?;
            Ok(None)
        })
    }
}

fn load(name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let absent = |error: &Error| error.code() == NOT_FOUND;
    match get_generic_password(SERVICE, account(name)) {
        Ok(content) => Ok(Some(Zeroizing::new(content))),
        Err(error) if absent(&error) => Ok(None),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Returns the account name of the cache `name`. The oldest cache has the name that MSAL gave it
/// when it was the only one.
fn account(name: &str) -> &str {
    if name == "msal.cache.nocae" {
        LABEL
    } else {
        name
    }
}
