//! The keyring of a Linux desktop, reached by the Secret Service protocol.
//!
//! Items have the form libsecret gives them, so that programs that use libsecret find ours and we
//! find theirs: the name of the cache is the schema, and one attribute names the application.

use std::collections::HashMap;
use std::io;

use dbus_secret_service::{Collection, EncryptionType, Error, Item, SecretService};
use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

use super::{Encryption, LABEL, SERVICE, SystemEncryption};
use crate::context::files::run_blocking;

/// How long a user has to unlock the keyring when asked to.
const PROMPT_SECONDS: u64 = 60;
/// How often a keyring that does not answer is asked. All tries together take less time than other
/// processes wait for the cache lock, which is held meanwhile.
const TRIES: u32 = 3;

impl Encryption for SystemEncryption {
    fn check(&self) -> BoxFuture<'_, io::Result<()>> {
        run_blocking(|| with_service(|service| unlocked(service).map(drop)))
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
        run_blocking(move || with_service(|service| load(service, &name)))
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        content: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>> {
        let name = name.to_owned();
        run_blocking(move || with_service(|service| save(service, &name, &content)).map(|()| None))
    }
}

/// Runs `work` on a connection to the keyring, and runs it again when the keyring does not answer,
/// so it has to be harmless to repeat. The D-Bus library waits two seconds for each call; a busy
/// keyring takes longer, because it writes all its items at every change.
fn with_service<T>(work: impl Fn(&SecretService) -> Result<T, Error>) -> io::Result<T> {
    for _ in 1..TRIES {
        match once(&work) {
            Err(error) if is_silence(&error) => tracing::debug!(
                name: "identity.keyring.silent",
                %error,
                "the keyring does not answer; it is asked again"
            ),
            outcome => return outcome.map_err(io::Error::other),
        }
    }
    once(&work).map_err(|error| match is_silence(&error) {
        true => io::Error::new(
            io::ErrorKind::TimedOut,
            format!(
                "the keyring did not answer, {TRIES} times ({error}). It is busy, or hangs: see \
                 whether the desktop shows a question of it, and start it anew if not"
            ),
        ),
        false => io::Error::other(error),
    })
}

fn once<T>(work: impl Fn(&SecretService) -> Result<T, Error>) -> Result<T, Error> {
    // The secret travels unencrypted through this user's own bus. Encryption would protect nothing:
    // every program on that bus may ask the keyring itself.
    SecretService::connect_with_max_prompt_timeout(EncryptionType::Plain, PROMPT_SECONDS)
        .and_then(|service| work(&service))
}

/// Whether `error` says no more than that no answer came.
fn is_silence(error: &Error) -> bool {
    const SILENCE: [&str; 4] = ["NoReply", "Timeout", "TimedOut", "Disconnected"];
    let Error::Dbus(error) = error else {
        return false;
    };
    let name = error.name().unwrap_or_default();
    let name = name.strip_prefix("org.freedesktop.DBus.Error.");
    name.is_some_and(|name| SILENCE.contains(&name))
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
    // Replaces the item with these attributes, so that there is never more than one.
    let replace = true;
    unlocked(service)?
        .create_item(LABEL, attributes(name), content, replace, "text/plain")
        .map(drop)
}

/// Returns the collection for new items, created and unlocked where needed.
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
