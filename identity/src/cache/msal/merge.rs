//! Two versions of one document.

use super::MsalCache;
use super::entry::Entry;
use super::record::Kind;

impl MsalCache {
    /// Carries the changes of this document over to `theirs`, which another has written meanwhile,
    /// and becomes that. A change here counts unless theirs is the later one.
    pub(crate) fn rebase(&mut self, mut theirs: Self) {
        for ((kind, key), before) in std::mem::take(&mut self.changes) {
            let ours = self.take(kind, &key);
            let there = theirs
                .sections
                .get(&kind)
                .and_then(|entries| entries.get(&key));
            match settled(kind, before.as_ref(), ours, there) {
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

/// What is to be at a key where `before` became `ours` here and `theirs` there; `None`: theirs.
fn settled(
    kind: Kind,
    before: Option<&Entry>,
    ours: Option<Entry>,
    theirs: Option<&Entry>,
) -> Option<Option<Entry>> {
    let untouched = theirs == before;
    match (ours, theirs) {
        // Gone here: what they put there since is not what was meant.
        (None, _) => untouched.then_some(None),
        (Some(ours), Some(theirs)) if !untouched && kind.starts_anew() => {
            (written(&ours) >= written(theirs)).then_some(Some(ours))
        }
        (Some(ours), Some(theirs)) if !untouched => {
            let mut both = theirs.clone();
            match before {
                Some(before) => both.follow(before, &ours),
                None => both.follow(&Entry::default(), &ours),
            }
            Some(Some(both))
        }
        (Some(ours), _) => Some(Some(ours)),
    }
}

/// When a token was written, as far as it says.
fn written(token: &Entry) -> i64 {
    let moment = |name| token.number(name);
    moment("last_modification_time")
        .or_else(|| moment("cached_at"))
        .unwrap_or_default()
}
