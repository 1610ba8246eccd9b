//! Other faces of a credential, for those who cannot use it as it is. They translate, and no more.

#[cfg(feature = "azure_core")]
pub mod azure_core;
pub(crate) mod bearer;
#[cfg(feature = "blocking")]
pub mod blocking;
