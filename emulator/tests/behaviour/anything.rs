//! Whatever is sent anywhere gets an answer of the 2xx to 4xx kind, and a refusal says why: in JSON,
//! or on a page.

use std::cell::OnceCell;
use std::time::Duration;

use identity_emulator::{Emulator, Reference};
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::visitor::Visitor;

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
    "action",
    "login",
    "passwd",
    "otc",
    "postBackUrl",
    "domain_hint",
    "code_challenge",
    "code_challenge_method",
    "logout_hint",
    "sid",
    "max_age",
    "for_all",
    "session_state",
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
    "accept",
    "cancel",
    "other",
    "approve",
    "continue",
    "alice-password-for-tests-only",
    "admin@contoso.example",
    "fred@federated.contoso.example",
    "S256",
    "plain",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
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

/// The status, if it is a proper one and a refusal says something.
fn proper(answer: &[u8]) -> Result<u16, TestCaseError> {
    let status = status(answer);
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    prop_assert!(
        (200..500).contains(&status) || is_app_service(answer),
        "{text}"
    );
    let says = serde_json::from_str::<serde_json::Value>(body).is_ok()
        || body.starts_with("<!DOCTYPE html>");
    prop_assert!(status < 400 || says || is_wordless(head), "{text}");
    Ok(status)
}

/// Arc's challenge is a header, and the HTTP library refuses by itself what is not HTTP.
fn is_wordless(head: &str) -> bool {
    let head = head.to_ascii_lowercase();
    let by_library = head.starts_with("http/1.1 400 ") && !head.contains("content-type: ");
    head.contains("www-authenticate: basic realm=") || by_library
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

/// A request with the given parts, as a client that knows every secret sends it.
fn request(method: &str, path: &str, query: &str, form: &str, host: &str) -> Vec<u8> {
    let and = if path.contains('?') { '&' } else { '?' };
    let length = form.len();
    let head = format!(
        "{method} {path}{and}{query} HTTP/1.1\r\nhost: x\r\nmetadata: true\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\n\
         x-identity-header: {host}-secret-for-tests-only\r\nsecret: {host}-secret-for-tests-only\r\n\
         content-length: {length}\r\n\r\n{form}"
    );
    head.into_bytes()
}

/// Where sign-ins begin.
const BEGINNINGS: &[&str] = &[
    "/common/oauth2/v2.0/authorize?client_id=bbbbbbbb-0000-4000-8000-000000000006&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Flocalhost",
    "/contoso.example/oauth2/authorize?client_id=bbbbbbbb-0000-4000-8000-000000000007&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%2Fcallback&login_hint=alice%40contoso.example",
    "/contoso.example/v2.0/adminconsent?client_id=bbbbbbbb-0000-4000-8000-000000000007&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&redirect_uri=http%3A%2F%2Flocalhost%2Fcallback&state=s",
    "/devicelogin",
];

/// Fills in one page after another with whatever comes, as long as there are pages.
async fn filled_in(beginning: &str, forms: &[Vec<(String, String)>]) -> Result<(), TestCaseError> {
    let (_, emulator) = emulator();
    let mut visitor = Visitor::new(emulator);
    let mut page = visitor.get(beginning).await;
    for form in forms {
        prop_assert!((200..500).contains(&page.status), "{page:?}");
        if !page.body.contains("name=\"flowToken\"") {
            return Ok(());
        }
        let fields: Vec<_> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        page = visitor.fill(&page, &fields).await;
    }
    prop_assert!((200..500).contains(&page.status), "{page:?}");
    Ok(())
}

fn form_of_a_page() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop::sample::select(&["action", "login", "passwd", "otc", "for_all", "x"][..]);
    prop::collection::vec((name.prop_map(str::to_owned), text()), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_parameters_at_every_endpoint_get_a_proper_answer(
        query in pairs(),
        form in pairs(),
        host in prop::sample::select(SECRET_HOSTS),
    ) {
        for path in paths() {
            for method in ["GET", "POST"] {
                proper(&answer(&request(method, &path, &query, &form, host)))?;
            }
        }
    }
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
        let answer = answer(&request(method, &path, &query, &form, host));
        if method == "HEAD" {
            // Who asks so gets no words; 500 is what App Service says of some resources.
            prop_assert!((200..=500).contains(&status(&answer)));
        } else {
            proper(&answer)?;
        }
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
            proper(&answer(&request))?;
        }
    }

    #[test]
    fn any_path_gets_a_proper_answer(path in "/[!-~]{0,80}") {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        proper(&answer(request.as_bytes()))?;
    }

    #[test]
    fn any_form_on_the_pages_of_a_sign_in_leads_to_a_page(
        beginning in prop::sample::select(BEGINNINGS),
        forms in prop::collection::vec(form_of_a_page(), 1..5),
    ) {
        emulator().0.block_on(filled_in(beginning, &forms))?;
    }
}
