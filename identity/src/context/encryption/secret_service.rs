//! The keyring of a Linux desktop, by the Secret Service protocol.
//!
//! What libsecret would do is done, so that programs that use it find our items and we theirs:
//! the name of the cache is the schema, and one attribute says whose it is.

use std::collections::HashMap;
use std::io;

use dbus_secret_service::{Collection, EncryptionType, Error, Item, SecretService};
use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

use super::{Encryption, LABEL, SERVICE, SystemEncryption};
use crate::context::files::aside;

/// How long a user has to unlock the keyring when asked to.
const PROMPT_SECONDS: u64 = 60;

impl Encryption for SystemEncryption {
    fn check(&self) -> BoxFuture<'_, io::Result<()>> {
        aside(|| with(|service| unlocked(service).map(drop)))
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
        aside(move || with(|service| load(service, &name)))
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        content: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>> {
        let name = name.to_owned();
        aside(move || with(|service| save(service, &name, &content)).map(|()| None))
    }
}

fn with<T>(work: impl FnOnce(&SecretService) -> Result<T, Error>) -> io::Result<T> {
    // Unencrypted on its way through this user's own bus, whose other programs could ask the
    // keyring themselves.
    SecretService::connect_with_max_prompt_timeout(EncryptionType::Plain, PROMPT_SECONDS)
        .and_then(|service| work(&service))
        .map_err(io::Error::other)
}

fn load(service: &SecretService, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let found = service.search_items(attributes(name))?;
    let secret = |item: &Item<'_>| item.get_secret().map(Zeroizing::new);
    if let Some(item) = found.unlocked.first() {
        return secret(item).map(Some);
    }
    let Some(item) = found.locked.first() else {
        return Ok(None);
    };
    item.unlock()?;
    secret(item).map(Some)
}

fn save(service: &SecretService, name: &str, content: &[u8]) -> Result<(), Error> {
    let replace = true;
    unlocked(service)?
        .create_item(LABEL, attributes(name), content, replace, "text/plain")
        .map(drop)
}

/// The collection new items go into.
fn unlocked(service: &SecretService) -> Result<Collection<'_>, Error> {
    let collection = match service.get_default_collection() {
        Err(Error::NoResult) => service.create_collection("Default keyring", "default")?,
        found => found?,
    };
    collection.ensure_unlocked()?;
    Ok(collection)
}

fn attributes(name: &str) -> HashMap<&str, &str> {
    HashMap::from([("xdg:schema", name), ("MsalClientID", SERVICE)])
}
