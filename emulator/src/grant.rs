//! Grants, one file each, and the table that knows them.

mod client_credentials;

use crate::client_auth::{Client, TokenForm};
use crate::error::Aadsts;
use crate::state::Snapshot;
use crate::token::Issue;

/// Decides what a proven client gets. Pure and synchronous: a test calls it without a server.
pub(crate) type Grant = fn(&Snapshot, &Client<'_>, &TokenForm<'_>) -> Result<Issue, Aadsts>;

/// Every grant by the value of `grant_type`.
pub(crate) const GRANTS: &[(&str, Grant)] = &[("client_credentials", client_credentials::grant)];
