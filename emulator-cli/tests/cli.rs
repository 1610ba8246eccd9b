//! The program, run as people and scripts run it.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_identity-emulator");

/// A served emulator; killed if the test ends early.
struct Served {
    child: Child,
    ready: Value,
    stdout: BufReader<std::process::ChildStdout>,
    _folder: tempfile::TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(more: &[&str]) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(PROGRAM)
        .args([
            "serve",
            "--https",
            "127.0.0.1:0",
            "--http",
            "127.0.0.1:0",
            "--ca-dir",
        ])
        .arg(folder.path().join("ca"))
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let ready = serde_json::from_str(&line).unwrap();
    Served {
        child,
        ready,
        stdout,
        _folder: folder,
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

/// A failure says one sentence on stderr, nothing on stdout, and is no success.
fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{text}");
    assert!(output.stdout.is_empty());
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    text
}

#[test]
fn the_ready_line_is_all_there_is_on_stdout_and_sigterm_ends_well() {
    for signal in ["-TERM", "-INT"] {
        let mut served = serve(&[]);
        let members: Vec<_> = served.ready.as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            members,
            [
                "https",
                "http",
                "ca_file",
                "ca_bundle",
                "trust_store",
                "tenant_id",
                "client_id",
                "client_secret"
            ]
        );
        let ca = std::fs::read_to_string(served.ready["ca_file"].as_str().unwrap()).unwrap();
        assert!(ca.starts_with("-----BEGIN CERTIFICATE-----"));
        let id = served.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(served.child.wait().unwrap().success());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut served.stdout, &mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

#[test]
fn health_asks_the_running_emulator() {
    let served = serve(&[]);
    let http = served.ready["http"].as_str().unwrap().to_owned();
    let healthy = run(&["health", "--http", &http]);
    assert!(healthy.status.success(), "{healthy:?}");
    drop(served);
    assert!(complaint(&["health", "--http", &http]).contains(&http));
}

#[test]
fn env_prints_the_variables_of_every_language() {
    let served = serve(&[]);
    let http = served.ready["http"].as_str().unwrap();
    let output = run(&["env", "--shell", "dotenv", "--http", http]);
    let text = String::from_utf8(output.stdout).unwrap();
    for (name, member) in [
        ("AZURE_AUTHORITY_HOST", "https"),
        ("AZURE_TENANT_ID", "tenant_id"),
        ("AZURE_CLIENT_ID", "client_id"),
        ("AZURE_CLIENT_SECRET", "client_secret"),
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http"),
        ("SSL_CERT_FILE", "ca_bundle"),
        ("REQUESTS_CA_BUNDLE", "ca_bundle"),
        ("CURL_CA_BUNDLE", "ca_bundle"),
        ("NODE_EXTRA_CA_CERTS", "ca_file"),
    ] {
        let line = format!("{name}={}\n", served.ready[member].as_str().unwrap());
        assert!(text.contains(&line), "{line} is missing in {text}");
    }
    let sh = run(&["env", "--http", http]);
    let script = format!(
        "{}\nprintf %s \"$AZURE_AUTHORITY_HOST\"",
        String::from_utf8(sh.stdout).unwrap()
    );
    let value = Command::new("sh")
        .args(["-c", &script])
        .output()
        .unwrap()
        .stdout;
    assert_eq!(
        String::from_utf8(value).unwrap(),
        served.ready["https"].as_str().unwrap()
    );
}

#[test]
fn env_of_a_host_is_that_of_no_application() {
    let served = serve(&[]);
    let http = served.ready["http"].as_str().unwrap();
    let variables = |host: &str| {
        let output = run(&["env", "--shell", "dotenv", "--http", http, "--host", host]);
        String::from_utf8(output.stdout).unwrap()
    };
    let text = variables("app-service");
    let endpoint = format!("IDENTITY_ENDPOINT={http}/");
    assert!(
        text.contains(&endpoint) && text.contains("IDENTITY_HEADER="),
        "{text}"
    );
    assert!(!text.contains("AZURE_CLIENT_ID="), "{text}");
    let text = variables("none");
    assert!(
        text.contains("AZURE_CLIENT_ID=") && !text.contains("AZURE_POD_"),
        "{text}"
    );
}

#[test]
fn every_mistake_is_one_clear_sentence() {
    assert!(complaint(&["serve", "--htps", "x"]).contains("--htps"));
    assert!(complaint(&["serve", "--https", "nowhere"]).contains("nowhere"));
    assert!(complaint(&["fly"]).contains("fly"));
    assert!(
        complaint(&["serve", "--config", "/nowhere/world.toml"]).contains("/nowhere/world.toml")
    );
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world.toml");
    std::fs::write(&world, "[[tenannt]]\n").unwrap();
    let text = complaint(&["serve", "--config", world.to_str().unwrap()]);
    assert!(
        text.contains("line 1") && text.contains("tenannt") && text.contains("`tenant`"),
        "{text}"
    );
}

#[test]
fn a_busy_port_is_named() {
    let served = serve(&[]);
    let taken = served.ready["https"]
        .as_str()
        .unwrap()
        .strip_prefix("https://")
        .unwrap();
    let text = complaint(&["serve", "--http", "127.0.0.1:0", "--https", taken]);
    assert!(text.contains(taken) && text.contains("in use"), "{text}");
}

#[test]
fn help_is_an_answer() {
    let output = run(&["serve", "--help"]);
    assert!(output.status.success());
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("--https")
    );
}
