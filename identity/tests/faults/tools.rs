//! Faults of developer tools, in memory.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use identity::context::{Context, Output, VirtualClock};
use identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePowerShellCredential,
    AzurePowerShellCredentialOptions, DefaultAzureCredential, DefaultAzureCredentialOptions, Error,
    ErrorKind, Options, TokenCredential,
};

use crate::worlds::{Always, START, assert_discreet, options, timed};

type Make = fn(Options) -> Arc<dyn TokenCredential>;

const TOOLS: &[(&str, Make)] = &[
    ("az", |options| {
        let options = AzureCliCredentialOptions {
            options,
            ..Default::default()
        };
        Arc::new(AzureCliCredential::with_options(options).unwrap())
    }),
    ("azd", |options| {
        let options = AzureDeveloperCliCredentialOptions {
            options,
            ..Default::default()
        };
        Arc::new(AzureDeveloperCliCredential::with_options(options).unwrap())
    }),
    ("PowerShell", |options| {
        let options = AzurePowerShellCredentialOptions {
            options,
            ..Default::default()
        };
        Arc::new(AzurePowerShellCredential::with_options(options).unwrap())
    }),
    ("the default chain", |options| {
        let options = DefaultAzureCredentialOptions {
            exclude: vec!["ManagedIdentityCredential".into()],
            options,
            ..Default::default()
        };
        Arc::new(DefaultAzureCredential::with_options(options).unwrap())
    }),
];

fn failure(
    what: &str,
    make: Make,
    run: impl Fn() -> Option<io::Result<Output>> + Send + Sync + 'static,
) -> (Error, Duration) {
    let clock = VirtualClock::new(START);
    let options = options(&clock, &[], Arc::new(Always(|| None)));
    let options = Options {
        context: Context {
            processes: Arc::new(Always(run)),
            ..options.context
        },
        ..options
    };
    let credential = make(options);
    let (outcome, elapsed) = timed(&clock, credential.get_token(&["https://r/.default"]));
    let error = outcome.expect_err(what);
    assert_discreet(what, &error);
    (error, elapsed)
}

fn output(code: Option<i32>, stdout: &str, stderr: &str) -> Output {
    Output {
        code,
        stdout: stdout.into(),
        stderr: stderr.into(),
    }
}

#[test]
fn a_silent_tool_is_given_up_after_ten_seconds() {
    for &(name, make) in TOOLS {
        let (error, elapsed) = failure(name, make, || None);
        let seconds = match name {
            "the default chain" => 30,
            _ => 10,
        };
        let kind = ErrorKind::CredentialUnavailable;
        assert_eq!((error.kind(), elapsed.as_secs()), (kind, seconds), "{name}");
    }
}

#[test]
fn a_tool_that_cannot_be_run_is_unavailable() {
    for &(name, make) in TOOLS {
        for kind in [
            io::ErrorKind::NotFound,
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::FileTooLarge,
            io::ErrorKind::OutOfMemory,
        ] {
            let (error, _) = failure(name, make, move || Some(Err(kind.into())));
            let members = error
                .attempts()
                .iter()
                .map(|attempt| attempt.error().kind());
            let kinds: Vec<_> = match error.attempts() {
                [] => vec![error.kind()],
                // The environment is not set up, and no other member ended the search.
                _ => members.skip(1).collect(),
            };
            let unavailable = |kind: &ErrorKind| *kind == ErrorKind::CredentialUnavailable;
            assert!(kinds.iter().all(unavailable), "{name}: {kind} {error:?}");
        }
    }
}

#[test]
fn every_exit_and_every_output_that_is_no_token_is_an_error() {
    let outputs = [
        "",
        "hush",
        "{",
        "null",
        "[]",
        r#"{"accessToken":"hush-hush"}"#,
        r#"{"accessToken":"hush-hush","expires_on":"#,
        r#"{"accessToken":"hush-hush","expires_on":1600000000}"#,
        r#"{"accessToken":"hush-hush","expires_on":-9223372036854775808}"#,
        r#"{"token":"hush-hush","expiresOn":"yesterday"}"#,
        r#"{"token":"hush-hush","expiresOn":"2001-01-01T00:00:00Z"}"#,
        "azsdk%hush-hush",
        "azsdk%hush-hush%yesterday",
        "azsdk%hush-hush%1600000000",
        "\u{0}\u{1b}[31m",
    ];
    for &(name, make) in TOOLS {
        for code in [0, 1, 2, 3, 64, 126, 127, 137, 255]
            .map(Some)
            .into_iter()
            .chain([None])
        {
            for text in outputs {
                let (error, _) = failure(name, make, move || Some(Ok(output(code, text, text))));
                assert!(
                    matches!(
                        error.kind(),
                        ErrorKind::ClientAuthentication | ErrorKind::CredentialUnavailable
                    ),
                    "{name}: {code:?} {text}: {error:?}"
                );
            }
        }
    }
}
