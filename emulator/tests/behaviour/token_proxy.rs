//! The token proxy of a cluster: found by name, trusted by its own authority, for its workloads only.

use std::fs;
use std::time::Duration;

use identity_emulator::{Emulator, Projection};
use reqwest::Certificate;
use serde_json::Value;

use crate::support::{
    CONTOSO, DAEMON, VAULT, assert_refused, encoded, of_issuer, present, start, verified,
};

struct Pod {
    emulator: Emulator,
    projection: Projection,
    _folder: tempfile::TempDir,
}

impl Pod {
    async fn start() -> Self {
        let emulator = start().await;
        let folder = tempfile::tempdir().unwrap();
        let projection = emulator.project("bound", folder.path()).await.unwrap();
        Self {
            emulator,
            projection,
            _folder: folder,
        }
    }

    fn variable(&self, name: &str) -> String {
        let mut variables = self.projection.environment().iter();
        variables.find(|(key, _)| *key == name).unwrap().1.clone()
    }

    fn token(&self) -> String {
        fs::read_to_string(self.projection.token_file()).unwrap()
    }

    /// A client that trusts `ca` alone, and the URL at which it asks for `name`.
    fn client(&self, ca: &str, name: Option<&str>) -> (reqwest::Client, String) {
        let url = self.variable("AZURE_KUBERNETES_TOKEN_PROXY");
        let (start, rest) = url.split_at("https://".len());
        let (address, path) = rest.split_once('/').unwrap();
        let (ip, port) = address.split_once(':').unwrap();
        let ca = Certificate::from_pem(ca.as_bytes()).unwrap();
        let mut builder = reqwest::Client::builder().tls_certs_only([ca]);
        let host = name.unwrap_or(ip);
        if let Some(name) = name {
            builder = builder.resolve(name, address.parse().unwrap());
        }
        let url = format!("{start}{host}:{port}/{path}");
        (builder.build().unwrap(), url)
    }

    fn right_client(&self) -> (reqwest::Client, String) {
        let ca = fs::read_to_string(self.variable("AZURE_KUBERNETES_CA_FILE")).unwrap();
        self.client(&ca, Some(&self.variable("AZURE_KUBERNETES_SNI_NAME")))
    }

    async fn exchange(&self, assertion: &str) -> (u16, Value) {
        let (client, url) = self.right_client();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", DAEMON),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion),
            ("scope", VAULT),
        ];
        let url = format!("{url}/{CONTOSO}/oauth2/v2.0/token");
        let form = "application/x-www-form-urlencoded";
        let request = client.post(url).header("content-type", form);
        let answer = request.body(encoded(&fields)).send().await.unwrap();
        read(answer).await
    }
}

async fn read(answer: reqwest::Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let body = answer.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
pub(crate) async fn a_workload_gets_tokens_through_the_proxy_and_not_around_it() {
    let pod = Pod::start().await;
    let token = pod.token();
    let (_, claims) = of_issuer(&pod.emulator, "aks", &token).await;
    assert_eq!(claims["aud"][0], "api://AKSIdentityBinding");
    assert_refused(
        &present(&pod.emulator, &token).await,
        "invalid_client",
        700_212,
    );
    let (status, body) = pod.exchange(&token).await;
    assert_eq!(status, 200, "{body}");
    let (_, claims) = verified(&pod.emulator, body["access_token"].as_str().unwrap()).await;
    assert_eq!(
        (&claims["appidacr"], &claims["appid"]),
        (&"2".into(), &DAEMON.into())
    );
    let seen = pod.emulator.journal().of("aks.token_proxy");
    assert_eq!((seen.len(), seen[0].issued.len()), (1, 1));
    let text = serde_json::to_string(&seen).unwrap();
    assert!(!text.contains(&token), "{text}");
}

#[tokio::test]
async fn only_what_the_cluster_gave_to_the_workload_is_passed_on() {
    let pod = Pod::start().await;
    let of = async |subject: &str, audience: &str| {
        let token = pod.emulator.federated_token("aks", subject, audience).await;
        let (status, body) = pod.exchange(&token.unwrap()).await;
        (status, body["error_codes"][0].as_u64())
    };
    let account = "system:serviceaccount:default:daemon";
    let binding = "api://AKSIdentityBinding";
    assert_eq!(
        of(account, "api://AzureADTokenExchange").await,
        (401, Some(700_212))
    );
    let other = of("system:serviceaccount:default:other", binding).await;
    assert_eq!(other, (401, Some(700_213)));
    assert_eq!(of(account, binding).await, (200, None));
    let token = pod.token();
    pod.emulator.clock().advance(Duration::from_secs(2 * 3600));
    let (status, body) = pod.exchange(&token).await;
    assert_eq!(
        (status, body["error_codes"][0].as_u64()),
        (401, Some(700_024))
    );
}

#[tokio::test]
async fn whoever_asks_for_another_name_in_tls_is_told_so() {
    let pod = Pod::start().await;
    let ca = fs::read_to_string(pod.variable("AZURE_KUBERNETES_CA_FILE")).unwrap();
    for (name, said) in [
        (None, "TLS asked for no name"),
        (Some("login.test"), "login.test"),
    ] {
        let (client, url) = pod.client(&ca, name);
        let url = format!("{url}/{CONTOSO}/v2.0/.well-known/openid-configuration");
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 421);
        let text = answer.text().await.unwrap();
        assert!(
            text.contains(said) && text.contains("AZURE_KUBERNETES_SNI_NAME"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_authority_of_the_emulator_is_not_that_of_the_proxy() {
    let pod = Pod::start().await;
    let name = pod.variable("AZURE_KUBERNETES_SNI_NAME");
    let (client, url) = pod.client(pod.emulator.ca_pem(), Some(&name));
    let refused = client.get(url).send().await.unwrap_err();
    assert!(refused.is_connect(), "{refused:?}");
}

#[tokio::test]
async fn discovery_comes_through_as_the_token_service_gives_it_and_nothing_else_does() {
    let pod = Pod::start().await;
    let (client, url) = pod.right_client();
    let get =
        async |path: &str| read(client.get(format!("{url}{path}")).send().await.unwrap()).await;
    let path = format!("/{CONTOSO}/V2.0/.well-known/openid-configuration/");
    let (status, document) = get(&path).await;
    assert_eq!(status, 200, "{document}");
    let endpoint = document["token_endpoint"].as_str().unwrap();
    assert!(endpoint.starts_with(pod.emulator.https()), "{endpoint}");
    assert_eq!(get("/metadata/identity/oauth2/token").await.0, 404);
    let (_, unknown) = get("/common/discovery/nothing").await;
    assert_eq!(unknown["error"], "not_found");
    let direct = url.replace("/kubernetes/bound", "/kubernetes/daemon");
    let answer = client.get(format!("{direct}{path}")).send().await.unwrap();
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn the_proxy_goes_with_the_pod() {
    let pod = Pod::start().await;
    let (client, url) = pod.right_client();
    drop(pod.projection);
    let gone = async {
        while client.get(&url).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone)
        .await
        .unwrap();
}
