//! The few members of an answer that say what a token is.

use std::fmt;

use serde_core::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Those that are read; and `error`, with which there is no token.
const NAMES: [&str; 6] = [
    "access_token",
    "error",
    "expires_in",
    "expires_on",
    "refresh_in",
    "token_type",
];

/// A JSON object, as far as it is known.
pub(crate) trait Object {
    fn get(&self, name: &str) -> Option<&Value>;
}

impl Object for Map<String, Value> {
    fn get(&self, name: &str) -> Option<&Value> {
        Self::get(self, name)
    }
}

/// The members called as one of [`NAMES`]; the rest of an answer is read over.
#[derive(Default)]
pub(crate) struct TokenMembers([Option<Value>; NAMES.len()]);

impl Object for TokenMembers {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0[place(name)?].as_ref()
    }
}

fn place(name: &str) -> Option<usize> {
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
        while let Some(MemberIndex(place)) = map.next_key()? {
            match place {
                Some(place) => members.0[place] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(members)
    }
}

/// Where a member of this name goes.
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
                Ok(MemberIndex(place(name)))
            }
        }
        deserializer.deserialize_str(Text)
    }
}
