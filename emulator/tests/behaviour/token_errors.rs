//! The token endpoints: what every wrong request gets.

use crate::support::{Answer, CONTOSO, DAEMON, SECRET, fields, post, send, start};
use serde_json::json;

const VAULT: &str = "https://vault.azure.net/.default";

fn changed<'a>(name: &'a str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let mut fields = fields(VAULT);
    fields.retain(|(key, _)| *key != name);
    fields.extend(value.map(|value| (name, value)));
    fields
}

/// Status, OAuth error, code, whether there is an `error_uri`, and the text without its trail.
fn essence(answer: &Answer) -> (u16, String, u64, bool, String) {
    let body = answer.json();
    let code = body["error_codes"][0].as_u64().unwrap();
    let description = body["error_description"].as_str().unwrap();
    let text = description
        .strip_prefix(&format!("AADSTS{code}: "))
        .unwrap();
    let text = text.split(" Trace ID: ").next().unwrap().to_owned();
    let error = body["error"].as_str().unwrap().to_owned();
    (
        answer.status,
        error,
        code,
        body.get("error_uri").is_some(),
        text,
    )
}

#[tokio::test]
async fn an_error_has_the_shape_of_the_real_one() {
    let emulator = start().await;
    let id = "01234567-89ab-4cde-8f01-23456789abcd";
    let body = crate::support::encoded(&changed("client_secret", Some("wrong")));
    let headers = [
        "content-type: application/x-www-form-urlencoded",
        &format!("client-request-id: {id}"),
        "return-client-request-id: true",
    ];
    let answer = send(
        &emulator,
        &format!("POST /{CONTOSO}/oauth2/v2.0/token"),
        &headers,
        &body,
    )
    .await;
    assert_eq!(
        answer.members(),
        [
            "error",
            "error_description",
            "error_codes",
            "timestamp",
            "trace_id",
            "correlation_id",
            "error_uri"
        ]
    );
    let body = answer.json();
    assert_eq!(body["correlation_id"], id);
    assert_eq!(answer.header("client-request-id"), Some(id));
    assert_eq!(answer.header("x-ms-request-id"), body["trace_id"].as_str());
    assert_eq!(answer.header("x-ms-clitelem"), Some("1,7000215,0,,"));
    let (trace, at) = (
        body["trace_id"].as_str().unwrap(),
        body["timestamp"].as_str().unwrap(),
    );
    assert_eq!(
        body["error_description"],
        format!(
            "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the \
             request is the client secret value, not the client secret ID, for a secret added to \
             app '{DAEMON}'. Trace ID: {trace} Correlation ID: {id} Timestamp: {at}"
        )
    );
    assert_eq!(
        body["error_uri"],
        format!("{}/error?code=7000215", emulator.http())
    );
    assert!(answer.head.starts_with("HTTP/1.1 401 Unauthorized"));
}

#[tokio::test]
pub(crate) async fn every_misuse_of_the_v2_endpoint_has_its_error() {
    let emulator = start().await;
    let own = |id, secret| {
        let mut fields = fields(VAULT);
        (fields[1].1, fields[2].1) = (id, secret);
        fields
    };
    let with = |name, value| changed(name, Some(value));
    let mut twice = fields(VAULT);
    twice.push(("client_id", DAEMON));
    let mut resource = fields(VAULT);
    resource.push(("resource", "https://vault.azure.net"));
    let mut assertion = changed("client_secret", None);
    assertion.push(("client_assertion", "e30.e30.AA"));
    let mut malformed = changed("client_secret", None);
    malformed.extend([("client_assertion", "x"), ("client_assertion_type", "y")]);
    let mut no_key = assertion.clone();
    no_key.push((
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ));
    let cases = [
        (
            changed("grant_type", None),
            400,
            "invalid_request",
            900_144,
            true,
        ),
        (
            changed("client_id", None),
            400,
            "invalid_request",
            900_144,
            true,
        ),
        (
            changed("scope", None),
            400,
            "invalid_request",
            900_144,
            true,
        ),
        (assertion, 400, "invalid_request", 900_144, true),
        (with("scope", ""), 400, "invalid_request", 900_144, true),
        (
            with("grant_type", "no_such_grant"),
            400,
            "unsupported_grant_type",
            70003,
            false,
        ),
        (twice, 400, "invalid_request", 90004, true),
        (resource, 400, "invalid_request", 901_002, true),
        (
            with("client_id", "bbbbbbbb-0000-4000-8000-0000000000ff"),
            400,
            "unauthorized_client",
            700_016,
            true,
        ),
        (
            with("client_id", "my-app"),
            400,
            "unauthorized_client",
            700_016,
            true,
        ),
        (
            with("client_id", "00000000-0000-0000-0000-000000000000"),
            400,
            "unauthorized_client",
            700_038,
            false,
        ),
        (
            own(
                "bbbbbbbb-0000-4000-8000-000000000002",
                "disabled-secret-for-tests-only",
            ),
            400,
            "unauthorized_client",
            7_000_112,
            true,
        ),
        (
            own(
                "bbbbbbbb-0000-4000-8000-000000000003",
                "expired-secret-for-tests-only",
            ),
            401,
            "invalid_client",
            7_000_222,
            true,
        ),
        (
            own("bbbbbbbb-0000-4000-8000-000000000006", "any"),
            401,
            "invalid_client",
            700_025,
            true,
        ),
        (
            with("client_secret", "wrong"),
            401,
            "invalid_client",
            7_000_215,
            true,
        ),
        (
            changed("client_secret", None),
            401,
            "invalid_client",
            7_000_216,
            true,
        ),
        (
            with("client_secret", ""),
            401,
            "invalid_client",
            7_000_216,
            true,
        ),
        (malformed, 401, "invalid_client", 50027, true),
        (no_key, 401, "invalid_client", 5_002_738, true),
        (
            with("scope", "user.read"),
            400,
            "invalid_scope",
            1_002_012,
            false,
        ),
        (
            with("scope", "openid"),
            400,
            "invalid_scope",
            1_002_012,
            false,
        ),
        (
            with("scope", "api://a/.default api://b/.default"),
            400,
            "invalid_scope",
            70011,
            false,
        ),
        (
            with("scope", "nothing/.default"),
            400,
            "invalid_scope",
            70011,
            false,
        ),
        (
            with("scope", "api://nowhere/.default"),
            400,
            "invalid_resource",
            500_011,
            true,
        ),
    ];
    for (form, status, error, code, uri) in cases {
        let answer = post(&emulator, &format!("/{CONTOSO}/oauth2/v2.0/token"), &form).await;
        let (was, name, number, has_uri, _) = essence(&answer);
        assert_eq!(
            (was, name.as_str(), number, has_uri),
            (status, error, code, uri),
            "{form:?}"
        );
        let noted = emulator.journal().entries().last().unwrap().error;
        assert_eq!(noted.map(u64::from), Some(code));
    }
}

#[tokio::test]
async fn the_texts_are_those_of_the_captures() {
    let emulator = start().await;
    let v2 = format!("/{CONTOSO}/oauth2/v2.0/token");
    let text = async |form: Vec<(&str, &str)>| essence(&post(&emulator, &v2, &form).await).4;
    assert_eq!(
        text(changed("grant_type", Some("no_such_grant"))).await,
        "The app requested an unsupported grant type 'no_such_grant'."
    );
    assert_eq!(
        text(changed("client_id", None)).await,
        "The request body must contain the following parameter: 'client_id'."
    );
    assert_eq!(
        text(changed("scope", Some("api://nowhere/.default"))).await,
        format!(
            "The resource principal named api://nowhere was not found in the tenant named {CONTOSO}. \
             This can happen if the application has not been installed by the administrator of the \
             tenant or consented to by any user in the tenant. You might have sent your \
             authentication request to the wrong tenant."
        )
    );
}

#[tokio::test]
async fn the_v1_endpoint_asks_for_a_resource() {
    let emulator = start().await;
    let answer = post(
        &emulator,
        &format!("/{CONTOSO}/oauth2/token"),
        &fields(VAULT),
    )
    .await;
    assert!(essence(&answer).4.contains("'resource'"), "{answer:?}");
    let mut unknown = changed("scope", None);
    unknown.push(("resource", "https://nowhere.example"));
    let answer = post(&emulator, &format!("/{CONTOSO}/oauth2/token"), &unknown).await;
    assert_eq!(essence(&answer).2, 500_011);
}

#[tokio::test]
pub(crate) async fn every_bad_tenant_has_its_error() {
    let emulator = start().await;
    for (tenant, code) in [
        ("aaaaaaaa-0000-4000-8000-0000000000ff", 90002),
        ("nowhere.example", 90002),
        ("nowhere", 900_023),
        ("00000000-0000-0000-0000-000000000000", 900_021),
        ("common", 50059),
        ("organizations", 50059),
        ("Consumers", 50059),
    ] {
        let answer = post(
            &emulator,
            &format!("/{tenant}/oauth2/v2.0/token"),
            &fields(VAULT),
        )
        .await;
        let (status, error, number, uri, _) = essence(&answer);
        assert_eq!(
            (status, error.as_str(), number, uri),
            (400, "invalid_request", code, true),
            "{tenant}"
        );
    }
}

#[tokio::test]
async fn a_json_body_holds_no_parameters() {
    let emulator = start().await;
    let body = json!({ "grant_type": "client_credentials", "client_secret": SECRET }).to_string();
    let headers = ["content-type: application/json"];
    let answer = send(
        &emulator,
        &format!("POST /{CONTOSO}/oauth2/v2.0/token"),
        &headers,
        &body,
    )
    .await;
    assert!(essence(&answer).4.contains("'grant_type'"), "{answer:?}");
}

#[tokio::test]
async fn a_broken_basic_header_is_malformed() {
    let emulator = start().await;
    for value in ["Basic", "Basic !!!", "Basic bm9jb2xvbg=="] {
        let headers = [
            "content-type: application/x-www-form-urlencoded",
            &format!("authorization: {value}"),
        ];
        let body = crate::support::encoded(&fields(VAULT));
        let answer = send(
            &emulator,
            &format!("POST /{CONTOSO}/oauth2/v2.0/token"),
            &headers,
            &body,
        )
        .await;
        assert_eq!(essence(&answer).2, 9_002_313, "{value}");
    }
}

#[tokio::test]
async fn other_methods_get_the_error_page_with_status_200() {
    let emulator = start().await;
    for method in ["GET", "PUT", "<b>"] {
        let answer = send(
            &emulator,
            &format!("{method} /{CONTOSO}/oauth2/v2.0/token"),
            &[],
            "",
        )
        .await;
        if method == "<b>" {
            assert_eq!(answer.status, 400);
            continue;
        }
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(answer.body.contains(&format!(
            "AADSTS900561: The endpoint only accepts POST requests. Received a {method} request."
        )));
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_json_404_with_both_verbs() {
    let emulator = start().await;
    for line in ["GET /", "POST /nowhere", "GET /a/b/c/d/e/f", "OPTIONS *"] {
        let answer = send(&emulator, line, &[], "").await;
        assert_eq!(answer.status, 404, "{line}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/json; charset=utf-8")
        );
        assert_eq!(answer.json()["error"], "not_found");
        assert_eq!(
            emulator.journal().entries().last().unwrap().endpoint,
            "unknown"
        );
    }
}

#[tokio::test]
async fn no_description_needs_escaping_whatever_was_sent() {
    let emulator = start().await;
    let nasty = "a\"b\\c\r\n\u{1}d";
    for name in ["grant_type", "client_id", "scope"] {
        let form = changed(name, Some(nasty));
        let answer = post(&emulator, &format!("/{CONTOSO}/oauth2/v2.0/token"), &form).await;
        assert!(!answer.body.contains('\\'), "{}", answer.body);
    }
}
