//! The credentials of users, with the prompts they show.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::Browser;
use identity::{
    AuthorizationCodeCredential, AuthorizationCodeCredentialOptions, DeviceCodeCredential,
    DeviceCodeCredentialOptions, DeviceCodePrompt, InteractiveBrowserCredential,
    InteractiveBrowserCredentialOptions, Options, Result, TokenCredential,
    UsernamePasswordCredential, UsernamePasswordCredentialOptions,
};
use tokio::sync::mpsc::UnboundedSender;
use url::Url;

use super::build::{shared, text, with_parts};
use crate::protocol::{Credential, Entra, Prompt};

/// The channel that prompts go to instead of a screen.
#[derive(Clone, Debug)]
pub(super) struct Prompts(pub(super) UnboundedSender<Prompt>);

impl Prompts {
    fn show(&self, url: String, user_code: Option<String>) {
        // The receiver is gone at the end of a case, when no user answers any more.
        self.0.send(Prompt { url, user_code }).ok();
    }

    fn of_device(&self) -> DeviceCodePrompt {
        let prompts = self.clone();
        DeviceCodePrompt::new(move |code| {
            prompts.show(code.verification_uri.clone(), Some(code.user_code.clone()));
        })
    }
}

impl Browser for Prompts {
    fn open<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, io::Result<()>> {
        self.show(url.to_string(), None);
        future::ready(Ok(())).boxed()
    }
}

/// Builds the credential `described`, if it is a user's.
pub(super) fn credential(
    described: &Credential,
    options: Options,
    prompts: &Prompts,
) -> Option<Result<Arc<dyn TokenCredential>>> {
    Some(match described {
        Credential::AuthorizationCode(entra) => authorization_code(entra, options),
        Credential::DeviceCode(entra) => device_code(entra, options, prompts),
        Credential::InteractiveBrowser(entra) => interactive_browser(entra, options),
        Credential::UsernamePassword(entra) => username_password(entra, options),
        _ => return None,
    })
}

fn authorization_code(entra: &Entra, options: Options) -> Result<Arc<dyn TokenCredential>> {
    let (tenant, client, options) = with_parts(entra, options);
    let options = AuthorizationCodeCredentialOptions {
        client_secret: entra.client_secret.clone(),
        options,
        ..AuthorizationCodeCredentialOptions::default()
    };
    let (code, redirect_uri) = (text(entra.code.as_ref()), text(entra.redirect_uri.as_ref()));
    shared(AuthorizationCodeCredential::with_options(
        tenant,
        client,
        code,
        redirect_uri,
        options,
    ))
}

fn device_code(
    entra: &Entra,
    options: Options,
    prompts: &Prompts,
) -> Result<Arc<dyn TokenCredential>> {
    let (tenant, client, options) = with_parts(entra, options);
    shared(DeviceCodeCredential::with_options(
        DeviceCodeCredentialOptions {
            client_id: Some(client.to_owned()),
            tenant_id: Some(tenant.to_owned()),
            timeout: timeout(entra),
            prompt: Some(prompts.of_device()),
            options,
            ..DeviceCodeCredentialOptions::default()
        },
    ))
}

fn interactive_browser(entra: &Entra, options: Options) -> Result<Arc<dyn TokenCredential>> {
    let (tenant, client, options) = with_parts(entra, options);
    let defaults = InteractiveBrowserCredentialOptions::default();
    shared(InteractiveBrowserCredential::with_options(
        InteractiveBrowserCredentialOptions {
            client_id: Some(client.to_owned()),
            tenant_id: Some(tenant.to_owned()),
            login_hint: entra.login_hint.clone(),
            timeout: timeout(entra).unwrap_or(defaults.timeout),
            options,
            ..defaults
        },
    ))
}

fn username_password(entra: &Entra, options: Options) -> Result<Arc<dyn TokenCredential>> {
    let (tenant, client, options) = with_parts(entra, options);
    let options = UsernamePasswordCredentialOptions {
        tenant_id: Some(tenant.to_owned()),
        options,
        ..UsernamePasswordCredentialOptions::default()
    };
    let (name, password) = (text(entra.username.as_ref()), text(entra.password.as_ref()));
    shared(UsernamePasswordCredential::with_options(
        client, name, password, options,
    ))
}

fn timeout(entra: &Entra) -> Option<Duration> {
    entra
        .timeout_s
        .map(|seconds| Duration::from_secs(seconds.into()))
}
