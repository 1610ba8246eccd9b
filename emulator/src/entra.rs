//! Microsoft Entra ID: client authentication, grants, sign-in and the endpoints of the token
//! service. A new grant, endpoint or step of a sign-in belongs here. It uses `pages`, `state` and below.

pub(crate) mod client_auth;
mod cross_cloud;
mod delegation;
pub(crate) mod endpoint;
pub(crate) mod federated_token;
pub(crate) mod forge;
pub(crate) mod grant;
mod policy;
pub(crate) mod route;
pub(crate) mod scope;
pub(crate) mod sign_in;
mod tenant_restriction;
pub(crate) mod token;
pub(crate) mod token_form;
