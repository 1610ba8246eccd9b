//! The few members of a token response that describe the token.

use std::fmt;

use serde_core::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The members that are read. `error` is among them because a response that has it has no token.
const NAMES: [&str; 6] = [
    "access_token",
    "error",
    "expires_in",
    "expires_on",
    "refresh_in",
    "token_type",
];

/// A JSON object of which some members can be read.
pub(crate) trait Object {
    fn get(&self, name: &str) -> Option<&Value>;
}

impl Object for Map<String, Value> {
    fn get(&self, name: &str) -> Option<&Value> {
        Self::get(self, name)
    }
}

/// The members with one of the [`NAMES`]. The rest of a response is skipped without being stored:
/// it is most of the text, and reading a response happens at every token.
#[derive(Default)]
pub(crate) struct TokenMembers([Option<Value>; NAMES.len()]);

impl Object for TokenMembers {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0[index(name)?].as_ref()
    }
}

fn index(name: &str) -> Option<usize> {
    NAMES.iter().position(|known| *known == name)
}

impl<'de> Deserialize<'de> for TokenMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = TokenMembers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<TokenMembers, M::Error> {
        let mut members = TokenMembers::default();
        while let Some(MemberIndex(index)) = map.next_key()? {
            match index {
                // Of two members with one name the last counts, as in a map of serde_json.
                Some(index) => members.0[index] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(members)
    }
}

/// The index of a member's name in [`NAMES`].
struct MemberIndex(Option<usize>);

impl<'de> Deserialize<'de> for MemberIndex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = MemberIndex;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<MemberIndex, E> {
                Ok(MemberIndex(index(name)))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
