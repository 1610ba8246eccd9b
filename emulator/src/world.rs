//! The tenants, applications, users and policies there are, and what a request may name of them:
//! configuration, the directory made of it and its look-ups. It uses `exchange`, `script` and
//! below.

pub(crate) mod authority;
pub(crate) mod claims_matching;
pub(crate) mod cloud;
pub(crate) mod config;
pub(crate) mod device_polling;
pub(crate) mod directory;
pub(crate) mod endpoint_version;
pub(crate) mod first_party;
pub(crate) mod redirect_uri;
