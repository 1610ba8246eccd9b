//! `doctor`, in shells that are prepared and shells that are not.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Output};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_identity-emulator");

/// A script of the shell under `exec`, whose `$0` is the emulator.
fn under_exec(script: &str) -> Output {
    let temporary = tempfile::tempdir().unwrap();
    Command::new(PROGRAM)
        .args(["exec", "--", "sh", "-c", script, PROGRAM])
        .env("TMPDIR", temporary.path())
        .output()
        .unwrap()
}

/// The findings about `check`, and the exit code.
fn findings(script: &str, check: &str) -> (Vec<Value>, Option<i32>) {
    let output = under_exec(&format!("{script} \"$0\" doctor --json"));
    let all: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let about = all.into_iter().filter(|finding| finding["check"] == check);
    (about.collect(), output.status.code())
}

#[test]
fn what_exec_prepares_is_found_healthy() {
    let output = under_exec("\"$0\" doctor");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(!text.contains("PROBLEM"), "{text}");
    for (name, sdk) in [
        ("SSL_CERT_FILE", "Go"),
        ("REQUESTS_CA_BUNDLE", "Python"),
        ("truststore.jks", "Java"),
    ] {
        let mut lines = text.lines();
        let line = lines.find(|line| line.starts_with("ok") && line.contains(name));
        assert!(
            line.is_some_and(|line| line.contains(sdk)),
            "{name} in {text}"
        );
    }
}

#[test]
fn a_file_of_another_authority_is_found_by_a_handshake() {
    let script = r#"export SSL_CERT_FILE=$("$0" exec -- sh -c 'cp "$NODE_EXTRA_CA_CERTS" "$TMPDIR/other.pem"; echo "$TMPDIR/other.pem"');"#;
    let (trust, code) = findings(script, "trust");
    assert_eq!(code, Some(1));
    let wrong: Vec<_> = trust
        .iter()
        .filter(|finding| finding["status"] == "problem")
        .collect();
    let [wrong] = wrong[..] else {
        panic!("{trust:?}")
    };
    assert!(
        wrong["text"].as_str().unwrap().contains("SSL_CERT_FILE"),
        "{wrong}"
    );
    assert!(
        wrong["sdks"].as_array().unwrap().contains(&"Go".into()),
        "{wrong}"
    );
    assert!(
        wrong["fix"].as_str().unwrap().starts_with("SSL_CERT_FILE="),
        "{wrong}"
    );
}

#[test]
fn a_missing_file_and_a_proxy_between_are_named() {
    let (trust, code) = findings("export REQUESTS_CA_BUNDLE=/nowhere.pem;", "trust");
    let named = |finding: &Value| finding["text"].as_str().unwrap().contains("/nowhere.pem");
    assert!(trust.iter().any(named) && code == Some(1), "{trust:?}");
    let script = "unset no_proxy NO_PROXY; export HTTPS_PROXY=http://127.0.0.1:1;";
    let (proxy, code) = findings(script, "proxy");
    let wrong = |finding: &Value| finding["status"] == "problem";
    assert!(proxy.iter().any(wrong) && code == Some(1), "{proxy:?}");
}

#[test]
fn without_an_emulator_that_is_the_problem() {
    let output = Command::new(PROGRAM)
        .args(["doctor", "--http", "http://127.0.0.1:1"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.starts_with("PROBLEM") && text.contains("http://127.0.0.1:1"),
        "{text}"
    );
}
