//! Small shell scripts, found and run for real.
#![expect(
    clippy::disallowed_methods,
    reason = "the programs of a test are files"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::*;
use crate::context::{Clock, SystemClock};

/// A directory with the program `tool`, which runs `script`.
fn tool(script: &str) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tool");
    // Another process writes it. This process may fork for another test's program while the file is
    // open for writing, and a file that is open for writing cannot be run.
    let write = "printf '#!/bin/sh\n%s\n' \"$1\" > \"$0\" && chmod 755 \"$0\"";
    let mut writer = std::process::Command::new("sh");
    let written = writer.args(["-c", write]).arg(&path).arg(script).status();
    assert!(written.unwrap().success());
    (directory, path)
}

fn command(program: PathBuf, args: &[&str]) -> Command {
    Command {
        program,
        args: args.iter().copied().map(str::to_owned).collect(),
        env: vec![("NO_COLOR".into(), "true".into())],
        directory: Some("/".into()),
    }
}

#[tokio::test]
async fn a_program_gets_its_arguments_unchanged_and_its_output_is_kept() {
    let (_directory, path) =
        tool("printf '%s|%s|' \"$1\" $NO_COLOR; pwd; cat; echo no >&2; exit 3");
    let output = SystemProcesses.run(command(path, &["$HOME; a b"])).await;
    let output = output.unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout, "$HOME; a b|true|/\n");
    assert_eq!((output.code, &*output.stderr), (Some(3), &b"no\n"[..]));
}

#[tokio::test]
async fn only_programs_in_absolute_directories_are_found() {
    let (directory, path) = tool("true");
    let absolute = directory.path().to_str().unwrap();
    let several = format!("/nowhere::{absolute}");
    let found = SystemProcesses.find("tool", &several).await;
    assert_eq!(found, Some(path.clone()));
    for nowhere in ["", ".", "relative", "/nowhere"] {
        assert_eq!(SystemProcesses.find("tool", nowhere).await, None);
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let found = SystemProcesses.find("tool", absolute).await;
    assert_eq!(found, None, "it is not executable");
}

#[tokio::test]
async fn a_program_that_writes_without_end_is_stopped() {
    let (_directory, path) = tool("while :; do printf '%01024d' 0; done");
    let error = SystemProcesses.run(command(path, &[])).await;
    assert_eq!(
        error.expect_err("endless").kind(),
        io::ErrorKind::FileTooLarge
    );
}

#[tokio::test]
async fn dropping_the_future_kills_the_program_and_what_it_has_started() {
    let (directory, path) = tool("sleep 300 & echo $! > $0.pid.new; mv $0.pid.new $0.pid; wait");
    let started = directory.path().join("tool.pid");
    let running = SystemProcesses.run(command(path, &[]));
    let told = async {
        while !started.exists() {
            SystemClock.sleep(Duration::from_millis(5)).await;
        }
    };
    let Either::Right(((), running)) = select(running, Box::pin(told)).await else {
        panic!("it has ended");
    };
    let child = std::fs::read_to_string(&started).unwrap();
    let stat = format!("/proc/{}/stat", child.trim());
    assert!(!cfg!(target_os = "linux") || Path::new(&stat).exists());
    drop(running);
    let gone = async {
        // A killed one is a zombie (Z) until its new parent has noticed.
        while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z")) {
            SystemClock.sleep(Duration::from_millis(5)).await;
        }
    };
    gone.await;
}
