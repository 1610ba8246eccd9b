//! Who asks, and where.

use crate::cloud::Authority;
use crate::oauth::tenants::Tenants;
use crate::retry::RetryPolicy;

/// An application at a token service.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) authority: Authority,
    pub(crate) tenants: Tenants,
    pub(crate) client_id: String,
    pub(crate) retry: RetryPolicy,
}
