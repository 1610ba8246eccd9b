//! The program as its users meet it: what it prints and how it exits.

use std::path::Path;
use std::process::{Command, Output};

const RESULTS: &str = "tests/report/results.jsonl";

fn conformance(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_identity-conformance"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `tests/report/console.txt` is the report of `tests/report/results.jsonl`; after a deliberate
/// change run the program on the one and read the difference to the other.
#[test]
fn the_console_report_is_the_approved_one() {
    let output = conformance(&["report", RESULTS]);
    let approved = include_str!("report/console.txt");
    assert_eq!(stdout(&output), approved);
}

/// One of each verdict, as a CI service would count them.
#[test]
fn the_report_as_junit_counts_failures_errors_and_what_was_skipped() {
    let text = stdout(&conformance(&["report", "--junit", RESULTS]));
    for part in [
        "<testsuite name=\"rust\" tests=\"6\" failures=\"2\" errors=\"1\" skipped=\"2\">",
        "<testsuite name=\"python\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"2\">",
        "<testcase classname=\"b\" name=\"known\" time=\"0.012\"/>",
        "<skipped message=\"known: retries only twice\"/>",
        "<skipped message=\"not run: waits about 75 s; --slow plays it\"/>",
        "<failure type=\"stale\">STALE: python b/stale\n",
        "<error type=\"fault\">",
        "wanted &quot;true&quot;",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn the_exit_code_of_a_report_is_that_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let text = include_str!("report/results.jsonl");
    for (left_out, code) in [
        (&[][..], 2),
        (&["\"fault\""][..], 1),
        (
            &["\"fault\"", "\"unexpected\"", "\"stale\"", "\"pointless\""][..],
            0,
        ),
    ] {
        let verdict = |line: &str| {
            left_out
                .iter()
                .any(|word| line.contains(&format!("\"verdict\": {word}")))
        };
        let lines: Vec<_> = text.lines().filter(|line| !verdict(line)).collect();
        let cases = format!("\"cases\": {}", lines.len() - 2);
        let kept = lines.join("\n").replace("\"cases\": 10", &cases);
        let path = folder.path().join(format!("{code}.jsonl"));
        std::fs::write(&path, kept).unwrap();
        let output = conformance(&["report", &path.to_string_lossy()]);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    }
}

#[test]
fn a_results_file_without_its_footer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.jsonl");
    let text = include_str!("report/results.jsonl");
    std::fs::write(&path, text.lines().next().unwrap()).unwrap();
    let output = conformance(&["report", &path.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("it has no footer: the run did not end"));
}

#[test]
fn an_unknown_implementation_case_or_root_is_answered_with_those_there_are() {
    let output = conformance(&["run", "--impl", "cobol"]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(
        text.contains("no implementation `cobol`; there are: node, python"),
        "{text}"
    );
    let output = conformance(&["run", "--case", "nowhere/*"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--case nowhere/* names no case"));
    let output = conformance(&["--root", "src", "list"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--root src: no cases/ and impls/ in it"));
}

#[test]
fn a_missing_runtime_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (implementation, missing) in [("python", "`python3`"), ("node", "`npm`")] {
        let output = Command::new(env!("CARGO_BIN_EXE_identity-conformance"))
            .args(["run", "--impl", implementation])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("PATH", folder.path())
            .env("CARGO_TARGET_DIR", folder.path())
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(2));
        let text = stderr(&output);
        assert!(
            text.contains(&format!("no working {missing} on the PATH")),
            "{text}"
        );
    }
}

/// A `python3` that is too old: a script that answers as it would.
#[test]
fn a_python_that_is_too_old_is_named_with_its_version_and_the_one_that_is_needed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let python = folder.path().join("python3");
    std::fs::write(&python, "#!/bin/sh\necho 3.9\n").unwrap();
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_identity-conformance"))
        .args(["run", "--impl", "python"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PATH", folder.path())
        .env("CARGO_TARGET_DIR", folder.path())
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(text.contains("it needs Python 3.10 or later"), "{text}");
    assert!(text.contains("on the PATH is Python 3.9;"), "{text}");
}

#[test]
fn a_case_is_shown_in_words_with_its_sources() {
    let output = conformance(&["show", "chained/rejected_stops"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    for part in [
        "chained/rejected_stops (must)\n",
        "  see https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains\n",
        "cases/chained/rejected_stops.toml\n",
        "    AZURE_POD_IDENTITY_AUTHORITY_HOST={imds}\n",
        "    1. a caller asks a chain of [a `client_secret` credential (tenant_id {tenant}, ",
        "       expects an error of the kind \"rejected\", with AADSTS7000215\n",
        "    1 to entra.token\n",
        "    any number to entra.discovery.*\n",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let text = stdout(&conformance(&["show", "managed_identity/imds/retries"]));
    assert!(
        text.contains("the same with other parameters\n    managed_identity/imds/retries["),
        "{text}"
    );
    let output = conformance(&["show", "chain/rejected_stops"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("did you mean chained/rejected_stops"),
        "{}",
        stderr(&output)
    );
}

/// What `show` prints may be long, but no case may break it.
#[test]
fn every_case_can_be_described() {
    for file in identity_conformance::case::load_built_in().unwrap() {
        let text = identity_conformance::case::describe(&file);
        assert!(text.contains("\n  steps\n    1. "), "{text}");
    }
}

#[test]
fn coverage_lists_what_is_missing_between_requirements_and_cases() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["cases/a", "impls"] {
        std::fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/environment/nothing_set.toml");
    std::fs::copy(case, folder.path().join("cases/a/b.toml")).unwrap();
    let coverage = |cases: &str| {
        let row = format!(
            "[[requirement]]\nid = 'r'\nsays = 'It does.'\nlevel = 'must'\n\
             source = 'https://example.com/'\ncases = [{cases}]\n"
        );
        std::fs::write(folder.path().join("requirements.toml"), row).unwrap();
        conformance(&["--root", &folder.path().to_string_lossy(), "coverage"])
    };
    let gap = coverage("");
    assert_eq!(gap.status.code(), Some(1));
    let text = stdout(&gap);
    assert!(
        text.contains("requirements without a case: 1\n  must    r: It does.\n"),
        "{text}"
    );
    assert!(
        text.contains("cases without a requirement: 1\n  a/b\n"),
        "{text}"
    );
    let typo = coverage("'a/b', 'a/c'");
    assert_eq!(typo.status.code(), Some(1));
    assert!(
        stdout(&typo).contains("do not exist: 1\n  r: a/c\n"),
        "{}",
        stdout(&typo)
    );
    let complete = coverage("'a/**'");
    assert_eq!(complete.status.code(), Some(0));
    assert_eq!(stdout(&complete), "1 of 1 requirements have a case\n");
}

#[test]
fn a_check_is_explained() {
    let output = conformance(&["explain", "step.2.token.same_as"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).starts_with("Step 2 gave the same token as an earlier step"));
    let output = conformance(&["explain", "step.two"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`step.two` is no id of a check"));
}

#[test]
fn a_run_writes_results_that_a_report_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.jsonl");
    let path = path.to_string_lossy();
    let output = conformance(&["run", "--case", "environment", "--results", &path]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let report = conformance(&["report", &path]);
    assert_eq!(report.status.code(), Some(0));
    assert!(stdout(&report).contains("passed         rust-process environment/secret ("));
}

#[test]
fn our_own_driver_passes_the_smoke_test_and_a_mute_one_does_not() {
    let driver = env!("CARGO_BIN_EXE_identity-conformance");
    let output = conformance(&["smoke", "--", driver, "driver"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).ends_with("the driver is ready\n"));
    let output = conformance(&["smoke", "--", "/bin/sh", "-c", "exit 3"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let text = stdout(&output);
    assert!(
        text.contains("FAILED  says hello: it ended with exit code 3\n        Answer"),
        "{text}"
    );
    assert!(text.contains("FAILED  ends when stdin does: "), "{text}");
    assert!(
        text.contains("\n        Leave the loop at the end of stdin"),
        "{text}"
    );
}

#[test]
fn the_list_has_every_case_file_and_every_implementation() {
    let text = stdout(&conformance(&["list"]));
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").is_dir());
    for part in [
        "client_secret/cached: ",
        "managed_identity/imds/retries[status=404]: ",
        "python-aio",
    ] {
        assert!(text.contains(part), "{part}");
    }
}
