//! Faults of developer tools that run as real programs.
#![expect(
    clippy::disallowed_methods,
    reason = "the programs of a test are files"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use identity::context::{Context, StaticEnv};
use identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePowerShellCredential,
    AzurePowerShellCredentialOptions, ErrorKind, Options, TokenCredential,
};

use crate::worlds::assert_discreet;

struct Tool {
    credential: &'static str,
    program: &'static str,
    make: fn(Options, Duration) -> Arc<dyn TokenCredential>,
}

const TOOLS: [Tool; 3] = [
    Tool {
        credential: "AzureCliCredential",
        program: "az",
        make: |options, process_timeout| {
            let options = AzureCliCredentialOptions {
                process_timeout,
                options,
                ..Default::default()
            };
            Arc::new(AzureCliCredential::with_options(options).unwrap())
        },
    },
    Tool {
        credential: "AzureDeveloperCliCredential",
        program: "azd",
        make: |options, process_timeout| {
            let options = AzureDeveloperCliCredentialOptions {
                process_timeout,
                options,
                ..Default::default()
            };
            Arc::new(AzureDeveloperCliCredential::with_options(options).unwrap())
        },
    },
    Tool {
        credential: "AzurePowerShellCredential",
        program: "pwsh",
        make: |options, process_timeout| {
            let options = AzurePowerShellCredentialOptions {
                process_timeout,
                options,
                ..Default::default()
            };
            Arc::new(AzurePowerShellCredential::with_options(options).unwrap())
        },
    },
];

/// The credentials that are tested here.
pub(crate) fn credentials() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|tool| tool.credential)
}

/// The faults: a name, a script, and whether the script ends.
const FAULTS: &[(&str, &str, bool)] = &[
    ("success without a word", "exit 0", true),
    ("failure without a word", "exit 1", true),
    ("misuse", "echo 'usage: eyJhush-hush' >&2; exit 2", true),
    (
        "what a shell says of a program it cannot run",
        "exit 126",
        true,
    ),
    (
        "what a shell says of a program it cannot find",
        "exit 127",
        true,
    ),
    (
        "the last code there is",
        "echo eyJhush-hush; exit 255",
        true,
    ),
    ("its own death", "kill -9 $$", true),
    ("garbage", r"printf '\000\377\033[31meyJhush-hush'", true),
    (
        "garbage on the wrong stream",
        r"printf '\000\377eyJhush-hush' >&2; exit 1",
        true,
    ),
    (
        "half a token",
        r#"printf '{"accessToken":"eyJhush-hush","expires'"#,
        true,
    ),
    (
        "an old token",
        r#"echo '{"accessToken":"eyJhush-hush","token":"eyJhush-hush","expires_on":1}'"#,
        true,
    ),
    (
        "output without end",
        "while :; do echo eyJhush-hush eyJhush-hush eyJhush-hush; done",
        true,
    ),
    (
        "errors without end",
        "while :; do echo eyJhush-hush eyJhush-hush eyJhush-hush; done >&2",
        true,
    ),
    ("silence", "exec sleep 600", false),
    (
        "silence after half a token",
        r#"printf '{"accessToken":"eyJhush-hush'; exec sleep 600"#,
        false,
    ),
    ("work behind closed doors", "exec >&- 2>&- sleep 600", false),
    (
        "a child that keeps the streams",
        "sleep 600 & exit 1",
        false,
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_program_is_an_error_in_time() {
    for tool in &TOOLS {
        join_all(FAULTS.iter().map(|fault| run(tool, fault))).await;
    }
}

async fn run(tool: &Tool, &(name, script, ends): &(&str, &str, bool)) {
    let what = format!("{} and {name}", tool.program);
    let machine = machine(tool.program, "#!/bin/sh", script, "755");
    let timeout = match ends {
        true => Duration::from_secs(60),
        false => Duration::from_millis(500),
    };
    failure(tool, &what, machine.path(), timeout).await;
}

#[tokio::test]
async fn a_program_that_cannot_be_run_is_unavailable() {
    for tool in &TOOLS {
        for (what, interpreter, mode) in [
            ("no permission", "#!/bin/sh", "644"),
            ("no interpreter", "#!/no/such/interpreter", "755"),
        ] {
            let what = format!("{} and {what}", tool.program);
            let machine = machine(tool.program, interpreter, "", mode);
            let kind = failure(tool, &what, machine.path(), Duration::from_secs(60)).await;
            assert_eq!(kind, ErrorKind::CredentialUnavailable, "{what}");
        }
    }
}

async fn failure(tool: &Tool, what: &str, path: &Path, timeout: Duration) -> ErrorKind {
    let path = format!("{}:/usr/bin:/bin", path.display());
    let options = Options {
        context: Context {
            env: Arc::new(StaticEnv::from_iter([("PATH", &*path)])),
            ..Context::system()
        },
        ..Options::default()
    };
    let credential = (tool.make)(options, timeout);
    let error = credential.get_token(&["https://r/.default"]).await;
    let error = error.expect_err(what);
    assert_discreet(what, &error);
    assert!(
        matches!(
            error.kind(),
            ErrorKind::ClientAuthentication | ErrorKind::CredentialUnavailable
        ),
        "{what}: {error:?}"
    );
    error.kind()
}

/// Returns a folder with this program.
fn machine(program: &str, interpreter: &str, script: &str, mode: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    // Written by another process: a file this one has open for writing, as it starts another
    // test's program, cannot be run.
    let write = "printf '%s' \"$1\" > \"$0\" && chmod \"$2\" \"$0\"";
    let mut writer = std::process::Command::new("sh");
    writer.args(["-c", write]).arg(folder.path().join(program));
    let written = writer.arg(format!("{interpreter}\n{script}\n")).arg(mode);
    assert!(written.status().unwrap().success());
    folder
}
