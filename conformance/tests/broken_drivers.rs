//! Drivers that break the protocol, and the check that each must turn red.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use identity_conformance::case::CaseFile;
use identity_conformance::check;
use identity_conformance::implementation::{Implementation, Kind, Spec};
use identity_conformance::observation::Ending;
use identity_conformance::run::Launcher;
use identity_conformance::run::{CaseRun, run_case};
use identity_conformance::world::{Shared, World};

const HELLO: &str = r#"read line; echo '{"id":1,"driver":{"name":"broken","version":"0","language":"sh"},"can":[]}'; read line;"#;

const CASE: &str = r#"
title  = "an error is told"
source = ["https://example.com/"]
level  = "must"

[[step]]
do         = "token"
credential = { kind = "client_secret", tenant_id = "{tenant}", client_id = "{client_id}", client_secret = "{client_secret}" }
scopes     = ["https://vault.azure.net/.default"]
expect     = { error = { kind = "rejected" } }
"#;

/// A driver that says hello as it should and then runs `script`.
fn broken(script: &str, timeout_s: u64) -> Launcher {
    let spec = Spec {
        title: "broken on purpose".to_owned(),
        kind: Kind::Process,
        command: vec![
            "/bin/sh".to_owned(),
            "-c".to_owned(),
            format!("{HELLO} {script}"),
        ],
        env: BTreeMap::new(),
        timeout_s,
        prepare: None,
    };
    let implementation = Implementation {
        name: "broken".to_owned(),
        folder: PathBuf::new(),
        known: None,
        given: None,
        spec,
    };
    Launcher::new(implementation, None, PathBuf::new()).expect("the fake driver runs")
}

async fn run_of(script: &str, timeout_s: u64) -> CaseRun {
    run_of_case(CASE, script, timeout_s).await
}

async fn run_of_case(case: &str, script: &str, timeout_s: u64) -> CaseRun {
    let file = CaseFile::parse("case", Path::new("case.toml"), case)
        .expect("the fake driver runs")
        .remove(0);
    run_case(&Shared::new(None), &broken(script, timeout_s), &file)
        .await
        .expect("the fake driver runs")
}

fn red(case_run: &CaseRun) -> Vec<String> {
    let checks = check::all(&case_run.case, &case_run.observation, &case_run.secrets);
    checks
        .into_iter()
        .filter(|check| !check.passed)
        .map(|check| check.id)
        .collect()
}

const ERROR: &str = r#"echo '{"id":2,"error":{"kind":"rejected","text":"no"}}';"#;

#[tokio::test]
async fn an_intact_driver_passes() {
    let case_run = run_of(&format!("{ERROR} read rest; exit 0"), 30).await;
    assert_eq!(
        (red(&case_run), case_run.observation.ending.clone()),
        (Vec::<String>::new(), None)
    );
}

#[tokio::test]
async fn a_driver_that_never_answers_hangs() {
    let case_run = run_of("while read line; do :; done", 1).await;
    assert!(
        matches!(case_run.observation.ending, Some(Ending::Hang(_))),
        "{:?}",
        case_run.observation.ending
    );
    assert_eq!(red(&case_run), ["driver.hang"]);
}

#[tokio::test]
async fn a_driver_that_prints_garbage_crashes_and_the_garbage_is_shown() {
    let case_run = run_of("echo 'Traceback: oh no'; read rest; exit 0", 30).await;
    let Some(Ending::Crash(text)) = &case_run.observation.ending else {
        panic!("a crash")
    };
    assert!(text.contains("Traceback: oh no"), "{text}");
    assert_eq!(red(&case_run), ["driver.crash"]);
}

#[tokio::test]
async fn a_driver_that_exits_crashes_with_its_exit_code() {
    let case_run = run_of("echo 'out of memory' >&2; exit 3", 30).await;
    let ending = Some(Ending::Crash("it ended with exit code 3".to_owned()));
    assert_eq!(case_run.observation.ending, ending);
    assert!(
        case_run.observation.stderr.contains("out of memory"),
        "its last words are kept"
    );
    assert_eq!(red(&case_run), ["driver.crash"]);
}

#[tokio::test]
async fn a_driver_that_exits_badly_after_the_last_step_crashes_too() {
    let case_run = run_of(&format!("{ERROR} read rest; exit 4"), 30).await;
    assert_eq!(red(&case_run), ["driver.crash"]);
}

#[tokio::test]
async fn a_driver_that_prints_a_secret_is_caught() {
    let case_run = run_of(
        &format!("echo \"got $line\" >&2; {ERROR} read rest; exit 0"),
        30,
    )
    .await;
    assert_eq!(red(&case_run), ["leak.stderr"]);
}

#[tokio::test]
async fn a_driver_that_puts_a_secret_into_an_error_is_caught() {
    let text = "wrong: daemon-secret-for-tests-only";
    let error = format!(r#"echo '{{"id":2,"error":{{"kind":"rejected","text":"{text}"}}}}';"#);
    assert_eq!(
        red(&run_of(&format!("{error} read rest; exit 0"), 30).await),
        ["leak.step.1"]
    );
}

#[tokio::test]
async fn a_driver_that_answers_another_request_crashes() {
    let case_run = run_of(
        r#"echo '{"id":7,"error":{"kind":"rejected"}}'; read rest; exit 0"#,
        30,
    )
    .await;
    let Some(Ending::Crash(text)) = &case_run.observation.ending else {
        panic!("a crash")
    };
    assert!(text.contains("answered request 7 instead of 2"), "{text}");
}

#[tokio::test]
async fn a_driver_that_answers_with_neither_token_nor_error_crashes() {
    assert_eq!(
        red(&run_of(r#"echo '{"id":2}'; read rest; exit 0"#, 30).await),
        ["driver.crash"]
    );
}

#[tokio::test]
async fn a_driver_that_cannot_do_what_it_declared_is_caught() {
    let script = r#"echo '{"id":2,"unsupported":"credential.client_secret"}'; read rest; exit 0"#;
    assert_eq!(red(&run_of(script, 30).await), ["driver.unsupported"]);
}

#[tokio::test]
async fn a_driver_that_stays_after_the_end_of_its_stdin_hangs() {
    let case_run = run_of(&format!("{ERROR} exec /bin/sleep 1000"), 1).await;
    assert_eq!(red(&case_run), ["driver.hang"]);
}

/// The emulator refuses a library that forgets the `Metadata` header, as the real service does.
#[tokio::test]
async fn a_request_without_the_metadata_header_is_refused() {
    let world = World::empty(&Shared::new(None)).await.unwrap();
    let imds = world.placeholders().fill("{imds}").unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(imds.trim_start_matches("http://")).unwrap();
        let path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=r";
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: imds\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 400 "));
    let (journal, _) = world.end().await;
    assert_eq!(
        (journal[0].endpoint.as_str(), journal[0].status),
        ("imds.token", 400)
    );
}

#[tokio::test]
async fn a_driver_that_prompts_when_no_user_is_there_crashes() {
    let prompt = r#"echo '{"id":2,"prompt":{"url":"https://example.com/","user_code":"A"}}';"#;
    let case_run = run_of(&format!("{prompt} read rest; exit 0"), 30).await;
    let ending = Some(Ending::Crash("it prompts, and no user is there".to_owned()));
    assert_eq!(case_run.observation.ending, ending);
}

#[tokio::test]
async fn a_driver_that_prompts_with_a_code_that_does_not_exist_crashes_and_the_reason_is_shown() {
    let case = CASE.replacen(
        "[[step]]",
        "[[step]]\ndo = \"user\"\ndoes = \"decline\"\n\n[[step]]",
        1,
    );
    let prompt = r#"echo '{"id":2,"prompt":{"url":"https://example.com/","user_code":"A"}}';"#;
    let case_run = run_of_case(&case, &format!("{prompt} read rest; exit 0"), 30).await;
    let Some(Ending::Crash(text)) = &case_run.observation.ending else {
        panic!("a crash")
    };
    assert!(text.contains("leads nowhere"), "{text}");
}

#[tokio::test]
async fn a_driver_that_never_asks_the_user_who_waits_is_caught() {
    let case = CASE.replacen(
        "[[step]]",
        "[[step]]\ndo = \"user\"\ndoes = \"decline\"\n\n[[step]]",
        1,
    );
    let case_run = run_of_case(&case, &format!("{ERROR} read rest; exit 0"), 30).await;
    assert_eq!(red(&case_run), ["step.1.prompt"]);
}
