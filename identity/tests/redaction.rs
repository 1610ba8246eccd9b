//! The `Debug` of no public type shows a secret.

use std::sync::Arc;

use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderName};
use identity::context::{Command, Context, Output, Request, Response, StaticEnv};
use identity::{
    AccessToken, AzureCliCredential, AzureCliCredentialOptions, AzurePipelinesCredential,
    CertificateCredential, CertificateCredentialOptions, ChainedTokenCredential, ClientAssertion,
    ClientAssertionCredential, ClientCertificate, ClientProof, ClientSecretCredential,
    ClientSecretCredentialOptions, DefaultAzureCredential, DefaultAzureCredentialOptions,
    EnvironmentCredential, EnvironmentCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, OnBehalfOfCredential, Options, TokenCache, TokenCredential,
};
use time::OffsetDateTime;

const SECRET: &str = "hush-hush";

fn assert_hidden(value: &dyn std::fmt::Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.contains("hush%2Dhush"), "{text}");
    }
}

fn options() -> Options {
    let env = StaticEnv::from_iter([
        ("AZURE_TENANT_ID", "contoso"),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_CLIENT_SECRET", SECRET),
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/token"),
        ("IDENTITY_HEADER", SECRET),
    ]);
    Options {
        context: Context {
            env: Arc::new(env),
            ..Context::system()
        },
        ..Options::default()
    }
}

#[test]
fn credentials_and_their_options_hide_secrets() {
    let options = options();
    assert_hidden(&options);
    let with = ClientSecretCredentialOptions {
        options: options.clone(),
    };
    assert_hidden(&with);
    let secret = ClientSecretCredential::with_options("contoso", "app", SECRET, with).unwrap();
    assert_hidden(&secret);
    let with = EnvironmentCredentialOptions {
        options: options.clone(),
    };
    let environment = EnvironmentCredential::with_options(with).unwrap();
    assert_hidden(&environment);
    let with = ManagedIdentityCredentialOptions {
        identity: None,
        options: options.clone(),
        ..Default::default()
    };
    let managed = ManagedIdentityCredential::with_options(with).unwrap();
    assert_hidden(&managed);
    let with = AzureCliCredentialOptions {
        options: options.clone(),
        ..Default::default()
    };
    assert_hidden(&with);
    assert_hidden(&AzureCliCredential::with_options(with).unwrap());
    let members: Vec<Arc<dyn TokenCredential>> = vec![Arc::new(secret), Arc::new(environment)];
    assert_hidden(&ChainedTokenCredential::new(members).unwrap());
    let with = DefaultAzureCredentialOptions {
        options,
        ..Default::default()
    };
    assert_hidden(&with);
    assert_hidden(&DefaultAzureCredential::with_options(with).unwrap());
}

#[test]
fn proofs_of_every_kind_hide_their_secrets() {
    let options = Options {
        token_cache: Some(TokenCache::new()),
        ..options()
    };
    let encrypted = &include_bytes!("certificates/aes.pem")[..];
    for certificate in [
        ClientCertificate::from_path("app.pem"),
        ClientCertificate::from_bytes(encrypted),
    ] {
        let certificate = ClientCertificate {
            password: Some(SECRET.into()),
            ..certificate
        };
        assert_hidden(&certificate);
        let with = CertificateCredentialOptions {
            options: options.clone(),
        };
        let made = CertificateCredential::with_options("t", "app", certificate.clone(), with);
        assert_hidden(&made.unwrap());
        let proof = ClientProof::Certificate(certificate);
        assert_hidden(&proof);
        assert_hidden(&OnBehalfOfCredential::new("t", "app", proof, SECRET).unwrap());
    }
    let proof = ClientProof::Secret(SECRET.into());
    assert_hidden(&proof);
    assert_hidden(&OnBehalfOfCredential::new("t", "app", proof, SECRET).unwrap());
    let assertion = ClientAssertion::new(|| async { Ok(SECRET.into()) });
    assert_hidden(&ClientAssertionCredential::new("t", "app", assertion).unwrap());
    assert_hidden(&AzurePipelinesCredential::new("t", "app", "connection", SECRET).unwrap());
    assert_hidden(&options);
}

#[test]
fn tokens_hide_their_text() {
    let token = AccessToken::new(SECRET, OffsetDateTime::UNIX_EPOCH);
    assert_eq!(token.token(), SECRET);
    assert_hidden(&token);
}

#[test]
fn requests_and_answers_hide_queries_bodies_and_all_but_harmless_headers() {
    let url = format!("https://h/p?code={SECRET}").parse().unwrap();
    let value = HeaderValue::from_static(SECRET);
    let request = Request::post_form(url, format!("client_secret={SECRET}"))
        .header(AUTHORIZATION, value.clone())
        .header(HeaderName::from_static("x-identity-header"), value.clone())
        .header(HeaderName::from_static("secret"), value.clone());
    assert_hidden(&request);
    let mut response = Response::new(200, format!("{{\"access_token\":\"{SECRET}\"}}"));
    response.headers.insert("set-cookie", value);
    assert_hidden(&response);
}

#[test]
fn variables_and_outputs_of_programs_hide_their_values() {
    assert_hidden(&StaticEnv::from_iter([("AZURE_CLIENT_SECRET", SECRET)]));
    let stdout = SECRET.as_bytes().to_vec();
    assert_hidden(&Output {
        code: Some(0),
        stdout: stdout.clone(),
        stderr: stdout,
    });
    let env = vec![("AZURE_CLIENT_SECRET".to_owned(), SECRET.to_owned())];
    assert_hidden(&Command {
        program: "az".into(),
        args: vec![],
        env,
        directory: None,
    });
}
