//! Whatever is sent anywhere gets an answer of the 2xx to 4xx kind.

use std::cell::OnceCell;
use std::time::Duration;

use identity_emulator::{Emulator, Reference};
use proptest::prelude::*;
use tokio::runtime::Runtime;

/// Every path of the route table, its placeholders filled, and one that is not there.
fn paths() -> Vec<String> {
    let reference = Reference::new();
    let all = reference.endpoints.iter().chain(&reference.control);
    let mut paths = vec!["/".to_owned(), "/nowhere".to_owned()];
    for endpoint in all {
        for tenant in [
            "aaaaaaaa-0000-4000-8000-000000000001",
            "common",
            "nowhere.example",
        ] {
            let path = endpoint.path.replace("{tenant}", tenant);
            let path = path
                .replace("{upn}", "alice@contoso.example")
                .replace("{name}", "github");
            paths.push(
                path.replace("{*path}", "app/daemon/secret/0")
                    .replace(['{', '}'], ""),
            );
        }
    }
    // Which would wait for something to come.
    for path in &mut paths {
        if path.starts_with("/_emulator/journal/") {
            *path += "?timeout_ms=0";
        }
    }
    paths.dedup();
    paths
}

const NAMES: &[&str] = &[
    "grant_type",
    "client_id",
    "client_secret",
    "scope",
    "resource",
    "client_assertion",
    "client_assertion_type",
    "api-version",
    "authorization_endpoint",
    "msi_res_id",
    "object_id",
    "code",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
    "assertion",
    "requested_token_use",
    "username",
    "password",
    "device_code",
    "claims",
    "state",
    "nonce",
    "response_type",
    "response_mode",
    "prompt",
    "login_hint",
    "id_token_hint",
    "post_logout_redirect_uri",
    "user",
    "clientid",
    "principal_id",
    "principalId",
    "mi_res_id",
    "format",
    "xms_cc",
    "token_sha256_to_refresh",
];
const VALUES: &[&str] = &[
    "client_credentials",
    "bbbbbbbb-0000-4000-8000-000000000001",
    "daemon-secret-for-tests-only",
    "https://vault.azure.net/.default",
    "https://vault.azure.net",
    "2018-02-01",
    "2019-08-01",
    "2017-09-01",
    "2020-06-01",
    "2019-07-01-preview",
    "cccccccc-0000-4000-8000-000000000002",
    "text",
    "1.1",
    "http://localhost/callback",
    "bbbbbbbb-0000-4000-8000-000000000007",
    "e30.e30.",
    "authorization_code",
    "refresh_token",
    "password",
    "device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "on_behalf_of",
    "alice@contoso.example",
    "bbbbbbbb-0000-4000-8000-000000000006",
    "http://localhost",
    "openid offline_access",
    "code",
    "code id_token",
    "form_post",
    "none",
    "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}",
];

/// One for all the cases of a property, so that the newest entry of its journal is that of the case.
fn emulator() -> &'static (Runtime, Emulator) {
    thread_local! {
        static ONE: OnceCell<&'static (Runtime, Emulator)> = const { OnceCell::new() };
    }
    ONE.with(|one| {
        *one.get_or_init(|| {
            let runtime = Runtime::new().unwrap();
            let emulator = runtime.block_on(crate::support::start());
            Box::leak(Box::new((runtime, emulator)))
        })
    })
}

/// Sends the bytes; a hang is a failure, and so is saying nothing.
fn answer(bytes: &[u8]) -> Vec<u8> {
    let (runtime, emulator) = emulator();
    let answer = runtime.block_on(async {
        tokio::time::timeout(
            Duration::from_secs(20),
            crate::support::raw(emulator, bytes),
        )
        .await
    });
    answer.expect("an answer in time")
}

fn status(answer: &[u8]) -> u16 {
    let line = String::from_utf8_lossy(&answer[..answer.len().min(64)]).into_owned();
    assert!(
        line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 "),
        "{line:?}"
    );
    line[9..12].parse().unwrap()
}

fn asked(bytes: &[u8]) -> u16 {
    status(&answer(bytes))
}

/// The one 500 there is: what the real App Service says of a resource it gets no token for.
fn is_app_service(answer: &[u8]) -> bool {
    let answer = String::from_utf8_lossy(answer);
    answer.starts_with("HTTP/1.1 500 ")
        && answer.contains("An unexpected error occured while fetching the AAD Token.")
}

/// Hosts that want a secret.
const SECRET_HOSTS: &[&str] = &[
    "app-service",
    "functions",
    "container-apps",
    "service-fabric",
    "azure-ml",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(VALUES).prop_map(str::to_owned),
        any::<String>()
    ]
}

fn pairs() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        4 => prop::sample::select(NAMES).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec((name, text()), 0..6).prop_map(|pairs| {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_parameters_anywhere_get_a_proper_answer(
        method in prop::sample::select(&["GET", "POST", "PUT", "HEAD", "OPTIONS", "BREW"][..]),
        path in prop::sample::select(paths()),
        query in pairs(),
        form in pairs(),
        host in prop::sample::select(SECRET_HOSTS),
    ) {
        let and = if path.contains('?') { '&' } else { '?' };
        let head = format!(
            "{method} {path}{and}{query} HTTP/1.1\r\nhost: x\r\nmetadata: true\r\nconnection: close\r\n\
             x-identity-header: {host}-secret-for-tests-only\r\nsecret: {host}-secret-for-tests-only\r\n\
             content-length: {}\r\n\r\n{form}",
            form.len()
        );
        let answer = answer(head.as_bytes());
        let status = status(&answer);
        prop_assert!((200..500).contains(&status) || is_app_service(&answer), "{status}");
    }

    #[test]
    fn any_body_and_header_bytes_get_a_proper_answer(
        path in prop::sample::select(paths()),
        header in prop::collection::vec(any::<u8>().prop_filter("a line", |b| !matches!(b, 0 | 10 | 13)), 0..40),
        kind in prop::sample::select(&["application/x-www-form-urlencoded", "application/json", "x"][..]),
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        for name in ["authorization", "client-request-id", "host"] {
            let mut request = format!("POST {path} HTTP/1.1\r\n{name}: ").into_bytes();
            request.extend(&header);
            request.extend(
                format!("\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len())
                    .bytes(),
            );
            request.extend(&body);
            let status = asked(&request);
            prop_assert!((200..500).contains(&status), "{status}");
        }
    }

    #[test]
    fn any_path_gets_a_proper_answer(path in "/[!-~]{0,80}") {
        let status = asked(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes());
        prop_assert!((200..500).contains(&status), "{status}");
    }
}
