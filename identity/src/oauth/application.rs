//! Who asks, and where.

use crate::cloud::Authority;
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::instance::Instance;
use crate::oauth::region::Region;
use crate::oauth::tenants::Tenants;
use crate::oauth::token_proxy::TokenProxy;
use crate::retry::RetryPolicy;

/// An application at a token service.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) authority: Authority,
    pub(crate) instance: Instance,
    pub(crate) region: Region,
    pub(crate) proxy: Option<TokenProxy>,
    pub(crate) tenants: Tenants,
    pub(crate) client_id: String,
    pub(crate) client_auth: ClientAuth,
    pub(crate) retry: RetryPolicy,
}
