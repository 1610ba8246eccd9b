//! What the kinds of entries have in common.

use super::entry::Entry;

/// The sections of the document that mean something to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    AccessToken,
    RefreshToken,
    IdToken,
    Account,
    AppMetadata,
}

/// An entry that was understood.
pub(crate) trait Record: Sized {
    /// The section it is in.
    const KIND: Kind;

    /// Where MSAL puts it.
    fn key(&self) -> String;

    /// What `entry` says; `None` when it lacks what nothing can be done without.
    fn read(entry: &Entry) -> Option<Self>;

    /// Says it in `entry`; members of others stay.
    fn write(&self, entry: &mut Entry);
}

impl Kind {
    /// The name of the section; of tokens also their `credential_type`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "AccessToken",
            Self::RefreshToken => "RefreshToken",
            Self::IdToken => "IdToken",
            Self::Account => "Account",
            Self::AppMetadata => "AppMetadata",
        }
    }

    /// Whether an entry that replaces another is something new, so that what others noted about the
    /// old one does not hold for it: so it is with tokens.
    pub(super) const fn starts_anew(self) -> bool {
        matches!(self, Self::AccessToken | Self::RefreshToken | Self::IdToken)
    }
}

/// Joins the parts of a key the way MSAL does.
pub(super) fn key(parts: &[&str]) -> String {
    parts.join("-").to_lowercase()
}
