//! OAuth 2.0 as Microsoft Entra ID speaks it. Pure functions write requests and read responses;
//! [`token_endpoint::redeem`] is the only place that does both.

pub(crate) mod advice;
pub(crate) mod application;
pub(crate) mod assertion;
pub(crate) mod authorize;
pub(crate) mod client_auth;
pub(crate) mod date;
pub(crate) mod device;
pub(crate) mod endpoint;
pub(crate) mod failure;
pub(crate) mod grant;
pub(crate) mod instance;
pub(crate) mod members;
pub(crate) mod pkce;
pub(crate) mod random;
pub(crate) mod region;
pub(crate) mod success;
pub(crate) mod tenants;
pub(crate) mod token_endpoint;
pub(crate) mod token_proxy;
pub(crate) mod user;
pub(crate) mod user_realm;
pub(crate) mod user_tokens;
