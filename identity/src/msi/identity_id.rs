//! The id of a user-assigned managed identity.

/// A user-assigned managed identity, by one of its three ids.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ManagedIdentityId {
    /// Its client (application) id.
    ClientId(String),
    /// The object id of its service principal.
    ObjectId(String),
    /// Its Azure resource id, `/subscriptions/…/userAssignedIdentities/…`.
    ResourceId(String),
}

impl ManagedIdentityId {
    /// Returns the id, whichever of the three it is.
    pub fn as_str(&self) -> &str {
        match self {
            Self::ClientId(id) | Self::ObjectId(id) | Self::ResourceId(id) => id,
        }
    }
}
