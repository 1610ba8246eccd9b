//! Features that surround the credentials: trust in authorities, regions, shared tokens, names in
//! logs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use identity::context::Response;
use identity::{
    ClientAssertion, ClientAssertionCredential, ClientAssertionCredentialOptions,
    ClientCertificate, ClientProof, ClientSecretCredential, ClientSecretCredentialOptions,
    EnvironmentCredential, EnvironmentCredentialOptions, Error, ErrorKind, OnBehalfOfCredential,
    OnBehalfOfCredentialOptions, Options, Result, TokenCache, TokenCredential,
    get_bearer_token_provider,
};

use self::world::{TOKEN, World, form};

const SCOPE: &str = "https://r.example/.default";

fn secret(client_secret: &str, options: Options) -> Result<ClientSecretCredential> {
    let options = ClientSecretCredentialOptions { options };
    ClientSecretCredential::with_options("t", "app", client_secret, options)
}

fn private(world: &World) -> Options {
    let authority_host = Some("https://login.private.example:8443".to_owned());
    Options {
        authority_host,
        ..world.options()
    }
}

#[tokio::test]
async fn an_unknown_authority_gets_a_secret_once_the_public_cloud_knows_it() {
    let world = World::answering(|number, _| {
        Ok(match number {
            0 => Response::new(
                200,
                r#"{"tenant_discovery_endpoint":"https://login.private.example:8443/t/v2.0/.well-known/openid-configuration"}"#,
            ),
            _ => Response::new(200, TOKEN),
        })
    });
    let credential = secret("s", private(&world)).unwrap();
    for scope in ["a", "b"] {
        world.drive(credential.get_token(&[scope])).await.unwrap();
    }
    let urls: Vec<_> = world
        .seen()
        .iter()
        .map(|request| request.url.to_string())
        .collect();
    let token = "https://login.private.example:8443/t/oauth2/v2.0/token";
    assert_eq!(
        urls,
        [
            "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.private.example%3A8443%2Ft%2Foauth2%2Fv2.0%2Fauthorize",
            token,
            token,
        ]
    );
    assert!(
        world.seen()[0].body.is_empty(),
        "nothing secret in the question"
    );
}

#[tokio::test]
async fn an_authority_that_the_public_cloud_does_not_know_gets_nothing() {
    let elsewhere = r#"{"tenant_discovery_endpoint":"https://evil.example/t/","metadata":[{"aliases":["evil.example","login.example"]}]}"#;
    let plain = r#"{"tenant_discovery_endpoint":"http://login.private.example:8443/t/"}"#;
    let unknown = r#"{"error":"invalid_instance","error_description":"AADSTS50049: Unknown."}"#;
    for (status, body, kind) in [
        (400, unknown, ErrorKind::InvalidArgument),
        (200, elsewhere, ErrorKind::ClientAuthentication),
        (200, plain, ErrorKind::ClientAuthentication),
        (200, "{}", ErrorKind::ClientAuthentication),
        (404, "<html>", ErrorKind::ClientAuthentication),
    ] {
        let world = World::answering(move |_, _| Ok(Response::new(status, body)));
        let credential = secret("s", private(&world)).unwrap();
        let error = world
            .drive(credential.get_token(&[SCOPE]))
            .await
            .expect_err(body);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(
            error.to_string().contains("disable_instance_discovery"),
            "{error}"
        );
        assert_eq!(world.seen().len(), 1);
    }
}

#[tokio::test]
async fn known_authorities_and_those_of_this_machine_are_trusted_without_a_request() {
    let world = World::giving_tokens();
    for host in [
        "https://login.microsoftonline.us",
        "login.windows.net",
        "https://contoso.ciamlogin.com",
        "https://127.0.0.1:8443",
        "https://localhost",
        "https://login.private.example",
    ] {
        let disable_instance_discovery = host.contains("private");
        let authority_host = Some(host.to_owned());
        let options = Options {
            authority_host,
            disable_instance_discovery,
            ..world.options()
        };
        let credential = secret("s", options).unwrap();
        world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    }
    assert!(
        world
            .seen()
            .iter()
            .all(|request| request.url.path() == "/t/oauth2/v2.0/token")
    );
}

#[tokio::test]
async fn a_region_is_named_or_found_and_only_for_applications() {
    let asked = async |variables: &[(&str, &str)], imds: &'static str| {
        let world = World::answering(move |_, request| {
            Ok(match request.url.host_str() {
                Some("169.254.169.254") => Response::new(200, imds),
                _ => Response::new(200, TOKEN),
            })
        });
        for (name, value) in variables {
            world.set(name, value);
        }
        let credential = secret("s", world.options()).unwrap();
        world.drive(credential.get_token(&["a"])).await.unwrap();
        world.drive(credential.get_token(&["b"])).await.unwrap();
        let seen = world.seen();
        let hosts = seen
            .iter()
            .map(|request| request.url.host_str().unwrap().to_owned());
        hosts.collect::<Vec<_>>()
    };
    let name = "AZURE_REGIONAL_AUTHORITY_NAME";
    let regional = "westus2.login.microsoft.com";
    assert_eq!(asked(&[(name, "West US 2")], "").await, [regional; 2]);
    let detected = [(name, "TryAutoDetect"), ("REGION_NAME", "westus2")];
    assert_eq!(asked(&detected, "").await, [regional; 2]);
    let imds = "169.254.169.254";
    let located = asked(&[(name, "true")], r#"{"location":"westus2"}"#).await;
    assert_eq!(located, [imds, regional, regional], "asked once");
    let nowhere = asked(&[(name, "true")], "{}").await;
    assert_eq!(
        nowhere,
        [
            imds,
            "login.microsoftonline.com",
            "login.microsoftonline.com"
        ]
    );
    assert_eq!(
        asked(&[("REGION_NAME", "westus2")], "").await[0],
        "login.microsoftonline.com"
    );

    let world = World::giving_tokens();
    world.set(name, "westus2");
    let options = OnBehalfOfCredentialOptions {
        options: world.options(),
    };
    let proof = ClientProof::Secret("s".into());
    let user = OnBehalfOfCredential::with_options("t", "app", proof, "user", options).unwrap();
    world.drive(user.get_token(&[SCOPE])).await.unwrap();
    assert_eq!(
        world.seen()[0].url.host_str(),
        Some("login.microsoftonline.com")
    );
    world.set(name, "a.b/c");
    assert_eq!(
        secret("s", world.options()).expect_err("no region").kind(),
        ErrorKind::InvalidArgument
    );
}

#[tokio::test]
async fn a_thousand_instances_of_one_identity_make_one_request() {
    let world = World::giving_tokens();
    let token_cache = Some(TokenCache::new());
    let options = Options {
        token_cache,
        ..world.options()
    };
    let instances: Vec<_> = (0..1000)
        .map(|_| secret("s", options.clone()).unwrap())
        .collect();
    let calls = instances
        .iter()
        .map(|instance| instance.get_token(&[SCOPE]));
    assert!(world.drive(join_all(calls)).await.iter().all(Result::is_ok));
    assert_eq!(world.seen().len(), 1);
}

#[tokio::test]
async fn a_shared_cache_keeps_identities_apart() {
    let world = World::giving_tokens();
    let options = Options {
        token_cache: Some(TokenCache::new()),
        ..world.options()
    };
    let other_host = Options {
        authority_host: Some("https://login.microsoftonline.us".into()),
        ..options.clone()
    };
    let secret_of = |tenant: &str, client: &str, text: &str, options: &Options| {
        let options = ClientSecretCredentialOptions {
            options: options.clone(),
        };
        let made = ClientSecretCredential::with_options(tenant, client, text, options);
        Arc::new(made.unwrap()) as Arc<dyn TokenCredential>
    };
    let user = |assertion: &str| {
        let options = OnBehalfOfCredentialOptions {
            options: options.clone(),
        };
        let proof = ClientProof::Secret("s".into());
        let made = OnBehalfOfCredential::with_options("t", "app", proof, assertion, options);
        Arc::new(made.unwrap()) as Arc<dyn TokenCredential>
    };
    let assertion = || {
        let options = ClientAssertionCredentialOptions {
            options: options.clone(),
        };
        let assertion = ClientAssertion::new(|| async { Ok("a".to_owned()) });
        let made = ClientAssertionCredential::with_options("t", "app", assertion, options);
        Arc::new(made.unwrap()) as Arc<dyn TokenCredential>
    };
    let different = [
        secret_of("t", "app", "s", &options),
        secret_of("u", "app", "s", &options),
        secret_of("t", "other", "s", &options),
        secret_of("t", "app", "guessed", &options),
        secret_of("t", "app", "s", &other_host),
        user("alice"),
        user("bob"),
        assertion(),
        assertion(),
    ];
    for credential in &different {
        world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    }
    assert_eq!(world.seen().len(), different.len());
    world
        .drive(user("alice").get_token(&[SCOPE]))
        .await
        .unwrap();
    assert_eq!(
        world.seen().len(),
        different.len(),
        "who comes again finds the token"
    );
}

#[tokio::test]
async fn a_programs_name_precedes_ours_and_the_error_of_a_lost_request_has_its_id() {
    let world = World::answering(|_, _| Err(Error::new(ErrorKind::Transport, "reset")));
    let user_agent = Some("my-program/1.0".to_owned());
    let credential = secret(
        "s",
        Options {
            user_agent,
            ..world.options()
        },
    )
    .unwrap();
    let error = world
        .drive(credential.get_token(&[SCOPE]))
        .await
        .expect_err("reset");
    let requests = world.seen();
    assert_eq!(requests.len(), 4, "one try and three more");
    for request in &requests {
        let agent = request.headers["user-agent"].to_str().unwrap();
        assert!(
            agent.starts_with("my-program/1.0 azsdk-rust-identity/"),
            "{agent}"
        );
        let id = request.headers["client-request-id"].to_str().unwrap();
        assert_eq!(error.correlation_id(), Some(id));
    }
    for bad in ["", " ", "a\nb", "ü"] {
        let user_agent = Some(bad.to_owned());
        assert!(
            secret(
                "s",
                Options {
                    user_agent,
                    ..world.options()
                }
            )
            .is_err(),
            "{bad:?}"
        );
    }
}

#[tokio::test]
async fn a_bearer_token_provider_is_the_credential_as_a_function() {
    let world = World::giving_tokens();
    let credential = Arc::new(secret("s", world.options()).unwrap());
    let provider = get_bearer_token_provider(credential.clone(), &[SCOPE]).unwrap();
    for _ in 0..2 {
        assert_eq!(world.drive(provider.clone()()).await.unwrap(), "t");
    }
    assert_eq!(world.seen().len(), 1, "cached");
    world.pass(Duration::from_secs(3600));
    world.drive(provider()).await.unwrap();
    assert_eq!(world.seen().len(), 2);
    assert!(get_bearer_token_provider(credential, &[]).is_err());
}

#[tokio::test]
async fn the_environment_describes_a_certificate_its_tenants_and_its_authority() {
    let world = World::giving_tokens();
    let pem = include_str!("certificates/aes.pem");
    world.write("app.pem", pem);
    for (name, value) in [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_CLIENT_CERTIFICATE_PATH", "app.pem"),
        ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "hush-hush"),
        ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "true"),
        ("AZURE_ADDITIONALLY_ALLOWED_TENANTS", " other ; more"),
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"),
    ] {
        world.set(name, value);
    }
    let options = || EnvironmentCredentialOptions {
        options: world.options(),
    };
    let credential = EnvironmentCredential::with_options(options()).unwrap();
    let request = identity::TokenRequestOptions {
        tenant_id: Some("other".into()),
        ..Default::default()
    };
    let request = identity::TokenRequest::with_options(&[SCOPE], request).unwrap();
    world
        .drive(credential.get_token_with(&request))
        .await
        .unwrap();
    let sent = world.seen().pop().unwrap();
    assert_eq!(
        sent.url.as_str(),
        "https://login.microsoftonline.us/other/oauth2/v2.0/token"
    );
    let assertion = &form(&sent)["client_assertion"];
    let header = jsonwebtoken::decode_header(assertion).unwrap();
    assert_eq!(header.x5c.map(|chain| chain.len()), Some(1));
    world.set("AZURE_CLIENT_CERTIFICATE_PASSWORD", "guess");
    let credential = EnvironmentCredential::with_options(options()).unwrap();
    let error = world
        .drive(credential.get_token(&[SCOPE]))
        .await
        .expect_err("wrong password");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let text = error.to_string();
    assert!(
        text.contains("app.pem") && text.contains("password is wrong"),
        "{text}"
    );
    assert!(!text.contains("guess"), "{text}");
    let certificate = ClientCertificate {
        password: Some("hush-hush".into()),
        ..ClientCertificate::from_bytes(pem)
    };
    assert!(!format!("{certificate:?}").contains("hush"));
}
