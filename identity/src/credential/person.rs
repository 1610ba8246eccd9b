//! The construction that the credentials of users share.

use std::sync::Arc;

use super::application;
use crate::authentication_record::AuthenticationRecord;
use crate::cache::Cache;
use crate::cache::accounts::Accounts;
use crate::error::{Error, Result};
use crate::oauth::application::Application;
use crate::oauth::client_auth::ClientAuth;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::user::silent::SilentFlow;
use crate::user::{SignIn, UserSource};

/// The tenant of every user who signs in with a work or school account.
pub(super) const ORGANIZATIONS: &str = "organizations";
/// The client id of the Azure CLI: a public client that exists in every tenant and may call Azure's
/// own APIs.
pub(super) const DEVELOPERS: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// The user that a credential is for, as far as it is known in advance.
pub(super) struct ExpectedUser {
    /// The record of a sign-in before, if there was one.
    pub(super) record: Option<AuthenticationRecord>,
    /// Whether a sign-in may start without a call of `authenticate`.
    pub(super) automatic: bool,
}

impl ExpectedUser {
    /// Returns the first user who signs in.
    pub(super) const fn first() -> Self {
        Self {
            record: None,
            automatic: true,
        }
    }
}

/// Returns the public client that users sign in to, by the options of a credential.
pub(super) fn public_client(
    client_id: &Option<String>,
    tenant_id: &Option<String>,
    record: Option<&AuthenticationRecord>,
    options: &Options,
) -> Result<Application> {
    let client_id = client_id.as_deref().unwrap_or(DEVELOPERS);
    let tenant_id = tenant_id
        .as_deref()
        .or_else(|| record.map(AuthenticationRecord::tenant_id));
    let tenant_id = tenant_id.unwrap_or(ORGANIZATIONS);
    application(tenant_id, client_id, ClientAuth::None, options)
}

/// Creates the pipeline for tokens of `expected`, who signs in to `application` by `sign_in`.
pub(super) fn user<S: SignIn>(
    sign_in: S,
    application: Application,
    expected: ExpectedUser,
    options: &Options,
) -> Result<Pipeline<UserSource<S>>> {
    check_record(expected.record.as_ref(), &application)?;
    let context = options.outside()?;
    let cache = Arc::<Cache>::default();
    let silent = silent(application, options)?;
    let (record, automatic) = (expected.record, expected.automatic);
    let source = UserSource::new(sign_in, silent, record, automatic, Arc::clone(&cache));
    Ok(Pipeline::with_cache(source, cache, context))
}

/// Returns the part that gets tokens of users of `application` without asking them.
///
/// # Errors
/// Those of opening the account cache.
fn silent(application: Application, options: &Options) -> Result<SilentFlow> {
    let accounts = Accounts::new(options)?;
    Ok(SilentFlow {
        application,
        accounts,
    })
}

/// Checks that `record` is of the token service of `application`: an account of another cloud would
/// never be found.
pub(super) fn check_record(
    record: Option<&AuthenticationRecord>,
    application: &Application,
) -> Result<()> {
    let elsewhere = |record: &&AuthenticationRecord| {
        let authority = &application.authority;
        !authority.is_called(record.authority())
    };
    match record.filter(elsewhere) {
        None => Ok(()),
        Some(record) => Err(Error::invalid(format!(
            "the authentication record is of another token service ({}) than the credential",
            record.authority()
        ))),
    }
}
