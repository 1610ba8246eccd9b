//! A merge of two versions of one document.

use super::MsalCache;
use super::entry::Entry;
use super::record::Kind;

impl MsalCache {
    /// Makes the changes of this document on `theirs`, which another program has written meanwhile,
    /// and becomes that. A token of theirs that was written later stays.
    pub(crate) fn rebase(&mut self, mut theirs: Self) {
        for ((kind, key), before) in std::mem::take(&mut self.changes) {
            let ours = self.take(kind, &key);
            let there = theirs
                .sections
                .get(&kind)
                .and_then(|entries| entries.get(&key));
            match merged(kind, before.as_ref(), ours, there) {
                Some(outcome) => theirs.put(kind, key, outcome),
                None => continue,
            }
        }
        *self = theirs;
    }

    fn take(&mut self, kind: Kind, key: &str) -> Option<Entry> {
        self.sections.get_mut(&kind)?.remove(key)
    }
}

/// The entry for a key where `before` became `ours` here and `theirs` there. The outer `None` says
/// that theirs stays, the inner that there is to be no entry.
fn merged(
    kind: Kind,
    before: Option<&Entry>,
    ours: Option<Entry>,
    theirs: Option<&Entry>,
) -> Option<Option<Entry>> {
    let untouched = theirs == before;
    match (ours, theirs) {
        // Removed here: an entry that they put there since is another one, and stays.
        (None, _) => untouched.then_some(None),
        (Some(ours), Some(theirs)) if !untouched && kind.replaces_whole() => {
            (written(&ours) >= written(theirs)).then_some(Some(ours))
        }
        (Some(ours), Some(theirs)) if !untouched => {
            let mut both = theirs.clone();
            match before {
                Some(before) => both.apply_changes(before, &ours),
                None => both.apply_changes(&Entry::default(), &ours),
            }
            Some(Some(both))
        }
        (Some(ours), _) => Some(Some(ours)),
    }
}

/// The moment a token was written, as far as it says.
fn written(token: &Entry) -> i64 {
    let moment = |name| token.number(name);
    moment("last_modification_time")
        .or_else(|| moment("cached_at"))
        .unwrap_or_default()
}
