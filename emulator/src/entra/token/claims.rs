//! The claims of a token, one by one in their order.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use crate::base::random::Random;

/// Claims in the order they are put: a handful, so a list is quicker than a map.
pub(super) struct Claims {
    /// A generator of its own, because all threads share the emulator's.
    random: Random,
    list: Vec<(Cow<'static, str>, Claim)>,
}

impl Claims {
    pub(super) fn new(random: &Random) -> Self {
        Self {
            random: random.branch(),
            list: Vec::with_capacity(USUAL_CLAIMS),
        }
    }

    /// Adds a claim that is not there yet, which nobody has to look for.
    pub(super) fn add(&mut self, name: &'static str, value: impl Into<Claim>) {
        debug_assert!(!self.has(name), "{name} is put in once");
        self.list.push((name.into(), value.into()));
    }

    pub(super) fn add_some(&mut self, name: &'static str, value: Option<impl Into<Claim>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// Puts a claim in, or another value into one that is there.
    pub(super) fn put(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Claim>) {
        let (name, value) = (name.into(), value.into());
        match self.list.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.list.push((name, value)),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.list.iter().any(|(known, _)| known == name)
    }

    pub(super) fn put_some(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: Option<impl Into<Claim>>,
    ) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// A claim whose value means nothing to anybody but the service.
    pub(super) fn opaque<const N: usize>(&mut self, name: &'static str, prefix: &str) {
        let value = self.random.opaque::<N>();
        self.add(
            name,
            if prefix.is_empty() {
                value
            } else {
                [prefix, &value].concat()
            },
        );
    }

    /// Puts all but the first claims into alphabetical order, which is that of the real service.
    pub(super) fn sort_after(&mut self, first: usize) {
        self.list[first..].sort_by(|(one, _), (other, _)| one.cmp(other));
    }
}

impl Serialize for Claims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.list.iter().map(|(name, value)| (name, value)))
    }
}

/// The value of a claim. Most are ids, which are written where they go instead of beforehand.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Claim {
    Id(Uuid),
    Number(i64),
    Text(String),
    Other(Value),
}

impl From<Uuid> for Claim {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<i64> for Claim {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Claim {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Claim {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Value>> From<Vec<T>> for Claim {
    fn from(values: Vec<T>) -> Self {
        Self::Other(values.into())
    }
}

impl From<Value> for Claim {
    fn from(value: Value) -> Self {
        Self::Other(value)
    }
}

const USUAL_CLAIMS: usize = 24;
