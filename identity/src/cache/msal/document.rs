//! The document as JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde_core::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use zeroize::Zeroizing;

use super::entry::Entry;
use super::record::Kind;
use super::{Entries, MsalCache};

/// An error for a text that is no such document. It says where, and nothing of what is there.
#[derive(Debug)]
pub(crate) struct NotACache {
    line: usize,
    column: usize,
}

impl MsalCache {
    /// Reads a document; an empty text is an empty one.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, NotACache> {
        let mut cache = Self::default();
        if text.iter().all(u8::is_ascii_whitespace) {
            return Ok(cache);
        }
        let document: Document = serde_json::from_slice(text)?;
        (cache.sections, cache.unknown) = (document.sections, document.unknown);
        Ok(cache)
    }

    /// The text of the document.
    pub(crate) fn to_json(&self) -> Zeroizing<Vec<u8>> {
        // A vector that grows leaves copies of its secrets behind, so this one is large enough.
        let mut text = Zeroizing::new(Vec::with_capacity(length(self)));
        // Writing maps with text for keys into memory cannot fail.
        let written = serde_json::to_writer(&mut *text, &JsonView(self));
        debug_assert!(written.is_ok());
        text
    }

    /// Whether something has changed that is not written yet.
    pub(crate) fn is_changed(&self) -> bool {
        !self.changes.is_empty()
    }
}

impl From<serde_json::Error> for NotACache {
    fn from(error: serde_json::Error) -> Self {
        Self {
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Display for NotACache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column } = self;
        write!(f, "not a token cache (line {line}, column {column})")
    }
}

/// A document as it is read.
#[derive(Default)]
struct Document {
    sections: BTreeMap<Kind, Entries>,
    unknown: BTreeMap<String, Value>,
}

/// A document as it is written.
struct JsonView<'a>(&'a MsalCache);

/// The length of the document's text.
fn length(cache: &MsalCache) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
            self.0 += text.len();
            Ok(text.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    let counted = serde_json::to_writer(&mut counter, &JsonView(cache));
    debug_assert!(counted.is_ok());
    counter.0
}

impl Serialize for JsonView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sections = serializer.serialize_map(None)?;
        for (kind, entries) in &self.0.sections {
            sections.serialize_entry(kind.name(), entries)?;
        }
        for (name, section) in &self.0.unknown {
            sections.serialize_entry(name, section)?;
        }
        sections.end()
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SectionVisitor)
    }
}

struct SectionVisitor;

impl<'de> Visitor<'de> for SectionVisitor {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of sections")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut sections: A) -> Result<Document, A::Error> {
        let mut document = Document::default();
        while let Some(name) = sections.next_key::<String>()? {
            match KINDS.into_iter().find(|kind| kind.name() == name) {
                Some(kind) => {
                    // Other programs write `null` for a section without entries, or for an entry
                    // that they removed.
                    let section: Option<BTreeMap<String, Option<Entry>>> = sections.next_value()?;
                    let entries = section.unwrap_or_default().into_iter();
                    let entries = entries.filter_map(|(key, entry)| Some((key, entry?)));
                    document.sections.insert(kind, entries.collect());
                }
                None => {
                    document.unknown.insert(name, sections.next_value()?);
                }
            }
        }
        Ok(document)
    }
}

/// The sections that mean something to this library.
const KINDS: [Kind; 5] = [
    Kind::AccessToken,
    Kind::RefreshToken,
    Kind::IdToken,
    Kind::Account,
    Kind::AppMetadata,
];
