//! The tokens that managed identity hosts keep and hand out again until shortly before they expire.

use uuid::Uuid;

use crate::exchange::issued::Issued;

/// The identity and resource that a host keeps one token for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ManagedTokenKey {
    /// The object id of the identity, or of the user.
    owner: Uuid,
    /// The resource as it was asked for.
    resource: String,
    handles_cae: bool,
}

impl ManagedTokenKey {
    pub(crate) fn new(owner: Uuid, resource: &str, handles_cae: bool) -> Self {
        Self {
            owner,
            resource: resource.to_owned(),
            handles_cae,
        }
    }
}

/// A signed token with what its reply says about it.
#[derive(Debug)]
pub(crate) struct IssuedToken {
    pub(crate) value: String,
    pub(crate) note: Issued,
    pub(crate) not_before: i64,
    pub(crate) expires_on: i64,
}
