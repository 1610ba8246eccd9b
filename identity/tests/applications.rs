//! The credentials of applications among test doubles: their requests, when they are sent and
//! where.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use identity::context::{Response, Tls};
use identity::{
    AzurePipelinesCredential, AzurePipelinesCredentialOptions, CertificateCredential,
    CertificateCredentialOptions, ClientAssertion, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientCertificate, ClientProof, Error, ErrorKind,
    OnBehalfOfCredential, OnBehalfOfCredentialOptions, TokenCredential, TokenRequest,
    TokenRequestOptions, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use self::world::{TOKEN, World, form};

const SCOPE: &str = "https://r.example/.default";
const PEM: &[u8] = include_bytes!("certificates/plain.pem");
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn counted(calls: &Arc<AtomicUsize>) -> ClientAssertion {
    let calls = Arc::clone(calls);
    ClientAssertion::new(move || {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        async move { Ok(format!("assertion-{call}\n")) }
    })
}

#[tokio::test]
async fn an_assertion_is_made_once_per_request_however_often_that_is_sent() {
    let calls = Arc::new(AtomicUsize::new(0));
    let world = World::answering(|number, _| match number {
        0 => Err(Error::new(ErrorKind::Transport, "connection reset")),
        1 => Ok(Response::new(503, "")),
        _ => Ok(Response::new(200, TOKEN)),
    });
    let options = ClientAssertionCredentialOptions {
        options: world.options(),
    };
    let credential =
        ClientAssertionCredential::with_options("t", "app", counted(&calls), options).unwrap();
    let callers = (0..100).map(|_| credential.get_token(&[SCOPE]));
    for token in world.drive(join_all(callers)).await {
        assert_eq!(token.unwrap().token(), "t");
    }
    assert_eq!((world.seen().len(), calls.load(Ordering::SeqCst)), (3, 1));
    let form = form(&world.seen()[2]);
    assert_eq!(
        form["client_assertion"], "assertion-0",
        "without the line's end"
    );
    assert_eq!(form["client_assertion_type"], ASSERTION_TYPE);
    assert_eq!(form["grant_type"], "client_credentials");
    assert!(!form.contains_key("client_secret"));
}

#[tokio::test]
async fn the_error_of_an_assertion_callback_is_returned_and_nothing_is_sent() {
    for (made, said) in [
        (Ok(" ".to_owned()), "is empty"),
        (Err(()), "vault is closed"),
    ] {
        let world = World::giving_tokens();
        let assertion = ClientAssertion::new(move || {
            let made = made.clone();
            async { made.map_err(|()| Error::new(ErrorKind::Transport, "vault is closed")) }
        });
        let options = ClientAssertionCredentialOptions {
            options: world.options(),
        };
        let credential =
            ClientAssertionCredential::with_options("t", "app", assertion, options).unwrap();
        let error = world
            .drive(credential.get_token(&[SCOPE]))
            .await
            .expect_err(said);
        assert!(error.to_string().contains(said), "{error}");
        assert!(world.seen().is_empty());
    }
}

#[tokio::test]
async fn a_certificate_signs_for_the_endpoint_it_is_sent_to() {
    let world = World::giving_tokens();
    let mut options = world.options();
    options.additionally_allowed_tenants = vec!["other".into()];
    for (tenant, asked, path) in [
        ("t", None, "/t/oauth2/v2.0/token"),
        ("t", Some("other"), "/other/oauth2/v2.0/token"),
        ("adfs", None, "/adfs/oauth2/token"),
    ] {
        let options = CertificateCredentialOptions {
            options: options.clone(),
        };
        let certificate = ClientCertificate::from_bytes(PEM);
        let credential =
            CertificateCredential::with_options(tenant, "app", certificate, options).unwrap();
        let tenant_id = asked.map(str::to_owned);
        let request = TokenRequestOptions {
            tenant_id,
            ..Default::default()
        };
        let request = TokenRequest::with_options(&[SCOPE], request).unwrap();
        world
            .drive(credential.get_token_with(&request))
            .await
            .unwrap();
        let sent = world.seen().pop().unwrap();
        assert_eq!(sent.url.path(), path);
        let assertion = jsonwebtoken::dangerous::insecure_decode::<serde_json::Value>(
            &form(&sent)["client_assertion"],
        );
        assert_eq!(assertion.unwrap().claims["aud"], sent.url.as_str());
    }
}

#[tokio::test]
async fn a_workloads_token_is_read_again_after_ten_minutes_or_a_change() {
    let world = World::giving_tokens();
    world.write("token", "first\n");
    world.set("AZURE_TENANT_ID", "t");
    world.set("AZURE_CLIENT_ID", "app");
    world.set("AZURE_FEDERATED_TOKEN_FILE", "token");
    let options = WorkloadIdentityCredentialOptions {
        options: world.options(),
        ..Default::default()
    };
    let credential = WorkloadIdentityCredential::with_options(options).unwrap();
    let sent = async |scope: &str| {
        world.drive(credential.get_token(&[scope])).await.unwrap();
        form(&world.seen().pop().unwrap())["client_assertion"].clone()
    };
    assert_eq!(sent("a").await, "first");
    assert_eq!(sent("b").await, "first");
    assert_eq!(world.reads(), 1);
    world.write("token", "second");
    assert_eq!(sent("c").await, "second", "it changed");
    world.write_unseen("token", "third!");
    assert_eq!(sent("d").await, "second");
    world.pass(Duration::from_secs(600));
    assert_eq!(sent("e").await, "third!", "ten minutes passed");
}

#[tokio::test]
async fn a_workload_without_its_settings_is_unavailable_and_the_error_names_them() {
    let world = World::giving_tokens();
    world.set("AZURE_CLIENT_ID", "app");
    world.set("AZURE_TENANT_ID", "");
    let unavailable = async || {
        let options = WorkloadIdentityCredentialOptions {
            options: world.options(),
            ..Default::default()
        };
        let credential = WorkloadIdentityCredential::with_options(options).unwrap();
        let error = world
            .drive(credential.get_token(&[SCOPE]))
            .await
            .expect_err("incomplete");
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable, "{error}");
        error.to_string()
    };
    assert!(
        unavailable()
            .await
            .ends_with(": AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE")
    );
    world.set("AZURE_TENANT_ID", "t");
    world.set("AZURE_FEDERATED_TOKEN_FILE", "nowhere/token");
    assert!(unavailable().await.contains("nowhere/token cannot be read"));
    world.write("nowhere/token", " \n");
    assert!(unavailable().await.contains("is empty or not text"));
}

#[tokio::test]
async fn a_token_proxy_gets_the_request_under_its_own_name_and_trust() {
    let world = World::giving_tokens();
    world.write("token", "federated");
    world.write("ca.crt", "old roots");
    for (name, value) in [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_FEDERATED_TOKEN_FILE", "token"),
        (
            "AZURE_KUBERNETES_TOKEN_PROXY",
            "https://10.0.0.1:8443/proxy/",
        ),
        ("AZURE_KUBERNETES_SNI_NAME", "tokens.cluster"),
        ("AZURE_KUBERNETES_CA_FILE", "ca.crt"),
    ] {
        world.set(name, value);
    }
    let credential = |enable_azure_proxy| {
        let options = world.options();
        let options = WorkloadIdentityCredentialOptions {
            enable_azure_proxy,
            options,
            ..Default::default()
        };
        WorkloadIdentityCredential::with_options(options)
    };
    let proxied = credential(true).unwrap();
    let sent = async |scope: &str| {
        world.drive(proxied.get_token(&[scope])).await.unwrap();
        world.seen().pop().unwrap()
    };
    let roots = |pem: &'static str| Tls::Private {
        server_name: Some("tokens.cluster".into()),
        roots_pem: Some(pem.into()),
    };
    let request = sent("a").await;
    assert_eq!(
        request.url.as_str(),
        "https://10.0.0.1:8443/proxy/t/oauth2/v2.0/token"
    );
    assert_eq!(request.tls, roots("old roots"));
    assert!(request.direct);
    world.write("ca.crt", "");
    assert_eq!(
        sent("b").await.tls,
        roots("old roots"),
        "kept while it is replaced"
    );
    world.write("ca.crt", "new roots");
    assert_eq!(sent("c").await.tls, roots("new roots"));

    world
        .drive(credential(false).unwrap().get_token(&[SCOPE]))
        .await
        .unwrap();
    assert_eq!(
        world.seen().pop().unwrap().url.host_str(),
        Some("login.microsoftonline.com")
    );
    for (name, value) in [
        ("AZURE_KUBERNETES_CA_DATA", "both"),
        ("AZURE_KUBERNETES_SNI_NAME", "a/b"),
        ("AZURE_KUBERNETES_SNI_NAME", "10.9.9.9"),
        ("AZURE_KUBERNETES_SNI_NAME", "0x0a.9"),
        ("AZURE_KUBERNETES_TOKEN_PROXY", "http://10.0.0.1"),
        ("AZURE_KUBERNETES_TOKEN_PROXY", "https://u:p@10.0.0.1"),
        ("AZURE_KUBERNETES_TOKEN_PROXY", "https://10.0.0.1?q"),
        ("AZURE_KUBERNETES_TOKEN_PROXY", ""),
    ] {
        let before = world.set(name, value);
        let error = credential(true).expect_err(value);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        world.set(name, &before.unwrap_or_default());
    }
}

#[tokio::test]
async fn a_pipelines_job_token_is_sent_only_to_azure_devops() {
    let world = World::answering(|_, request| {
        Ok(match request.url.host_str() {
            Some("dev.azure.com") => Response::new(200, r#"{"oidcToken":"federated"}"#),
            _ => Response::new(200, TOKEN),
        })
    });
    let credential = || {
        let options = AzurePipelinesCredentialOptions {
            options: world.options(),
        };
        AzurePipelinesCredential::with_options("t", "app", "connection", "job-token", options)
    };
    let error = world
        .drive(credential().unwrap().get_token(&[SCOPE]))
        .await
        .expect_err("no job");
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    world.set(
        "SYSTEM_OIDCREQUESTURI",
        "https://dev.azure.com/org/oidctoken/",
    );
    world
        .drive(credential().unwrap().get_token(&[SCOPE]))
        .await
        .unwrap();
    let [ask, redeem] = <[_; 2]>::try_from(world.seen()).unwrap();
    assert_eq!(
        ask.url.as_str(),
        "https://dev.azure.com/org/oidctoken?api-version=7.1&serviceConnectionId=connection"
    );
    assert_eq!((ask.method.as_str(), ask.body.len()), ("POST", 0));
    assert_eq!(ask.headers["authorization"], "Bearer job-token");
    assert_eq!(ask.headers["x-tfs-fedauthredirect"], "Suppress");
    assert_eq!(form(&redeem)["client_assertion"], "federated");
    assert!(!redeem.headers.contains_key("authorization"));
    world.set("SYSTEM_OIDCREQUESTURI", "http://dev.azure.com/org");
    assert_eq!(
        credential().expect_err("http").kind(),
        ErrorKind::InvalidArgument
    );
}

#[tokio::test]
async fn a_refusal_of_azure_devops_is_reported_without_the_jobs_token() {
    for (status, body, said) in [
        (
            401,
            "no: job-token",
            "HTTP 401 no: ***; check that the step maps",
        ),
        (302, "", "$(System.AccessToken)"),
        (404, "{}", "check the id of the service connection"),
        (200, r#"{"oidcToken":""}"#, "no oidcToken"),
    ] {
        let world = World::answering(move |_, _| Ok(Response::new(status, body)));
        world.set("SYSTEM_OIDCREQUESTURI", "https://dev.azure.com/org");
        let options = AzurePipelinesCredentialOptions {
            options: world.options(),
        };
        let credential =
            AzurePipelinesCredential::with_options("t", "app", "connection", "job-token", options);
        let outcome = world.drive(credential.unwrap().get_token(&[SCOPE])).await;
        let error = outcome.expect_err(said);
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::ClientAuthentication, Some(status))
        );
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.to_string().contains("job-token"), "{error}");
    }
}

#[tokio::test]
async fn on_behalf_of_works_with_every_proof_and_debug_hides_the_assertion() {
    let calls = Arc::new(AtomicUsize::new(0));
    for (proof, field) in [
        (ClientProof::Secret("s".into()), "client_secret"),
        (
            ClientProof::Certificate(ClientCertificate::from_bytes(PEM)),
            "client_assertion",
        ),
        (ClientProof::Assertion(counted(&calls)), "client_assertion"),
    ] {
        let world = World::giving_tokens();
        let options = OnBehalfOfCredentialOptions {
            options: world.options(),
        };
        let credential =
            OnBehalfOfCredential::with_options("t", "app", proof, "users-token", options).unwrap();
        assert!(!format!("{credential:?}").contains("users-token"));
        let credential: Arc<dyn TokenCredential> = Arc::new(credential);
        world.drive(credential.get_token(&[SCOPE])).await.unwrap();
        let form = form(&world.seen()[0]);
        assert_eq!(
            form["grant_type"],
            "urn:ietf:params:oauth:grant-type:jwt-bearer"
        );
        assert_eq!(
            (&*form["assertion"], &*form["requested_token_use"]),
            ("users-token", "on_behalf_of")
        );
        assert!(form.contains_key(field));
    }
    for empty in ["", " ", "Bearer x"] {
        let proof = ClientProof::Secret("s".into());
        let error = OnBehalfOfCredential::new("t", "app", proof, empty).expect_err("no user");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}
