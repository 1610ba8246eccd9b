//! What the credentials of users have in common.

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
use crate::user::silent::Silent;
use crate::user::{SignIn, UserSource};

/// The tenant of whoever signs in with an account of work or school.
pub(super) const ORGANIZATIONS: &str = "organizations";
/// The Azure CLI: a public client that exists in every tenant and may call Azure's own APIs.
pub(super) const DEVELOPERS: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// Whose tokens a user's credential gives.
pub(super) struct Person {
    /// Who signed in before.
    pub(super) record: Option<AuthenticationRecord>,
    /// Whether signing in may begin without being called for.
    pub(super) automatic: bool,
}

impl Person {
    /// Whoever signs in first.
    pub(super) const fn first() -> Self {
        Self {
            record: None,
            automatic: true,
        }
    }
}

/// The public client users sign in to, by the options of a credential.
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

/// The tokens of `person`, who signs in to `application` by `sign_in`.
pub(super) fn user<S: SignIn>(
    sign_in: S,
    application: Application,
    person: Person,
    options: &Options,
) -> Result<Pipeline<UserSource<S>>> {
    check_record(person.record.as_ref(), &application)?;
    let context = options.outside()?;
    let cache = Arc::<Cache>::default();
    let silent = silent(application, options)?;
    let (record, automatic) = (person.record, person.automatic);
    let source = UserSource::new(sign_in, silent, record, automatic, Arc::clone(&cache));
    Ok(Pipeline::with_cache(source, cache, context))
}

/// What can be had of users of `application` without asking them.
///
/// # Errors
/// Those of the place where accounts are kept.
fn silent(application: Application, options: &Options) -> Result<Silent> {
    let accounts = Accounts::new(options)?;
    Ok(Silent {
        application,
        accounts,
    })
}

/// Makes sure that a kept record is of the token service of `application`.
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
