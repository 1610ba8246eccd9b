//! One object of the document, with whatever members other libraries gave it.

use std::borrow::Cow;
use std::fmt;

use serde_core::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_core::ser::{Serialize, Serializer};
use serde_json::Value;
use zeroize::Zeroize;

/// The usual names of members. A document may have ten thousand entries, and these names need no
/// memory in each.
const NAMES: &[&str] = &[
    "credential_type",
    SECRET,
    "home_account_id",
    "environment",
    "client_id",
    "target",
    "realm",
    "token_type",
    "cached_at",
    "expires_on",
    "extended_expires_on",
    "refresh_on",
    "last_modification_time",
    "family_id",
    "local_account_id",
    "username",
    "authority_type",
    "account_source",
];
const SECRET: &str = "secret";

/// The members of an entry in the order they were written. Its secret is shown as `***` and wiped
/// from memory when dropped.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Entry(Vec<(Cow<'static, str>, Value)>);

impl Entry {
    /// The member `name`; the last one, should there be several.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let mut members = self.0.iter().rev();
        members.find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The text of the member `name`; `None` when it is not one, or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The whole number in the member `name`, as MSAL writes them (`"1795286845"`) or plain.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::String(digits) => digits.trim().parse().ok(),
            number => number.as_i64(),
        }
    }

    /// The member that is a secret.
    pub(super) fn secret(&self) -> Option<&str> {
        self.text(SECRET)
    }

    /// Gives the member `name` the value `value`, where it stands or at the end.
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().rev().find(|(n, _)| n == name) {
            Some((_, old)) => wipe(name, &mut std::mem::replace(old, value)),
            None => self.0.push((Cow::Borrowed(name), value)),
        }
    }

    /// Sets the member `name` as [`Entry::set`] does, or removes it when there is no value.
    pub(super) fn set_or_remove(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| n != name);
    }

    /// Makes the changes here that lead from `before` to `after`: members added, changed and
    /// removed.
    #[cfg(feature = "persistent-cache")]
    pub(super) fn apply_changes(&mut self, before: &Self, after: &Self) {
        for (name, _) in &before.0 {
            if after.get(name).is_none() {
                self.remove(name);
            }
        }
        for (name, value) in &after.0 {
            if before.get(name) == Some(value) {
                continue;
            }
            self.remove(name);
            self.0.push((name.clone(), value.clone()));
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        for (name, value) in &mut self.0 {
            wipe(name, value);
        }
    }
}

fn wipe(name: &str, value: &mut Value) {
    if let (SECRET, Value::String(secret)) = (name, value) {
        secret.zeroize();
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, _): &(Cow<'static, str>, Value)| name.clone();
        f.debug_set().entries(self.0.iter().map(shown)).finish()
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Entry, A::Error> {
        let mut entry = Entry(Vec::with_capacity(12));
        while let Some((MemberName(name), value)) = members.next_entry()? {
            entry.0.push((name, value));
        }
        Ok(entry)
    }
}

struct MemberName(Cow<'static, str>);

impl<'de> Deserialize<'de> for MemberName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = MemberName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, text: &str) -> Result<MemberName, E> {
        let known = NAMES.iter().find(|name| **name == text);
        Ok(MemberName(known.map_or_else(
            || Cow::Owned(text.to_owned()),
            |name| Cow::Borrowed(*name),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Entry {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn members_keep_their_order_and_unknown_ones_their_values() {
        let text = r#"{"zeta":[1,{"a":null}],"secret":"s","wam":1.5,"client_id":"c"}"#;
        assert_eq!(serde_json::to_string(&entry(text)).unwrap(), text);
        let mut changed = entry(text);
        changed.set(SECRET, "t");
        changed.set("realm", "r");
        assert_eq!(
            serde_json::to_string(&changed).unwrap(),
            r#"{"zeta":[1,{"a":null}],"secret":"t","wam":1.5,"client_id":"c","realm":"r"}"#
        );
    }

    #[test]
    fn numbers_come_as_digits_or_plain_and_the_last_of_a_name_counts() {
        let entry = entry(r#"{"a":"12","b":13,"c":"x","d":"","a":" 14 "}"#);
        assert_eq!(entry.number("a"), Some(14));
        assert_eq!(entry.number("b"), Some(13));
        assert_eq!(entry.number("c"), None);
        assert_eq!(entry.text("d"), None);
    }

    #[test]
    fn no_value_shows_in_debug() {
        let shown = format!("{:?}", entry(r#"{"secret":"hunter2","username":"alice"}"#));
        assert_eq!(shown, r#"{"secret", "username"}"#);
    }

    #[cfg(feature = "persistent-cache")]
    #[test]
    fn changes_are_made_on_what_another_program_wrote_meanwhile() {
        let before = entry(r#"{"gone":1,"changed":1,"same":1}"#);
        let after = entry(r#"{"changed":2,"same":1,"new":1}"#);
        let mut other = entry(r#"{"gone":1,"changed":1,"same":7,"theirs":1}"#);
        other.apply_changes(&before, &after);
        for (name, value) in [("changed", 2), ("same", 7), ("theirs", 1), ("new", 1)] {
            assert_eq!(other.number(name), Some(value), "{name}");
        }
        assert_eq!(other.get("gone"), None);
    }
}
