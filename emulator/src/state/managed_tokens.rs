//! The tokens that managed identity hosts keep and hand out again until shortly before they expire.

use uuid::Uuid;

use crate::exchange::issued::Issued;

/// The identity and resource that a host keeps one token for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ManagedTokenKey {
    /// The object id of the identity, or of the user.
    pub(crate) owner: Uuid,
    /// The resource as it was asked for.
    pub(crate) resource: String,
    pub(crate) handles_cae: bool,
}

/// A signed token with what its reply says about it.
#[derive(Debug)]
pub(crate) struct IssuedToken {
    pub(crate) value: String,
    pub(crate) note: Issued,
    pub(crate) not_before: i64,
    pub(crate) expires_on: i64,
}
