//! Microsoft Entra ID: the endpoints of the token service, client authentication, grants, sign-in
//! and its pages, tokens, and the state that all requests share. A new grant, endpoint or sign-in
//! page belongs here. It uses `state` and below.

pub(crate) mod app_state;
pub(crate) mod claims_request;
pub(crate) mod client_auth;
pub(crate) mod cookies;
mod cross_cloud;
mod delegation;
pub(crate) mod endpoint;
pub(crate) mod federated_token;
pub(crate) mod forge;
pub(crate) mod grant;
pub(crate) mod pages;
mod policy;
pub(crate) mod route;
pub(crate) mod scope;
pub(crate) mod sign_in;
pub(crate) mod stores;
mod tenant_restriction;
pub(crate) mod token;
pub(crate) mod token_form;
