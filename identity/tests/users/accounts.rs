//! The tokens of users by account, tenant and family of applications.

use std::io;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::{Context, Files, StaticEnv};
use identity::{
    AuthenticationRecord, DefaultAzureCredential, DefaultAzureCredentialOptions,
    DeviceCodeCredential, DeviceCodeCredentialOptions, EnvironmentCredential,
    EnvironmentCredentialOptions, ErrorKind, Options, SharedTokenCacheCredential,
    SharedTokenCacheCredentialOptions, TokenCache, TokenRequest, TokenRequestOptions,
    VisualStudioCodeCredential, VisualStudioCodeCredentialOptions,
};

use crate::people::{ALICE, ALICE_PASSWORD, BOB, CONTOSO, DESKTOP, GRAPH, Place, VAULT, claims};

const FABRIKAM: &str = "aaaaaaaa-0000-4000-8000-000000000002";
/// An application of the family whose members share refresh tokens.
const VISUAL_STUDIO: &str = "872cd9fa-d31f-45e0-9eab-6e460a02d1f1";
const ARM: &str = "https://management.azure.com/.default";

/// Returns options of credentials that share accounts.
fn shared(place: &Place) -> Options {
    Options {
        token_cache: Some(TokenCache::new()),
        ..place.options()
    }
}

fn device(
    place: &Place,
    client_id: Option<&str>,
    record: Option<AuthenticationRecord>,
    options: &Options,
) -> DeviceCodeCredential {
    DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
        client_id: client_id.map(str::to_owned),
        prompt: Some(place.prompt()),
        authentication_record: record,
        options: options.clone(),
        ..Default::default()
    })
    .unwrap()
}

/// Signs `user` in to `client_id` with a device code.
async fn signs_in(
    place: &Place,
    user: &'static str,
    client_id: Option<&str>,
    options: &Options,
) -> AuthenticationRecord {
    place.sits_down(user);
    let credential = device(place, client_id, None, options);
    let request = TokenRequest::new(&[ARM]).unwrap();
    credential.authenticate_with(&request).await.unwrap()
}

fn prompts(place: &Place) -> usize {
    let asked = place.asked();
    asked
        .iter()
        .filter(|endpoint| *endpoint == "entra.device_code")
        .count()
}

fn in_tenant(tenant: &str) -> TokenRequest {
    let tenant_id = Some(tenant.to_owned());
    let options = TokenRequestOptions {
        tenant_id,
        ..Default::default()
    };
    TokenRequest::with_options(&[ARM], options).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_brings_back_its_own_account_of_several_without_asking() {
    let place = Place::new().await;
    let options = shared(&place);
    let alice = signs_in(&place, ALICE, None, &options).await;
    let bob = signs_in(&place, BOB, None, &options).await;
    for (record, user) in [(alice, ALICE), (bob, BOB)] {
        let kept = AuthenticationRecord::deserialize(&record.serialize()).unwrap();
        let credential = device(&place, None, Some(kept), &options);
        for scope in [ARM, VAULT] {
            let token = credential.get_token(&[scope]).await.unwrap();
            assert_eq!(claims(&token)["upn"], user);
        }
    }
    assert_eq!(prompts(&place), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_gets_tokens_of_the_tenant_that_was_asked() {
    let place = Place::new().await;
    let options = shared(&place);
    let alice = signs_in(&place, ALICE, None, &options).await;
    let credential = device(&place, None, Some(alice), &options);
    // The tenant of the record is its home; others have to be allowed.
    let refused = credential
        .get_token_with(&in_tenant(FABRIKAM))
        .await
        .expect_err("not allowed");
    assert!(
        refused
            .to_string()
            .contains("not configured to acquire tokens for tenant")
    );
    let anywhere = Options {
        additionally_allowed_tenants: vec!["*".into()],
        ..options
    };
    let alice = signs_in(&place, ALICE, None, &anywhere).await;
    let credential = device(&place, None, Some(alice), &anywhere);
    for _ in 0..2 {
        for tenant in [CONTOSO, FABRIKAM] {
            let token = credential.get_token_with(&in_tenant(tenant)).await.unwrap();
            assert_eq!(claims(&token)["tid"], tenant);
        }
    }
    let home = credential.get_token(&[ARM]).await.unwrap();
    assert_eq!(claims(&home)["tid"], CONTOSO);
    assert_eq!(prompts(&place), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_of_applications_shares_a_sign_in_and_others_do_not() {
    let place = Place::new().await;
    let options = shared(&place);
    let alice = signs_in(&place, ALICE, None, &options).await;
    let relative = device(&place, Some(VISUAL_STUDIO), Some(alice.clone()), &options);
    let token = relative.get_token(&[ARM]).await.unwrap();
    assert_eq!(
        (&claims(&token)["upn"], &claims(&token)["appid"]),
        (&ALICE.into(), &VISUAL_STUDIO.into())
    );
    assert_eq!(prompts(&place), 1);
    let stranger = device(&place, Some(DESKTOP), Some(alice), &options);
    let token = stranger.get_token(&[ARM]).await.unwrap();
    assert_eq!(claims(&token)["appid"], DESKTOP);
    assert_eq!(prompts(&place), 2, "its user was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn cae_needs_no_second_sign_in_and_its_tokens_stay_apart() {
    let place = Place::new().await;
    let options = shared(&place);
    let credential = device(&place, None, None, &options);
    let plain = credential.get_token(&[ARM]).await.unwrap();
    let request = TokenRequestOptions {
        enable_cae: true,
        ..Default::default()
    };
    let request = TokenRequest::with_options(&[ARM], request).unwrap();
    let cae = credential.get_token_with(&request).await.unwrap();
    assert_ne!(plain.token(), cae.token());
    assert!(
        cae.expires_on() > plain.expires_on(),
        "it can be revoked, so it lives longer"
    );
    assert_eq!(prompts(&place), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_cache_serves_the_user_signed_in_to_the_family() {
    let place = Place::new().await;
    let options = shared(&place);
    let credential = |username: Option<&str>| {
        SharedTokenCacheCredential::with_options(SharedTokenCacheCredentialOptions {
            username: username.map(str::to_owned),
            options: options.clone(),
            ..Default::default()
        })
        .unwrap()
    };
    let said = async |username| {
        let error = credential(username)
            .get_token(&[VAULT])
            .await
            .expect_err("nobody");
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        error.to_string()
    };
    assert!(
        said(None)
            .await
            .contains("No accounts were found in the cache.")
    );
    // It is not of the family, so no other application may use its tokens.
    signs_in(&place, ALICE, Some(DESKTOP), &options).await;
    assert!(
        said(None)
            .await
            .contains("No accounts were found in the cache.")
    );
    signs_in(&place, ALICE, Some(VISUAL_STUDIO), &options).await;
    let token = credential(None).get_token(&[VAULT]).await.unwrap();
    assert_eq!(claims(&token)["upn"], ALICE);
    signs_in(&place, BOB, None, &options).await;
    assert!(
        said(None)
            .await
            .contains("Use username and tenant id to disambiguate")
    );
    assert!(
        said(Some("carol@x"))
            .await
            .ends_with("username: carol@x was found in the cache.")
    );
    for user in [ALICE, BOB] {
        let token = credential(Some(user)).get_token(&[VAULT]).await.unwrap();
        assert_eq!(claims(&token)["upn"], user);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_account_is_an_error_of_the_shared_cache_and_passed_over_by_the_default_chain() {
    let place = Place::new().await;
    let options = shared(&place);
    signs_in(&place, ALICE, None, &options).await;
    let default = || {
        DefaultAzureCredential::with_options(DefaultAzureCredentialOptions {
            exclude: [
                "ManagedIdentity",
                "AzureCli",
                "AzurePowerShell",
                "AzureDeveloperCli",
            ]
            .map(|name| format!("{name}Credential"))
            .into(),
            options: options.clone(),
            ..Default::default()
        })
        .unwrap()
    };
    let token = default().get_token(&[VAULT]).await.unwrap();
    assert_eq!(claims(&token)["upn"], ALICE);
    place.emulator.revoke_sign_ins(ALICE).unwrap();
    let error = default().get_token(&[GRAPH]).await.expect_err("revoked");
    let attempts: Vec<_> = error
        .attempts()
        .iter()
        .map(|it| (it.name(), it.error().kind()))
        .collect();
    let unavailable = ErrorKind::CredentialUnavailable;
    assert_eq!(
        attempts[2..],
        [
            ("SharedTokenCacheCredential", unavailable),
            ("VisualStudioCodeCredential", unavailable)
        ]
    );
    assert!(error.to_string().contains("AADSTS50173"), "{error}");
}

#[derive(Debug)]
struct Noted(String);

impl Files for Noted {
    fn read<'a>(&'a self, path: &'a Path, _: u64) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        let there =
            path.ends_with(".Azure/ms-azuretools.vscode-azureresourcegroups/authRecord.json");
        let found = there.then(|| self.0.clone().into_bytes());
        future::ready(found.ok_or_else(|| io::ErrorKind::NotFound.into())).boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_visual_studio_code_is_found_in_the_shared_cache_or_not_at_all() {
    const CODE: &str = "aebc6443-996d-45c2-90f0-388ff96faa56";
    let place = Place::new().await;
    let options = shared(&place);
    let credential = |noted: &str| {
        let context = Context {
            files: Arc::new(Noted(noted.to_owned())),
            env: Arc::new(StaticEnv::from_iter([("HOME", "/home/alice")])),
            ..options.context.clone()
        };
        let options = Options {
            context,
            ..options.clone()
        };
        let options = VisualStudioCodeCredentialOptions {
            tenant_id: None,
            options,
        };
        VisualStudioCodeCredential::with_options(options).unwrap()
    };
    let alice = signs_in(&place, ALICE, Some(VISUAL_STUDIO), &options).await;
    let noted = alice.serialize().replace(VISUAL_STUDIO, CODE);
    let bob = noted.replace(alice.home_account_id(), "bob.tenant");
    for (noted, said) in [
        ("{}".to_owned(), "is malformed"),
        (alice.serialize(), "is malformed"),
        (bob, "in a broker of the operating system"),
        (
            noted.replace(alice.authority(), "login.microsoftonline.us"),
            "of another token service",
        ),
    ] {
        let error = credential(&noted).get_token(&[ARM]).await.expect_err(said);
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable, "{error}");
        assert!(error.to_string().contains(said), "{error}");
    }
    let token = credential(&noted).get_token(&[ARM]).await.unwrap();
    assert_eq!(
        (&claims(&token)["upn"], &claims(&token)["appid"]),
        (&ALICE.into(), &CODE.into())
    );
}

#[tokio::test]
async fn the_environment_may_describe_a_user() {
    let place = Place::new().await;
    let variables = [
        ("AZURE_CLIENT_ID", DESKTOP),
        ("AZURE_USERNAME", ALICE),
        ("AZURE_PASSWORD", ALICE_PASSWORD),
    ];
    let mut options = place.options();
    options.context.env = Arc::new(StaticEnv::from_iter(variables));
    let credential = EnvironmentCredential::with_options(EnvironmentCredentialOptions { options });
    let token = credential.unwrap().get_token(&[VAULT]).await.unwrap();
    assert_eq!(claims(&token)["upn"], ALICE);
}

#[cfg(feature = "blocking")]
#[test]
fn a_program_without_a_runtime_signs_its_user_in() {
    use identity::blocking::BlockingCredential;

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let place = runtime.block_on(Place::new());
    let credential = BlockingCredential::new(crate::flows::browser(&place));
    let request = TokenRequest::new(&[VAULT]).unwrap();
    let record = credential.authenticate_with(&request).unwrap();
    assert_eq!(record.username(), ALICE);
    assert_eq!(
        claims(&credential.get_token(&[VAULT]).unwrap())["upn"],
        ALICE
    );
}

#[cfg(feature = "azure_core")]
#[tokio::test(flavor = "multi_thread")]
async fn the_official_sdk_takes_a_users_credential() {
    let place = Place::new().await;
    let credential: Arc<dyn azure_core::credentials::TokenCredential> =
        Arc::new(crate::flows::browser(&place));
    let token = credential.get_token(&[VAULT], None).await.unwrap();
    assert!(token.token.secret().len() > 100);
}
