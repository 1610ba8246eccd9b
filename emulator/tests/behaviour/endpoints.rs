//! What holds at every endpoint of the route table.

use identity_emulator::{EndpointInfo, Reference};

use crate::support::{CONTOSO, send, start};

/// The path with its placeholders filled.
pub(crate) fn path(endpoint: &EndpointInfo) -> String {
    let path = endpoint.path.replace("{tenant}", CONTOSO);
    let path = path.replace("{upn}", "alice@contoso.example");
    let path = path
        .replace("{name}", "github")
        .replace("{*path}", "app/daemon");
    // Which would wait for something to come.
    if path.starts_with("/_emulator/journal/") {
        return format!("{path}?timeout_ms=0");
    }
    path
}

#[tokio::test]
async fn every_endpoint_is_there_under_its_name_with_every_method() {
    let emulator = start().await;
    let reference = Reference::new();
    for endpoint in reference.endpoints.iter().chain(&reference.control) {
        let control = endpoint.name.starts_with("emulator.");
        for method in endpoint.methods.split(", ") {
            let line = format!("{method} {}", path(endpoint));
            emulator.journal().clear();
            let answer = send(&emulator, &line, &[], "").await;
            assert!(
                !matches!(answer.status, 0 | 405 | 500..),
                "{line}: {answer:?}"
            );
            let entries = emulator.journal().entries();
            if !control {
                assert_eq!(entries[0].endpoint, endpoint.name, "{line}");
            }
        }
    }
}

#[tokio::test]
async fn every_answer_of_the_token_service_has_its_headers() {
    let emulator = start().await;
    let id = "11111111-2222-4333-8444-555555555555";
    let asked = [
        &format!("client-request-id: {id}"),
        "return-client-request-id: true",
    ];
    for endpoint in &Reference::new().endpoints {
        if !endpoint.name.starts_with("entra.") {
            continue;
        }
        let method = endpoint.methods.split(", ").next().unwrap();
        let line = format!("{method} {}", path(endpoint));
        let answer = send(&emulator, &line, &asked, "").await;
        assert_eq!(answer.header("client-request-id"), Some(id), "{line}");
        assert_eq!(
            answer.header("x-ms-request-id").map(str::len),
            Some(36),
            "{line}"
        );
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{line}"
        );
        assert!(
            answer
                .header("x-ms-ests-server")
                .unwrap()
                .ends_with("ProdSlices")
        );
        assert!(answer.header("p3p").unwrap().starts_with("CP="), "{line}");
        for cookie in ["fpc", "esctx", "x-ms-gateway-slice", "stsservicecookie"] {
            let set = format!("set-cookie: {cookie}=");
            assert_eq!(answer.head.matches(&set).count(), 1, "{line}: {cookie}");
        }
        let silent = send(&emulator, &line, &[], "").await;
        assert_eq!(silent.header("client-request-id"), None, "{line}");
    }
}
