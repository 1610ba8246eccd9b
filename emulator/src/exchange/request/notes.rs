//! The notes of handlers for the journal.

use super::Call;
use crate::base::sync::lock;
use crate::exchange::issued::Issued;

/// The facts that the journal learns from handlers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    pub(crate) endpoint: Option<&'static str>,
    pub(crate) issued: Vec<Issued>,
    pub(crate) error: Option<u32>,
    pub(crate) scripted: bool,
    /// The values in the reply that the journal must not hold: codes, cookies, tokens of forms.
    pub(crate) secrets: Vec<String>,
}

impl Call {
    /// Notes what was noted at the place the request went on to.
    pub(crate) fn note_all_of(&self, other: &Self) {
        let there = other.take_notes();
        self.note(|notes| {
            notes.issued.extend(there.issued);
            notes.secrets.extend(there.secrets);
            notes.error = there.error.or(notes.error);
        });
    }

    pub(crate) fn note_endpoint(&self, endpoint: &'static str) {
        self.note(|notes| notes.endpoint = Some(endpoint));
    }

    pub(crate) fn note_issued(&self, issued: Issued) {
        self.note(|notes| notes.issued.push(issued));
    }

    pub(crate) fn note_error(&self, code: u32) {
        self.note(|notes| notes.error = Some(code));
    }

    /// A scripted answer replaced the real one, so what the real one was about is no longer true.
    pub(crate) fn note_scripted(&self) {
        self.note(|notes| notes.scripted = true);
    }

    /// The answer holds this value, and the journal shall not.
    pub(crate) fn note_secret(&self, value: &str) {
        self.note(|notes| notes.secrets.push(value.to_owned()));
    }

    pub(in crate::exchange) fn noted_error(&self) -> Option<u32> {
        self.note(|notes| notes.error)
    }

    /// All notes; once, when the answer is on its way.
    pub(crate) fn take_notes(&self) -> Notes {
        self.note(std::mem::take)
    }

    fn note<T>(&self, act: impl FnOnce(&mut Notes) -> T) -> T {
        act(&mut lock(&self.notes))
    }
}
