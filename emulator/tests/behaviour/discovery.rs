//! Discovery documents and keys.

use crate::support::{CONTOSO, DAEMON, builder, get, send, start};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

#[tokio::test]
pub(crate) async fn the_v2_document_has_the_members_of_the_wire_in_order() {
    let emulator = start().await;
    let answer = get(
        &emulator,
        &format!("/{CONTOSO}/v2.0/.well-known/openid-configuration"),
    )
    .await;
    assert_eq!(
        answer.members(),
        [
            "token_endpoint",
            "token_endpoint_auth_methods_supported",
            "jwks_uri",
            "response_modes_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
            "response_types_supported",
            "scopes_supported",
            "issuer",
            "request_uri_parameter_supported",
            "userinfo_endpoint",
            "authorization_endpoint",
            "device_authorization_endpoint",
            "http_logout_supported",
            "frontchannel_logout_supported",
            "end_session_endpoint",
            "claims_supported",
            "kerberos_endpoint",
            "tenant_region_scope",
            "cloud_instance_name",
            "cloud_graph_host_name",
            "msgraph_host",
            "rbac_url"
        ]
    );
    let base = format!("{}/{CONTOSO}", emulator.http());
    assert_eq!(
        answer.json()["token_endpoint"],
        format!("{base}/oauth2/v2.0/token")
    );
    assert_eq!(answer.json()["issuer"], format!("{base}/v2.0"));
    assert_eq!(answer.json()["tenant_region_scope"], "NA");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        answer.header("cache-control"),
        Some("max-age=86400, private")
    );
    assert!(answer.header("x-ms-request-id").is_some());
}

#[tokio::test]
pub(crate) async fn the_v1_document_has_the_members_of_the_wire_in_order() {
    let emulator = start().await;
    let answer = get(
        &emulator,
        "/contoso.example/.well-known/openid-configuration",
    )
    .await;
    assert_eq!(
        answer.members(),
        [
            "token_endpoint",
            "token_endpoint_auth_methods_supported",
            "jwks_uri",
            "response_modes_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
            "response_types_supported",
            "scopes_supported",
            "issuer",
            "microsoft_multi_refresh_token",
            "authorization_endpoint",
            "device_authorization_endpoint",
            "http_logout_supported",
            "frontchannel_logout_supported",
            "end_session_endpoint",
            "claims_supported",
            "check_session_iframe",
            "userinfo_endpoint",
            "kerberos_endpoint",
            "tenant_region_scope",
            "cloud_instance_name",
            "cloud_graph_host_name",
            "msgraph_host",
            "rbac_url"
        ]
    );
    let body = answer.json();
    assert_eq!(
        body["issuer"],
        format!("https://sts.windows.net/{CONTOSO}/")
    );
    assert_eq!(
        body["token_endpoint"],
        format!("{}/{CONTOSO}/oauth2/token", emulator.http())
    );
    assert_eq!(
        body["jwks_uri"],
        format!("{}/common/discovery/keys", emulator.http())
    );
}

#[tokio::test]
async fn every_url_is_on_the_origin_the_client_used() {
    let emulator = start().await;
    let path = format!("GET /{CONTOSO}/v2.0/.well-known/openid-configuration");
    let answer = send(&emulator, &path, &["host: login.example:1234"], "").await;
    let body = answer.json();
    for member in [
        "token_endpoint",
        "jwks_uri",
        "issuer",
        "authorization_endpoint",
    ] {
        let url = body[member].as_str().unwrap();
        assert!(url.starts_with("http://login.example:1234/"), "{url}");
    }
}

#[tokio::test]
async fn aliases_keep_the_template_and_consumers_have_their_tenant() {
    let emulator = start().await;
    for alias in ["common", "organizations"] {
        let body = get(
            &emulator,
            &format!("/{alias}/v2.0/.well-known/openid-configuration"),
        )
        .await
        .json();
        assert_eq!(
            body["issuer"],
            format!("{}/{{tenantid}}/v2.0", emulator.http())
        );
        assert_eq!(
            body["token_endpoint"],
            format!("{}/{alias}/oauth2/v2.0/token", emulator.http())
        );
        assert_eq!(body["tenant_region_scope"], Value::Null);
    }
    let body = get(
        &emulator,
        "/consumers/v2.0/.well-known/openid-configuration?appid=x",
    )
    .await
    .json();
    assert!(
        body["issuer"]
            .as_str()
            .unwrap()
            .ends_with("/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0")
    );
}

#[tokio::test]
async fn a_bad_tenant_is_an_invalid_tenant_here() {
    let emulator = start().await;
    for (tenant, code) in [
        ("aaaaaaaa-0000-4000-8000-0000000000ff", 90002),
        ("nowhere", 900_023),
        ("00000000-0000-0000-0000-000000000000", 900_021),
    ] {
        for path in [
            "v2.0/.well-known/openid-configuration",
            "discovery/v2.0/keys",
        ] {
            let answer = get(&emulator, &format!("/{tenant}/{path}")).await;
            assert_eq!(answer.status, 400);
            assert_eq!(answer.json()["error"], "invalid_tenant");
            assert_eq!(answer.json()["error_codes"], json!([code]));
        }
    }
}

#[tokio::test]
pub(crate) async fn keys_have_the_members_of_the_wire_and_a_certificate_that_gives_their_name() {
    let emulator = start().await;
    let v2 = get(&emulator, &format!("/{CONTOSO}/discovery/v2.0/keys"))
        .await
        .json();
    let key = v2["keys"][0].as_object().unwrap();
    let names: Vec<_> = key.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "kty",
            "use",
            "kid",
            "x5t",
            "n",
            "e",
            "x5c",
            "cloud_instance_name",
            "issuer"
        ]
    );
    let certificate = STANDARD.decode(key["x5c"][0].as_str().unwrap()).unwrap();
    let algorithm = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
    let sha1 = aws_lc_rs::digest::digest(algorithm, &certificate);
    assert_eq!(key["kid"], URL_SAFE_NO_PAD.encode(sha1));
    assert_eq!(key["x5t"], key["kid"]);
    let v1 = get(&emulator, "/common/discovery/keys").await.json();
    assert_eq!(v1["keys"][0].get("issuer"), None);
    assert_eq!(v1["keys"][0]["kid"], key["kid"]);
}

#[tokio::test]
pub(crate) async fn instance_discovery_knows_the_clouds_and_the_emulator() {
    let emulator = start().await;
    let own = format!("{}/{CONTOSO}/oauth2/v2.0/authorize", emulator.https());
    for (endpoint, rest) in [
        (
            "https://login.microsoftonline.com/common/oauth2/authorize",
            "common/",
        ),
        (
            "https://login.windows.net/common/oauth2/v2.0/authorize",
            "common/v2.0/",
        ),
        (
            &own.replace("https", "http").replace(
                emulator.https().trim_start_matches("https"),
                emulator.http().trim_start_matches("http"),
            ),
            &format!("{CONTOSO}/v2.0/"),
        ),
    ] {
        let path =
            format!("/common/discovery/instance?api-version=1.1&authorization_endpoint={endpoint}");
        let body = get(&emulator, &path).await.json();
        let expected = format!("{}/{rest}.well-known/openid-configuration", emulator.http());
        assert_eq!(body["tenant_discovery_endpoint"], expected);
        let aliases = &body["metadata"][0]["aliases"];
        assert_eq!(aliases[0], "login.microsoftonline.com");
    }
    let path = "/common/discovery/instance?api-version=1.0&authorization_endpoint=https://login.microsoftonline.com/common/oauth2/authorize";
    assert_eq!(
        get(&emulator, path).await.members(),
        ["tenant_discovery_endpoint"]
    );
}

#[tokio::test]
pub(crate) async fn instance_discovery_refuses_strangers_and_malformed_requests() {
    let emulator = start().await;
    for (query, error, code) in [
        (
            "api-version=1.1&authorization_endpoint=https://login.evil.example/common/oauth2/authorize",
            "invalid_instance",
            50049,
        ),
        ("api-version=1.1", "invalid_request", 50050),
        (
            "api-version=9&authorization_endpoint=https://login.microsoftonline.com/common/oauth2/authorize",
            "invalid_request",
            50050,
        ),
        (
            "authorization_endpoint=https://login.microsoftonline.com/common/oauth2/authorize",
            "invalid_request",
            50050,
        ),
        (
            "api-version=1.1&authorization_endpoint=nonsense",
            "invalid_request",
            50050,
        ),
    ] {
        let answer = get(&emulator, &format!("/common/discovery/instance?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.json()["error"], error, "{query}");
        assert_eq!(answer.json()["error_codes"], json!([code]), "{query}");
    }
}

#[tokio::test]
async fn a_document_is_read_not_posted() {
    let emulator = start().await;
    let answer = send(&emulator, "POST /common/discovery/keys", &[], "").await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.json()["error"], "method_not_allowed");
}

#[tokio::test]
async fn every_address_that_a_document_announces_is_there() {
    let emulator = start().await;
    for tenant in [
        CONTOSO,
        "contoso.example",
        "common",
        "organizations",
        "consumers",
    ] {
        for version in ["v2.0/", ""] {
            let path = format!("/{tenant}/{version}.well-known/openid-configuration");
            let document = get(&emulator, &path).await.json();
            for (name, value) in document.as_object().unwrap() {
                let here = value
                    .as_str()
                    .and_then(|it| it.strip_prefix(emulator.http()));
                // An issuer is a name, not a page.
                let Some(path) = here.filter(|_| name != "issuer") else {
                    continue;
                };
                let answer = get(&emulator, path).await;
                assert!(!matches!(answer.status, 404 | 405), "{name}: {path}");
            }
        }
    }
}

#[tokio::test]
async fn paths_are_known_in_any_case_and_with_a_slash_at_the_end() {
    let emulator = start().await;
    let answer = get(&emulator, "/Common/V2.0/.Well-Known/OpenID-Configuration/").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn the_keys_of_one_application_are_where_its_document_says() {
    let emulator = start().await;
    for (path, keys) in [
        ("v2.0/", format!("/{CONTOSO}/discovery/v2.0/keys")),
        ("", "/common/discovery/keys".to_owned()),
    ] {
        let path = format!("/{CONTOSO}/{path}.well-known/openid-configuration?appid={DAEMON}");
        let uri = get(&emulator, &path).await.text("jwks_uri");
        assert_eq!(uri, format!("{}{keys}?appid={DAEMON}", emulator.http()));
        let uri = uri.strip_prefix(emulator.http()).unwrap();
        let of_app = get(&emulator, uri).await.json();
        assert_eq!(of_app, get(&emulator, &keys).await.json());
    }
}

#[tokio::test]
async fn the_emulator_knows_itself_at_every_local_name_and_those_it_was_given() {
    let pki = identity_emulator::Pki::for_names(&["entra.example"]).unwrap();
    let emulator = builder().pki(pki).start().await.unwrap();
    let port = emulator.https().rsplit(':').next().unwrap();
    let asked = async |authority: String| {
        let path = format!(
            "GET /common/discovery/instance?api-version=1.1&authorization_endpoint=\
             https://{authority}/{CONTOSO}/oauth2/v2.0/authorize"
        );
        send(&emulator, &path, &["host: login.microsoftonline.com"], "").await
    };
    for host in [
        "localhost",
        "127.0.0.1",
        "127.0.0.7",
        "[::1]",
        "entra.example",
        "ENTRA.example",
    ] {
        let answer = asked(format!("{host}:{port}")).await;
        assert_eq!(answer.status, 200, "{host}: {answer:?}");
    }
    for authority in ["localhost:1".to_owned(), format!("other.example:{port}")] {
        assert_eq!(asked(authority.clone()).await.status, 400, "{authority}");
    }
}

#[tokio::test]
async fn at_every_name_of_a_cloud_documents_name_its_one_issuer_and_its_graph() {
    let emulator = start().await;
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([ca])
        .proxy(reqwest::Proxy::all(emulator.http()).unwrap())
        .build()
        .unwrap();
    const PUBLIC: [&str; 5] = [
        "login.microsoftonline.com",
        "microsoftonline.com",
        "graph.windows.net",
        "graph.microsoft.com",
        "https://pas.windows.net",
    ];
    const CHINA: [&str; 5] = [
        "login.partner.microsoftonline.cn",
        "partner.microsoftonline.cn",
        "graph.chinacloudapi.cn",
        "microsoftgraph.chinacloudapi.cn",
        "https://pas.chinacloudapi.cn",
    ];
    const GOVERNMENT: [&str; 5] = [
        "login.microsoftonline.us",
        "microsoftonline.us",
        "graph.windows.net",
        "graph.microsoft.us",
        "https://pasff.usgovcloudapi.net",
    ];
    for (host, [issuer, instance, graph, microsoft_graph, rbac]) in [
        ("login.microsoftonline.com", PUBLIC),
        ("login.windows.net", PUBLIC),
        ("login.microsoft.com", PUBLIC),
        ("westus2.login.microsoft.com", PUBLIC),
        ("login.chinacloudapi.cn", CHINA),
        ("login.microsoftonline.us", GOVERNMENT),
    ] {
        let url = format!("https://{host}/common/v2.0/.well-known/openid-configuration");
        let body: Value = crate::library::json(client.get(url).send().await.unwrap()).await;
        assert_eq!(
            body["issuer"],
            format!("https://{issuer}/{{tenantid}}/v2.0"),
            "{host}"
        );
        let token = format!("https://{host}/common/oauth2/v2.0/token");
        assert_eq!(body["token_endpoint"], token);
        let userinfo = format!("https://{microsoft_graph}/oidc/userinfo");
        assert_eq!(body["userinfo_endpoint"], userinfo);
        assert_eq!(body["cloud_instance_name"], instance);
        assert_eq!(body["cloud_graph_host_name"], graph);
        assert_eq!(body["msgraph_host"], microsoft_graph);
        assert_eq!(body["rbac_url"], rbac);
    }
}
