//! The identity that a request is about: parameters name one, or the host has one to fall back on.

use crate::exchange::request::Call;
use crate::world::config::{IdentityKind, ManagedIdentity};

/// A parameter that names an identity.
#[derive(Debug)]
pub(super) struct Selector {
    pub(super) name: &'static str,
    pub(super) by: SelectorKind,
}

/// The kind of id that a selector has.
#[derive(Clone, Copy, Debug)]
pub(super) enum SelectorKind {
    /// Client id.
    Client,
    /// Object id of its service principal.
    Object,
    /// Azure resource id.
    Resource,
}

/// A selector of a request with its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub(super) selector: &'static Selector,
    pub(super) value: &'a str,
}

/// Why there is no identity to give a token of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unchosen {
    /// None was named, and the host has none.
    None,
    /// None was named, and the host has several and no system-assigned one.
    Several,
    /// The one that was named is not assigned to the host.
    NotAssigned,
    /// More than one parameter names one.
    NamedTwice,
}

/// The selectors in a request's query.
pub(super) fn named<'a>(call: &'a Call, selectors: &'static [Selector]) -> Vec<Named<'a>> {
    let value = |selector: &'static Selector| {
        let value = call.query(selector.name)?;
        Some(Named { selector, value })
    };
    selectors.iter().filter_map(value).collect()
}

/// The identity that was named; without a name the system-assigned one, or the only one.
pub(super) fn chosen<'a>(
    assigned: &[&'a ManagedIdentity],
    named: &[Named<'_>],
) -> Result<&'a ManagedIdentity, Unchosen> {
    match (named, assigned) {
        ([], []) => Err(Unchosen::None),
        ([], [only]) => Ok(*only),
        ([], several) => {
            let mut systems = several
                .iter()
                .filter(|one| one.kind == IdentityKind::System);
            systems.next().copied().ok_or(Unchosen::Several)
        }
        ([named], assigned) => {
            let mut found = assigned.iter().filter(|identity| is(identity, named));
            found.next().copied().ok_or(Unchosen::NotAssigned)
        }
        _ => Err(Unchosen::NamedTwice),
    }
}

fn is(identity: &ManagedIdentity, named: &Named<'_>) -> bool {
    let value = named.value;
    match named.selector.by {
        SelectorKind::Client => value.eq_ignore_ascii_case(&identity.client_id.to_string()),
        SelectorKind::Object => value.eq_ignore_ascii_case(&identity.object_id.to_string()),
        SelectorKind::Resource => value.eq_ignore_ascii_case(&identity.resource_id),
    }
}
