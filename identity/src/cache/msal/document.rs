//! The document as JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde_core::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::record::Kind;
use super::{Entries, MsalCache};

/// What was read.
#[derive(Default)]
pub(super) struct Document {
    pub(super) sections: BTreeMap<Kind, Entries>,
    pub(super) others: BTreeMap<String, Value>,
}

/// What is to be written.
pub(super) struct View<'a>(pub(super) &'a MsalCache);

/// No less than the length of the document's text.
pub(super) fn length(cache: &MsalCache) -> usize {
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
    let counted = serde_json::to_writer(&mut counter, &View(cache));
    debug_assert!(counted.is_ok());
    counter.0
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sections = serializer.serialize_map(None)?;
        for (kind, entries) in &self.0.sections {
            sections.serialize_entry(kind.name(), entries)?;
        }
        for (name, section) in &self.0.others {
            sections.serialize_entry(name, section)?;
        }
        sections.end()
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Sections)
    }
}

struct Sections;

impl<'de> Visitor<'de> for Sections {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of sections")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut sections: A) -> Result<Document, A::Error> {
        let mut document = Document::default();
        while let Some(name) = sections.next_key::<String>()? {
            match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
                Some(kind) => {
                    document.sections.insert(kind, sections.next_value()?);
                }
                None => {
                    document.others.insert(name, sections.next_value()?);
                }
            }
        }
        Ok(document)
    }
}
