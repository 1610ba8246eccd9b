//! The program for the author of another library: no checkout around, a driver on the command line.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use identity_conformance::case::{load_built_in, load_folder};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_identity-conformance");

/// A case that our own driver passes.
const CASE: &str = "environment/nothing_set";

/// A folder outside any checkout, with a driver whose interpreter is on the caller's PATH.
struct Elsewhere {
    folder: TempDir,
}

impl Elsewhere {
    fn new() -> Self {
        let elsewhere = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        let path = elsewhere.path();
        std::fs::create_dir(path.join("bin")).expect("a folder");
        install(
            &path.join("bin/our-shell"),
            "#!/bin/sh\nexec /bin/sh \"$@\"\n",
        );
        let driver = format!("#!/usr/bin/env our-shell\nexec {PROGRAM} driver\n");
        install(&path.join("driver"), &driver);
        elsewhere
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn conformance(&self, arguments: &[&str]) -> Output {
        Command::new(PROGRAM)
            .args(arguments)
            .current_dir(self.path())
            .env("PATH", self.path().join("bin"))
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .expect("the program starts")
    }
}

fn install(path: &Path, text: &str) {
    // Another process writes the file: a child of a parallel test could inherit a descriptor that
    // is open for writing, and the kernel then refuses to run the file.
    let write = "printf '%s' \"$1\" >\"$0\" && chmod 755 \"$0\"";
    let status = Command::new("sh")
        .arg("-c")
        .arg(write)
        .arg(path)
        .arg(text)
        .status();
    assert!(status.expect("a shell").success());
    let mode = std::fs::metadata(path)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o755);
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

#[test]
fn the_built_in_cases_are_those_of_the_checkout() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let ids = |files: Vec<identity_conformance::case::CaseFile>| -> Vec<String> {
        files.into_iter().map(|file| file.id).collect()
    };
    let built_in = ids(load_built_in().expect("the cases"));
    assert_eq!(built_in, ids(load_folder(&folder).expect("the cases")));
}

#[test]
fn a_driver_is_checked_from_any_folder_by_its_command_line() {
    let elsewhere = Elsewhere::new();
    let run = elsewhere.conformance(&["run", "--case", CASE, "--", "./driver"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run));
    assert!(text(&run).contains("passed         driver       environment/nothing_set"));
    assert!(
        elsewhere
            .path()
            .join("target/conformance/results.jsonl")
            .is_file()
    );
    let named = [
        "run",
        "--case",
        CASE,
        "--name",
        "mine",
        "--",
        "our-shell",
        "driver",
    ];
    let run = elsewhere.conformance(&named);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run));
    assert!(
        text(&run).contains("passed         mine "),
        "{}",
        text(&run)
    );
}

#[test]
fn a_case_with_a_directory_of_its_own_runs_without_a_checkout() {
    let elsewhere = Elsewhere::new();
    let case = load_built_in()
        .expect("the cases")
        .into_iter()
        .find(|file| {
            file.case
                .world
                .directory
                .as_deref()
                .is_some_and(|name| name != "basic")
        })
        .expect("a case with a directory of its own");
    let run = elsewhere.conformance(&["run", "--case", &case.id, "--impl", "rust"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run));
}

#[test]
fn smoke_finds_a_program_on_the_path_of_the_caller() {
    let elsewhere = Elsewhere::new();
    let smoke = elsewhere.conformance(&["smoke", "--", "our-shell", "./driver"]);
    assert_eq!(smoke.status.code(), Some(0), "{}", text(&smoke));
    let missing = elsewhere.conformance(&["smoke", "--", "no-such-program"]);
    assert_eq!(missing.status.code(), Some(2));
    let message = text(&missing);
    assert!(
        message.contains("`no-such-program` is in no folder of the PATH"),
        "{message}"
    );
}

/// A driver that fails where it finds `az`, and where it does not find what the caller has.
#[test]
fn the_driver_has_the_programs_of_the_caller_but_no_developer_tool() {
    let elsewhere = Elsewhere::new();
    install(&elsewhere.path().join("bin/az"), "#!/bin/sh\n");
    let script = format!(
        "#!/bin/sh\nour-shell -c 'exit 0' || exit 3\naz && exit 4\nexec {PROGRAM} driver\n"
    );
    install(&elsewhere.path().join("picky"), &script);
    let run = elsewhere.conformance(&["run", "--case", CASE, "--", "./picky"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run));
}

/// The template in a folder of its own, asked by the caller's Python. Without one nothing is shown.
#[test]
fn a_new_driver_passes_smoke_as_it_is_and_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let conformance = |arguments: &[&str]| {
        Command::new(PROGRAM)
            .args(arguments)
            .current_dir(folder.path())
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .expect("the program starts")
    };
    let made = conformance(&["new-driver", "mine"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made));
    let again = conformance(&["new-driver", "mine"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(
        text(&again).contains("mine/driver.py: File exists"),
        "{}",
        text(&again)
    );
    let driver = std::fs::read_to_string(folder.path().join("mine/driver.py")).expect("a file");
    assert!(driver.lines().count() < 200);
    if Command::new("python3").arg("--version").output().is_err() {
        return;
    }
    let smoke = conformance(&["smoke", "--", "python3", "mine/driver.py"]);
    assert_eq!(smoke.status.code(), Some(0), "{}", text(&smoke));
    let case = "client_secret/wrong_secret";
    let run = conformance(&["run", "--case", case, "--", "python3", "mine/driver.py"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run));
}

#[test]
fn a_known_file_of_the_author_is_read_and_blessed() {
    let elsewhere = Elsewhere::new();
    let known = elsewhere.path().join("mine.toml");
    let entry = format!("[[known]]\ncase = \"{CASE}\"\nreason = \"r\"\n");
    std::fs::write(&known, entry).expect("a file");
    let run = [
        "run",
        "--case",
        CASE,
        "--known",
        "mine.toml",
        "--",
        "./driver",
    ];
    let stale = elsewhere.conformance(&run);
    assert_eq!(stale.status.code(), Some(1), "{}", text(&stale));
    assert!(text(&stale).contains("STALE: driver environment/nothing_set"));
    let unnamed = elsewhere.conformance(&["bless"]);
    assert_eq!(unnamed.status.code(), Some(2));
    assert!(
        text(&unnamed).contains("name a file with --known"),
        "{}",
        text(&unnamed)
    );
    let blessed = elsewhere.conformance(&["bless", "--known", "mine.toml"]);
    assert_eq!(blessed.status.code(), Some(0), "{}", text(&blessed));
    assert!(!known.exists(), "no entry was left");
    assert_eq!(elsewhere.conformance(&run).status.code(), Some(0));
}

#[test]
fn the_list_of_applicable_cases_says_what_the_others_need() {
    let elsewhere = Elsewhere::new();
    let hello = r#"{"id":1,"driver":{"name":"tiny","version":"7","language":"sh"},"can":["credential.environment"]}"#;
    let script = format!("#!/bin/sh\nread line\necho '{hello}'\nread line\nexit 0\n");
    install(&elsewhere.path().join("tiny"), &script);
    let list = elsewhere.conformance(&["list", "--applicable", "--", "./tiny"]);
    assert_eq!(list.status.code(), Some(0), "{}", text(&list));
    let listed = text(&list);
    assert!(
        listed.contains("  must    environment/nothing_set: "),
        "{listed}"
    );
    assert!(!listed.contains("client_secret/cached"), "{listed}");
    assert!(listed.contains("cases apply to tiny 7\n"), "{listed}");
    assert!(
        listed.contains(" need credential.client_secret\n"),
        "{listed}"
    );
}

#[test]
fn a_failure_is_listed_with_its_level_its_file_and_the_command_that_runs_it_alone() {
    let elsewhere = Elsewhere::new();
    let hello = r#"{"id":1,"driver":{"name":"tiny","version":"7","language":"sh"},"can":["credential.environment"]}"#;
    let script = format!("#!/bin/sh\nread line\necho '{hello}'\nread line || exit 0\nexit 3\n");
    install(&elsewhere.path().join("tiny"), &script);
    let run = elsewhere.conformance(&["run", "--case", CASE, "--", "./tiny", "a b"]);
    assert_eq!(run.status.code(), Some(1), "{}", text(&run));
    let wanted = "to look at:\n  unexpected  must    cases/environment/nothing_set.toml\n    \
                  identity-conformance run --name tiny --case environment/nothing_set -- ./tiny 'a b'\n";
    assert!(text(&run).contains(wanted), "{}", text(&run));
}

/// A driver that takes 1.5 s over an answer, with a limit of one second.
#[test]
fn patience_multiplies_the_limit_for_an_answer() {
    let elsewhere = Elsewhere::new();
    let script = format!("#!/bin/sh\n/bin/sleep 1.5\nexec {PROGRAM} driver\n");
    install(&elsewhere.path().join("slow"), &script);
    let smoke = |more: &[&str]| {
        let command = ["--", "./slow"];
        elsewhere.conformance(&[&["smoke", "--timeout", "1"], more, &command].concat())
    };
    let hurried = smoke(&[]);
    assert!(
        text(&hurried).contains("FAILED  says hello: no answer within 1s"),
        "{}",
        text(&hurried)
    );
    let patient = smoke(&["--patience", "60"]);
    assert_eq!(patient.status.code(), Some(0), "{}", text(&patient));
}
