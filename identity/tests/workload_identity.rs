//! Workload identity through a managed identity credential.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use identity::{
    DefaultAzureCredential, DefaultAzureCredentialOptions, ErrorKind, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, ManagedIdentityId, Options, Result, TokenRequest,
    TokenRequestOptions,
};

use self::world::{World, form};

const SCOPE: &str = "https://r.example/.default";
const FILE: &str = "/var/run/secrets/token";

/// Returns a pod with the variables that the webhook sets.
fn pod() -> World {
    let world = World::giving_tokens();
    for (name, value) in [
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"),
        ("AZURE_TENANT_ID", "contoso"),
        ("AZURE_CLIENT_ID", "pod"),
        ("AZURE_FEDERATED_TOKEN_FILE", FILE),
    ] {
        world.set(name, value);
    }
    world.write(FILE, "federated\n");
    world
}

fn managed(
    identity: Option<ManagedIdentityId>,
    options: Options,
) -> Result<ManagedIdentityCredential> {
    ManagedIdentityCredential::with_options(ManagedIdentityCredentialOptions {
        identity,
        options,
        ..Default::default()
    })
}

#[tokio::test]
async fn the_service_accounts_token_is_exchanged_at_the_token_service() {
    let world = pod();
    let credential = managed(None, world.options()).unwrap();
    for _ in 0..2 {
        let token = world.drive(credential.get_token(&[SCOPE])).await.unwrap();
        assert_eq!(token.token(), "t");
    }
    let [sent] = &world.seen()[..] else {
        panic!("one request: {:?}", world.seen());
    };
    assert_eq!(
        sent.url.as_str(),
        "https://login.microsoftonline.us/contoso/oauth2/v2.0/token"
    );
    let form = form(sent);
    assert_eq!(form["client_id"], "pod");
    assert_eq!(form["client_assertion"], "federated");
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["scope"], SCOPE);
}

#[tokio::test]
async fn a_client_id_goes_above_the_environments_and_other_ids_are_refused() {
    let world = pod();
    let other = ManagedIdentityId::ClientId("other".to_owned());
    let credential = managed(Some(other), world.options()).unwrap();
    world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    assert_eq!(form(&world.seen()[0])["client_id"], "other");
    for id in [
        ManagedIdentityId::ObjectId("o".to_owned()),
        ManagedIdentityId::ResourceId("/r".to_owned()),
    ] {
        let error = managed(Some(id), world.options()).expect_err("no client id");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}

#[tokio::test]
async fn a_requests_tenant_and_claims_reach_the_token_service() {
    let world = pod();
    let options = Options {
        additionally_allowed_tenants: vec!["fabrikam".to_owned()],
        ..world.options()
    };
    let credential = managed(None, options).unwrap();
    let with = |tenant: &str| {
        let options = TokenRequestOptions {
            tenant_id: Some(tenant.to_owned()),
            claims: Some(r#"{"access_token":{}}"#.to_owned()),
            ..Default::default()
        };
        TokenRequest::with_options(&[SCOPE], options).unwrap()
    };
    let fabrikam = with("fabrikam");
    let token = world.drive(credential.get_token_with(&fabrikam)).await;
    token.unwrap();
    let sent = world.seen().pop().unwrap();
    assert_eq!(sent.url.path(), "/fabrikam/oauth2/v2.0/token");
    assert_eq!(form(&sent)["claims"], r#"{"access_token":{}}"#);
    let elsewhere = with("elsewhere");
    let refused = world.drive(credential.get_token_with(&elsewhere)).await;
    assert_eq!(
        refused.expect_err("not allowed").kind(),
        ErrorKind::ClientAuthentication
    );
}

#[tokio::test]
async fn without_its_variables_a_chain_goes_on() {
    let world = pod();
    world.set("AZURE_CLIENT_ID", "");
    let error = managed(None, world.options()).unwrap();
    let error = world.drive(error.get_token(&[SCOPE])).await;
    let error = error.expect_err("nobody is named");
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    assert!(error.to_string().contains("AZURE_CLIENT_ID"), "{error}");

    let world = pod();
    world.set("AZURE_FEDERATED_TOKEN_FILE", "/gone");
    let credential = managed(None, world.options()).unwrap();
    let error = world.drive(credential.get_token(&[SCOPE])).await;
    let error = error.expect_err("no file");
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    assert!(error.to_string().contains("/gone"), "{error}");
    assert!(world.seen().is_empty(), "IMDS would be another identity");
}

#[tokio::test]
async fn without_workload_identity_the_default_chain_uses_the_managed_identity_host() {
    for (exclude, host) in [
        (vec![], "login.microsoftonline.us"),
        (
            vec!["workloadidentitycredential".to_owned()],
            "169.254.169.254",
        ),
    ] {
        let world = pod();
        let options = DefaultAzureCredentialOptions {
            exclude,
            options: world.options(),
            ..Default::default()
        };
        let chain = DefaultAzureCredential::with_options(options).unwrap();
        world.drive(chain.get_token(&[SCOPE])).await.unwrap();
        let seen = world.seen();
        assert_eq!(seen.last().unwrap().url.host_str(), Some(host));
    }
}
