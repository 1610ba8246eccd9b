//! The options of `run` that change its order, its length or its choice of cases.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_identity-conformance");

/// A driver that answers `hello` and then does what `script` says.
fn driver(script: &str) -> TempDir {
    let hello = r#"{"id":1,"driver":{"name":"tiny","version":"7","language":"sh"},"can":["credential.environment"]}"#;
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{script}\nread line\necho '{hello}'\nread line || exit 0\nexit 3\n");
    std::fs::write(folder.path().join("tiny.sh"), text).expect("a file");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .arg("run")
        .args(arguments)
        .args(["--", "/bin/sh", "tiny.sh"])
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .expect("the program starts")
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

/// The ids of the cases that a run printed a line for, in order.
fn ids(output: &Output) -> Vec<String> {
    let text = text(output);
    let lines = text
        .lines()
        .filter(|line| line.starts_with("unexpected     sh "));
    lines
        .filter_map(|line| Some(line.split_whitespace().nth(2)?.to_owned()))
        .collect()
}

#[test]
fn fail_fast_ends_the_run_with_the_first_failure() {
    let folder = driver("");
    let output = run(
        folder.path(),
        &["--case", "environment", "--jobs", "1", "--fail-fast"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert_eq!(ids(&output).len(), 1, "{}", text(&output));
    let report = Command::new(PROGRAM)
        .args(["report", "target/conformance/results.jsonl"])
        .current_dir(folder.path())
        .output()
        .expect("the program starts");
    assert_eq!(report.status.code(), Some(1), "the results are complete");
}

#[test]
fn the_shards_of_a_run_have_all_its_cases() {
    let folder = driver("");
    let all: BTreeSet<_> = ids(&run(folder.path(), &["--case", "environment"]))
        .into_iter()
        .collect();
    let mut parts = Vec::new();
    for shard in ["1/2", "2/2"] {
        let part = ids(&run(
            folder.path(),
            &["--case", "environment", "--shard", shard],
        ));
        assert!(
            !part.is_empty() && part.len() < all.len(),
            "{shard}: {part:?}"
        );
        parts.extend(part);
    }
    assert_eq!(parts.len(), all.len());
    assert_eq!(parts.into_iter().collect::<BTreeSet<_>>(), all);
}

#[test]
fn cases_are_chosen_by_level_credential_and_requirement() {
    let folder = driver("");
    let chosen = |arguments: &[&str]| ids(&run(folder.path(), arguments));
    let required = chosen(&["--requirement", "environment.nothing_set"]);
    assert_eq!(required, ["environment/nothing_set"]);
    let all = chosen(&["--credential", "environment"]);
    assert!(all.contains(&required[0]) && all.len() > 10, "{all:?}");
    let must = chosen(&["--credential", "environment", "--level", "must"]);
    let should = chosen(&["--credential", "environment", "--level", "should"]);
    assert_eq!(must.len() + should.len(), all.len());
    for (arguments, message) in [
        (["--level", "most"], "the levels are: must, should, may"),
        (["--credential", "cobol"], "the kinds are: client_secret, "),
        (["--requirement", "none"], "no requirement `none`"),
    ] {
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(message), "{}", text(&output));
    }
}

#[test]
fn a_seed_gives_one_random_order() {
    let folder = driver("");
    let order = |seed: &str| {
        ids(&run(
            folder.path(),
            &["--case", "environment", "--jobs", "1", "--shuffle", seed],
        ))
    };
    assert_eq!(order("7"), order("7"));
    assert_ne!(order("7"), order("8"));
}

#[test]
fn a_case_that_fails_sometimes_is_found_by_repeating_it() {
    // The first start answers `hello` for the run itself; of those after it the second fails.
    let count = "echo x >>count; n=0; while read x; do n=$((n + 1)); done <count\n\
                 [ \"$n\" = 3 ] && exit 4";
    let folder = driver(count);
    let script = std::fs::read_to_string(folder.path().join("tiny.sh")).expect("a file");
    let answer = r#"echo '{"id":2,"error":{"kind":"unavailable","text":"no"}}'; read line; exit 0"#;
    let script = script.replace("exit 3\n", &format!("{answer}\n"));
    std::fs::write(folder.path().join("tiny.sh"), script).expect("a file");
    let case = [
        "--case",
        "environment/nothing_set",
        "--jobs",
        "1",
        "--repeat",
        "4",
    ];
    let output = run(folder.path(), &case);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(
        text(&output).contains("red in 1 of 4 repeats"),
        "{}",
        text(&output)
    );
    std::fs::remove_file(folder.path().join("count")).expect("a file");
    let output = run(folder.path(), &[&case[..5], &["1"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn only_what_failed_is_run_again() {
    let folder = driver("");
    let first = run(folder.path(), &["--case", "environment/n*"]);
    let failed = ids(&first);
    assert!(
        failed.contains(&"environment/nothing_set".to_owned()),
        "{}",
        text(&first)
    );
    let again = |arguments: &[&str]| {
        Command::new(PROGRAM)
            .args(["run", "--rerun-failed"])
            .args(arguments)
            .current_dir(folder.path())
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .expect("the program starts")
    };
    // The driver's command line is in the results, so it need not be written again.
    let second = again(&[]);
    assert_eq!(second.status.code(), Some(1), "{}", text(&second));
    let same: BTreeSet<_> = ids(&second).into_iter().collect();
    assert_eq!(same, failed.into_iter().collect());
    // Our own crate passes them; then there is nothing left to run.
    let results = folder.path().join("target/conformance/results.jsonl");
    let written = std::fs::read_to_string(&results).expect("results");
    let renamed = written.replace("\"implementation\":\"sh\"", "\"implementation\":\"rust\"");
    std::fs::write(&results, renamed).expect("results");
    let third = again(&["--impl", "rust"]);
    assert_eq!(third.status.code(), Some(0), "{}", text(&third));
    let fourth = again(&[]);
    assert!(
        text(&fourth).starts_with("nothing failed in "),
        "{}",
        text(&fourth)
    );
}

#[test]
fn the_command_line_can_shorten_the_limit_for_an_answer() {
    let folder = driver("[ -e started ] && exec /bin/sleep 600; : >started");
    let output = run(
        folder.path(),
        &["--case", "environment/nothing_set", "--timeout", "3"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(
        text(&output).contains("no answer within 3s"),
        "{}",
        text(&output)
    );
}
