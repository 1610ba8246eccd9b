//! Tokens of the emulator, verified by the libraries that APIs in other languages use.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use identity_emulator::{Emulator, Forgery, ForgeryKind, Rotation};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::place::{installed, source, trial};

const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const ORDERS: &str = "bbbbbbbb-0000-4000-8000-000000000004";
const VAULT: &str = "https://vault.azure.net";

pub(crate) fn trials() -> Vec<Trial> {
    let clients = || [("pyjwt", Client::python()), ("jose", Client::node())];
    let forged = clients().map(|(name, client)| {
        let name = format!("{name}_accepts_our_tokens_and_refuses_forged_ones");
        trial(&name, &client.proof.clone(), move || check(client))
    });
    let lost = clients().map(|(name, client)| {
        let name = format!("{name}_accepts_no_token_while_the_keys_are_lost");
        trial(&name, &client.proof.clone(), move || lose_keys(&client))
    });
    let rolled = clients().map(|(name, client)| {
        let name = format!("{name}_follows_a_key_rollover_and_an_abrupt_one");
        trial(&name, &client.proof.clone(), move || roll_keys(&client))
    });
    forged.into_iter().chain(lost).chain(rolled).collect()
}

/// A program that verifies tokens.
struct Client {
    program: PathBuf,
    script: PathBuf,
    /// What is there if it was prepared.
    proof: PathBuf,
}

impl Client {
    fn python() -> Self {
        let program = installed("python/bin/python");
        Self {
            script: source("verify.py"),
            proof: program.clone(),
            program,
        }
    }

    fn node() -> Self {
        Self {
            program: "node".into(),
            script: installed("node/verify.mjs"),
            proof: installed("node/node_modules/jose"),
        }
    }

    /// The names of the cases it accepts.
    fn accepts(&self, keys: &str, ca_file: &Path, cases: &[Value]) -> Vec<String> {
        let mut child = Command::new(&self.program)
            .arg(&self.script)
            .arg(keys)
            .arg(ca_file)
            .env("NODE_EXTRA_CA_CERTS", ca_file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        for case in cases {
            writeln!(stdin, "{case}").unwrap();
        }
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let said: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(said.len(), cases.len());
        let accepted = said.iter().filter(|case| case["accepted"] == true);
        accepted
            .map(|case| case["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn check(client: Client) {
    let place = Place::new();
    let cases = place.runtime.block_on(cases(&place.emulator));
    let accepted = place.accepted(&client, &cases);
    assert_eq!(accepted, ["v2", "v1", "after a rotation"]);
}

/// The presets of lost keys, seen by who needs them: an API.
fn lose_keys(client: &Client) {
    let place = Place::new();
    let cases = [place.orders("v2")];
    for preset in ["jwks-outage", "jwks-garbage", "jwks-empty"] {
        place.emulator.script().preset(preset).unwrap();
        assert_eq!(place.accepted(client, &cases), [""; 0], "{preset}");
        assert!(place.emulator.script().end_preset(preset));
        assert_eq!(place.accepted(client, &cases), ["v2"], "after {preset}");
    }
}

fn roll_keys(client: &Client) {
    for (preset, wanted) in [
        ("key-rollover", &["before", "after"][..]),
        ("key-rollover-abrupt", &["after"]),
    ] {
        let place = Place::new();
        place.emulator.script().preset(preset).unwrap();
        let cases = [place.orders("before"), place.orders("after")];
        assert_eq!(place.accepted(client, &cases), wanted, "{preset}");
    }
}

/// An emulator whose tokens are verified.
struct Place {
    runtime: tokio::runtime::Runtime,
    emulator: Emulator,
    _folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let emulator = Emulator::builder().ca_dir(folder.path()).start();
        Self {
            emulator: runtime.block_on(emulator).unwrap(),
            runtime,
            _folder: folder,
        }
    }

    /// A token for the orders API, as a case of this name.
    fn orders(&self, name: &str) -> Value {
        let token = self.runtime.block_on(token(&self.emulator, "api://orders"));
        let issuer = format!("{}/{TENANT}/v2.0", self.emulator.https());
        case(name, &token, &issuer, ORDERS)
    }

    fn accepted(&self, client: &Client, cases: &[Value]) -> Vec<String> {
        let keys = format!("{}/{TENANT}/discovery/v2.0/keys", self.emulator.https());
        client.accepts(&keys, self.emulator.ca_file().unwrap(), cases)
    }
}

fn case(name: &str, token: &str, issuer: &str, audience: &str) -> Value {
    json!({ "name": name, "token": token, "issuer": issuer, "audience": audience })
}

async fn cases(emulator: &Emulator) -> Vec<Value> {
    let v2 = format!("{}/{TENANT}/v2.0", emulator.https());
    let v1 = format!("https://sts.windows.net/{TENANT}/");
    let orders = token(emulator, "api://orders").await;
    let mut cases = vec![
        case("v2", &orders, &v2, ORDERS),
        case("v1", &token(emulator, VAULT).await, &v1, VAULT),
    ];
    for kind in [
        ForgeryKind::Expired,
        ForgeryKind::NotYetValid,
        ForgeryKind::WrongAudience,
        ForgeryKind::WrongIssuer,
        ForgeryKind::WrongTenant,
        ForgeryKind::WrongKey,
        ForgeryKind::UnknownKey,
        ForgeryKind::Tampered,
        ForgeryKind::AlgNone,
        ForgeryKind::AlgHs256,
        ForgeryKind::NoSignature,
    ] {
        let resource = Some("api://orders".to_owned());
        let order = Forgery {
            kind,
            resource,
            ..Forgery::default()
        };
        let forged = emulator.forge(&order).await.unwrap();
        cases.push(case(&format!("{kind:?}"), forged.token(), &v2, ORDERS));
    }
    emulator.keys().rotate(&Rotation::default());
    let rotated = token(emulator, "api://orders").await;
    cases.push(case("after a rotation", &rotated, &v2, ORDERS));
    cases
}

/// A token of the token endpoint.
async fn token(emulator: &Emulator, resource: &str) -> String {
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([ca])
        .build()
        .unwrap();
    let ready = emulator.ready();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &ready.client_id)
        .append_pair(
            "client_secret",
            ready.client_secret.as_ref().unwrap().expose(),
        )
        .append_pair("scope", &format!("{resource}/.default"))
        .finish();
    let answer = client
        .post(format!("{}/{TENANT}/oauth2/v2.0/token", emulator.https()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}
