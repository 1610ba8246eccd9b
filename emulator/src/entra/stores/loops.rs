//! Clients that ask for the same token over and over.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::base::store::Store;
use crate::entra::stores::codes::Asked;

/// How often each client asked for the same of the same user lately.
#[derive(Debug)]
pub(crate) struct Loops(Store<LoopKey, u32>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct LoopKey {
    client_id: Uuid,
    user: String,
    asked: Asked,
}

impl Default for Loops {
    fn default() -> Self {
        Self(Store::with_capacity(1024))
    }
}

impl Loops {
    /// Counts one more request, and gives how many there were since the first of them: two minutes
    /// after that they count anew.
    pub(in crate::entra) fn count(
        &self,
        client_id: Uuid,
        user: &str,
        asked: &Asked,
        now: OffsetDateTime,
    ) -> u32 {
        let key = LoopKey {
            client_id,
            user: user.to_owned(),
            asked: asked.clone(),
        };
        let counted = self.0.change(&key, now, |count| {
            *count = count.saturating_add(1);
            *count
        });
        counted.unwrap_or_else(|| {
            self.0.keep(key, 1, now + MEMORY, now);
            1
        })
    }

    /// How many there are, ended ones not yet dropped included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

const MEMORY: Duration = Duration::minutes(2);
