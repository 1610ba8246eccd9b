//! Sources that are users who sign in to an application.

use std::sync::Arc;

use super::application;
use crate::authentication_record::AuthenticationRecord;
use crate::cache::Cache;
use crate::error::{Error, Result};
use crate::oauth::application::Application;
use crate::oauth::client_auth::ClientAuth;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::user::silent::SilentFlow;
use crate::user::{SignIn, UserSource};

/// The tenant of everyone who signs in with an account of work or school.
pub(in crate::credential) const ORGANIZATIONS: &str = "organizations";
/// The Azure CLI: a public client that exists in every tenant and may call Azure's own APIs.
pub(in crate::credential) const DEVELOPERS: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// The user whose tokens a credential gives.
pub(in crate::credential) struct ExpectedUser {
    /// The user who signed in before. `None` is whoever signs in first.
    pub(in crate::credential) record: Option<AuthenticationRecord>,
    /// Whether a request for a token may begin a sign-in.
    pub(in crate::credential) automatic: bool,
}

/// The application a user signs in to, as far as the credential names it.
pub(in crate::credential) struct UserClient<'a> {
    /// `None` is the tenant of the expected user's record, else [`ORGANIZATIONS`].
    pub(in crate::credential) tenant_id: Option<&'a str>,
    /// `None` is the application of [`DEVELOPERS`].
    pub(in crate::credential) client_id: Option<&'a str>,
    pub(in crate::credential) client_auth: ClientAuth,
}

impl UserClient<'_> {
    fn application(
        self,
        record: Option<&AuthenticationRecord>,
        options: &Options,
    ) -> Result<Application> {
        let tenant_id = self
            .tenant_id
            .or_else(|| record.map(AuthenticationRecord::tenant_id))
            .unwrap_or(ORGANIZATIONS);
        let client_id = self.client_id.unwrap_or(DEVELOPERS);
        application(tenant_id, client_id, self.client_auth, options)
    }
}

/// Puts the tokens of the `expected` user, who signs in to `client` by `sign_in`, in front of that.
///
/// # Errors
/// `InvalidArgument` for malformed options, or a record of another token service.
pub(in crate::credential) fn user_pipeline<S: SignIn>(
    sign_in: S,
    client: UserClient<'_>,
    expected: ExpectedUser,
    options: &Options,
) -> Result<Pipeline<UserSource<S>>> {
    let ExpectedUser { record, automatic } = expected;
    let application = client.application(record.as_ref(), options)?;
    check_record(record.as_ref(), &application)?;
    let context = options.outside()?;
    let silent = SilentFlow {
        application,
        accounts: options.accounts()?,
    };
    // The source clears this cache when another user signs in, so no other credential shares it.
    let cache = Arc::<Cache>::default();
    let source = UserSource::new(sign_in, silent, record, automatic, Arc::clone(&cache));
    Ok(Pipeline::with_cache(source, cache, context))
}

/// Makes sure that a record from an earlier run is of the token service of `application`.
///
/// # Errors
/// `InvalidArgument` when it is of another.
pub(in crate::credential) fn check_record(
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
