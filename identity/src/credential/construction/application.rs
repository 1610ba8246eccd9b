//! Sources that are applications: they prove themselves and are given tokens.

use std::fmt;
use std::sync::Arc;

use super::shared;
use crate::cache::PersistentTokens;
use crate::cache::msal::Environment;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::oauth::application::Application;
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::grant::Grant;
use crate::oauth::instance::Instance;
use crate::oauth::region::Region;
use crate::oauth::tenants::Tenants;
use crate::oauth::token_endpoint;
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::redact;
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::token::{AccessToken, TokenRequest, is_one_word};

/// A source that is an application: it asks the token service for tokens of its own, or of a user
/// in whose name it acts. What it says here decides both what is asked and who shares its tokens.
pub(in crate::credential) trait ApplicationSource:
    fmt::Debug + Send + Sync + 'static
{
    /// The public name of the credential.
    const NAME: &'static str;

    fn application(&self) -> &Application;

    /// The assertion of the user in whose name the application acts. By default it acts for itself.
    fn user(&self) -> Option<&Secret> {
        None
    }
}

impl<S: ApplicationSource> Source for S {
    const NAME: &'static str = <S as ApplicationSource>::NAME;

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let grant = self
            .user()
            .map_or(Grant::ClientCredentials, Grant::OnBehalfOf);
        token_endpoint::redeem(self.application(), &grant, request, context).await
    }
}

/// Puts the tokens of the application that `source` is in front of it.
pub(in crate::credential) fn pipeline<S: ApplicationSource>(
    source: S,
    options: &Options,
) -> Result<Pipeline<S>> {
    let application = source.application();
    let identity = application.identity(<S as ApplicationSource>::NAME, source.user());
    let persistent = match source.user() {
        None => persistent_tokens(application, options)?,
        // The users of a service are not users of the machine it runs on: their tokens stay in
        // memory.
        Some(_) => None,
    };
    let context = options.outside()?;
    let cache = shared(identity, options, &context);
    Ok(Pipeline::with_persistent(
        source, cache, persistent, context,
    ))
}

/// The tokens of `application` that outlive the program, if the options ask for that.
fn persistent_tokens(
    application: &Application,
    options: &Options,
) -> Result<Option<Arc<PersistentTokens>>> {
    let Some(accounts) = options.persistent_accounts()? else {
        return Ok(None);
    };
    let tenants = application.tenants.clone();
    let realm = move |tenant: Option<&str>| tenants.resolve(tenant).map(str::to_owned);
    let environment = Environment::of(&application.authority);
    let client_id = application.client_id.clone();
    let tokens = PersistentTokens::new(accounts, environment, client_id, Box::new(realm));
    Ok(Some(Arc::new(tokens)))
}

/// The application `client_id` of `tenant_id`, at the token service of `options`.
///
/// # Errors
/// `InvalidArgument` for a malformed id, tenant, authority or region.
pub(in crate::credential) fn application(
    tenant_id: &str,
    client_id: &str,
    client_auth: ClientAuth,
    options: &Options,
) -> Result<Application> {
    check_client_id(client_id)?;
    let allowed = &options.additionally_allowed_tenants;
    let authority = options.authority()?;
    Ok(Application {
        instance: Instance::new(&authority, options.disable_instance_discovery),
        authority,
        region: Region::from_env(options.env())?,
        proxy: None,
        tenants: Tenants::new(tenant_id, allowed, options.single_tenant())?,
        client_id: client_id.to_owned(),
        client_auth,
        retry: RetryPolicy::standard(&options.retry, options.request_timeout),
    })
}

/// Checks that `client_id` can be an application's id.
///
/// # Errors
/// `InvalidArgument`.
pub(in crate::credential) fn check_client_id(client_id: &str) -> Result<()> {
    if !is_one_word(client_id) {
        return Err(Error::invalid(format!(
            "the client id must not be empty or contain spaces: {}. It is the application's id, such \
             as 00000000-0000-0000-0000-000000000000",
            redact::argument(client_id)
        )));
    }
    Ok(())
}

/// The proof of an application by a client secret.
///
/// # Errors
/// `InvalidArgument` for an empty one.
pub(in crate::credential) fn client_secret(text: impl Into<String>) -> Result<ClientAuth> {
    let secret = Secret::new(text);
    if secret.expose().is_empty() {
        return Err(Error::invalid("the client secret must not be empty"));
    }
    Ok(ClientAuth::Secret(secret))
}
