//! The kinds of entries, and what they have in common.

use super::entry::Entry;

/// The sections of the document that mean something to this library.
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

    /// The key at which MSAL stores it.
    fn key(&self) -> String;

    /// Reads `entry`; `None` when it lacks a member that cannot be done without.
    fn read(entry: &Entry) -> Option<Self>;

    /// Writes the members of this record to `entry`. Other members stay.
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

    /// Whether a new entry replaces the whole of the old one. A token does: what other libraries
    /// added to the old token does not hold for the new one.
    pub(super) const fn replaces_whole(self) -> bool {
        matches!(self, Self::AccessToken | Self::RefreshToken | Self::IdToken)
    }
}

/// Joins the parts of a key the way MSAL does.
pub(super) fn key(parts: &[&str]) -> String {
    parts.join("-").to_lowercase()
}
