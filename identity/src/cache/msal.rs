//! The document in which the Microsoft libraries keep accounts and tokens, without any I/O.
//!
//! Its schema is that of MSAL for Python, which the other Microsoft SDKs read: sections of entries
//! by key, the keys made of members in lower case. What means nothing to this library stays as it
//! is.

mod access_token;
mod account;
mod app_metadata;
#[cfg(feature = "persistent-cache")]
mod document;
mod entry;
mod environment;
mod find;
mod id_token;
#[cfg(feature = "persistent-cache")]
mod merge;
mod record;
mod refresh_token;
mod scopes;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use serde_json::Value;

pub(crate) use self::access_token::AccessTokenRecord;
pub(crate) use self::account::Account;
pub(crate) use self::app_metadata::AppMetadata;
use self::entry::Entry;
pub(crate) use self::environment::Environment;
pub(crate) use self::find::Owner;
pub(crate) use self::id_token::IdToken;
use self::record::Kind;
pub(crate) use self::record::Record;
pub(crate) use self::refresh_token::RefreshToken;
pub(crate) use self::scopes::Scopes;

/// Accounts and their tokens, and how they differ from what was read.
#[derive(Default)]
pub(crate) struct MsalCache {
    sections: BTreeMap<Kind, Entries>,
    /// The sections that mean nothing to this library, as they were read.
    unknown: BTreeMap<String, Value>,
    /// The entry that was at each key that has changed, before it did.
    changes: BTreeMap<(Kind, String), Option<Entry>>,
}

type Entries = BTreeMap<String, Entry>;

impl MsalCache {
    /// Forgets what has changed, because it is written or the document was just read.
    pub(crate) fn forget_changes(&mut self) {
        self.changes.clear();
    }

    /// Writes `record` at its key. Members that other libraries added to an account or an
    /// application stay; a token replaces the whole entry.
    pub(crate) fn insert<R: Record>(&mut self, record: &R) {
        let key = record.key();
        let entries = self.sections.entry(R::KIND).or_default();
        let before = entries.get(&key);
        let mut after = match before {
            Some(before) if !R::KIND.replaces_whole() => before.clone(),
            _ => Entry::default(),
        };
        record.write(&mut after);
        if before != Some(&after) {
            self.put(R::KIND, key, Some(after));
        }
    }

    /// All records of a kind that are understood, with their keys.
    pub(crate) fn all<R: Record>(&self) -> impl Iterator<Item = (&str, R)> {
        let entries = self.sections.get(&R::KIND).into_iter().flatten();
        entries.filter_map(|(key, entry)| Some((key.as_str(), R::read(entry)?)))
    }

    /// The record at `key`.
    pub(crate) fn get<R: Record>(&self, key: &str) -> Option<R> {
        self.sections.get(&R::KIND)?.get(key).and_then(R::read)
    }

    /// Puts `entry` at `key`, or removes what is there, and remembers what was.
    fn put(&mut self, kind: Kind, key: String, entry: Option<Entry>) {
        let entries = self.sections.entry(kind).or_default();
        let before = match entry {
            Some(entry) => entries.insert(key.clone(), entry),
            None => entries.remove(&key),
        };
        self.changes.entry((kind, key)).or_insert(before);
    }

    /// The entries of a section whose keys begin with `prefix`.
    fn beginning<'a>(
        &'a self,
        kind: Kind,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Entry)> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let entries = self.sections.get(&kind).into_iter();
        let entries = entries.flat_map(move |entries| entries.range::<str, _>(from));
        entries.take_while(move |(key, _)| key.starts_with(prefix))
    }
}

impl fmt::Debug for MsalCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MsalCache")
            .field("sections", &self.sections)
            .field("unknown", &self.unknown.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "persistent-cache")]
#[cfg(test)]
mod tests;
