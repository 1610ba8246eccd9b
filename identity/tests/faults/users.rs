//! The constructors of the credentials of users.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use identity::context::Context;
use identity::{
    AuthorizationCodeCredential, AuthorizationCodeCredentialOptions, DeviceCodeCredential,
    DeviceCodeCredentialOptions, DeviceCodePrompt, InteractiveBrowserCredential,
    InteractiveBrowserCredentialOptions, Options, SharedTokenCacheCredential,
    SharedTokenCacheCredentialOptions, TokenCredential, TokenRequest, UsernamePasswordCredential,
    UsernamePasswordCredentialOptions, VisualStudioCodeCredential,
    VisualStudioCodeCredentialOptions,
};

use crate::make::made;
use crate::stage::{Disk, HOME};
use crate::worlds::SECRET;

const CONTOSO: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const DESKTOP: &str = "bbbbbbbb-0000-4000-8000-000000000006";
const VISUAL_STUDIO_CODE: &str = "aebc6443-996d-45c2-90f0-388ff96faa56";

pub(crate) fn password(options: Options) -> Arc<dyn TokenCredential> {
    made(signing_in(
        DESKTOP,
        "alice@contoso.example",
        SECRET,
        options,
    ))
}

pub(crate) fn authorization_code(options: Options) -> Arc<dyn TokenCredential> {
    let options = AuthorizationCodeCredentialOptions {
        client_secret: Some(SECRET.to_owned()),
        options,
        ..Default::default()
    };
    let back = "http://localhost/callback";
    made(AuthorizationCodeCredential::with_options(
        "contoso", "app", SECRET, back, options,
    ))
}

pub(crate) fn browser(options: Options) -> Arc<dyn TokenCredential> {
    made(InteractiveBrowserCredential::with_options(
        InteractiveBrowserCredentialOptions {
            options,
            ..Default::default()
        },
    ))
}

pub(crate) fn device(options: Options) -> Arc<dyn TokenCredential> {
    made(DeviceCodeCredential::with_options(
        DeviceCodeCredentialOptions {
            prompt: Some(DeviceCodePrompt::new(|_| ())),
            options,
            ..Default::default()
        },
    ))
}

/// Signs Alice in to a program that shares its cache.
pub(crate) fn shared_token_cache(
    trusting: Options,
    options: Options,
) -> BoxFuture<'static, Arc<dyn TokenCredential>> {
    async move {
        let authentication_record = Some(alice(DESKTOP, trusting).await);
        made(SharedTokenCacheCredential::with_options(
            SharedTokenCacheCredentialOptions {
                authentication_record,
                options,
                ..Default::default()
            },
        ))
    }
    .boxed()
}

/// Signs Alice in to the extension, which stores a record of her.
pub(crate) fn visual_studio_code(
    trusting: Options,
    options: Options,
) -> BoxFuture<'static, Arc<dyn TokenCredential>> {
    async move {
        let note = Some(alice(VISUAL_STUDIO_CODE, trusting).await.serialize());
        let options = Options {
            context: Context {
                env: Arc::new(identity::context::StaticEnv::from_iter([("HOME", HOME)])),
                files: Arc::new(Disk { note }),
                ..options.context
            },
            ..options
        };
        made(VisualStudioCodeCredential::with_options(
            VisualStudioCodeCredentialOptions {
                options,
                ..Default::default()
            },
        ))
    }
    .boxed()
}

async fn alice(client_id: &str, options: Options) -> identity::AuthenticationRecord {
    let (name, password) = ("alice@contoso.example", "alice-password-for-tests-only");
    let credential = signing_in(client_id, name, password, options).unwrap();
    let request = TokenRequest::new(&["https://graph.microsoft.com/.default"]).unwrap();
    credential.authenticate_with(&request).await.unwrap()
}

fn signing_in(
    client_id: &str,
    username: &str,
    password: &str,
    options: Options,
) -> identity::Result<UsernamePasswordCredential> {
    let options = UsernamePasswordCredentialOptions {
        tenant_id: Some(CONTOSO.to_owned()),
        options,
        ..Default::default()
    };
    UsernamePasswordCredential::with_options(client_id, username, password, options)
}
