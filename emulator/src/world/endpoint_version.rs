//! The two versions of the token service's endpoints.

/// A version of the token endpoints, which also decides the form of their replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointVersion {
    /// `/{tenant}/oauth2/…`.
    V1,
    /// `/{tenant}/oauth2/v2.0/…`.
    V2,
}
