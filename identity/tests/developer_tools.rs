//! The credentials of developer tools with small scripts on a PATH of their own, run as processes.
#![cfg(all(unix, feature = "developer-tools"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "the programs of a test are files"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use identity::context::{Context, StaticEnv};
use identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePowerShellCredential,
    AzurePowerShellCredentialOptions, ChainedTokenCredential, ErrorKind, Options, TokenCredential,
    TokenRequest, TokenRequestOptions,
};

const AZ: &str = r#"echo '{"accessToken":"az-token","expires_on":4102444800}'"#;
const AZD: &str = r#"echo '{"token":"azd-token","expiresOn":"2100-01-01T00:00:00Z"}'"#;
const PWSH: &str = "echo 'azsdk%ps-token%4102444800'";

/// A folder with the programs of a machine. Each writes down its arguments, one a line, and a dash.
struct Machine(tempfile::TempDir);

impl Machine {
    fn with(name: &str, script: &str) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        let path = machine.path().join(name);
        let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" - >> $0.args\n{script}\n");
        // Written by another process: a file this one has open for writing, as it starts another
        // test's program, cannot be run.
        let write = "printf '%s' \"$1\" > \"$0\" && chmod 755 \"$0\"";
        let mut writer = std::process::Command::new("sh");
        let written = writer.args(["-c", write]).arg(path).arg(script).status();
        assert!(written.unwrap().success());
        machine
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn options(&self) -> Options {
        let path = self.path().to_str().unwrap().to_owned();
        let env = Arc::new(StaticEnv::from_iter([("PATH", path)]));
        Options {
            context: Context {
                env,
                ..Context::system()
            },
            ..Options::default()
        }
    }

    /// Returns the arguments that the program `name` was called with, of all runs in order.
    fn args(&self, name: &str) -> Vec<String> {
        let noted = std::fs::read_to_string(self.path().join(format!("{name}.args")));
        noted.unwrap().lines().map(str::to_owned).collect()
    }

    fn az(&self) -> AzureCliCredential {
        self.az_with(|_| ())
    }

    fn az_with(&self, change: impl FnOnce(&mut AzureCliCredentialOptions)) -> AzureCliCredential {
        let mut options = AzureCliCredentialOptions {
            options: self.options(),
            ..Default::default()
        };
        change(&mut options);
        AzureCliCredential::with_options(options).unwrap()
    }

    fn azd(&self) -> AzureDeveloperCliCredential {
        let options = AzureDeveloperCliCredentialOptions {
            options: self.options(),
            ..Default::default()
        };
        AzureDeveloperCliCredential::with_options(options).unwrap()
    }

    fn powershell(&self) -> AzurePowerShellCredential {
        let options = AzurePowerShellCredentialOptions {
            options: self.options(),
            ..Default::default()
        };
        AzurePowerShellCredential::with_options(options).unwrap()
    }
}

fn with_claims(scope: &str) -> TokenRequest {
    let options = TokenRequestOptions {
        claims: Some("{}".into()),
        ..Default::default()
    };
    TokenRequest::with_options(&[scope], options).unwrap()
}

#[tokio::test]
async fn az_is_run_once_per_token_with_exactly_these_arguments() {
    let machine = Machine::with("az", AZ);
    let credential = machine.az_with(|options| {
        options.tenant_id = Some("contoso.example".into());
        options.subscription = Some("Pay as you go".into());
    });
    for _ in 0..3 {
        let token = credential.get_token(&["https://r/.default"]).await.unwrap();
        assert_eq!(token.token(), "az-token");
        assert_eq!(token.expires_on().year(), 2100);
    }
    let expected = "account get-access-token --output json --resource https://r --tenant \
                    contoso.example --subscription";
    let mut expected: Vec<_> = expected.split(' ').collect();
    expected.extend(["Pay as you go", "-"]);
    assert_eq!(machine.args("az"), expected);
}

#[tokio::test]
async fn az_runs_in_the_root_directory_in_utc_without_colours_and_without_input() {
    let script = r#"read line && exit 9
echo "{\"accessToken\":\"$PWD $TZ $AZURE_CORE_NO_COLOR\",\"expires_on\":\"4102444800\"}""#;
    let token = Machine::with("az", script).az().get_token(&["r"]).await;
    assert_eq!(token.unwrap().token(), "/ UTC0 true");
}

/// The Java library reads both outputs as one: a warning there is an error that shows the token.
#[tokio::test]
async fn warnings_on_standard_error_do_not_spoil_a_token() {
    let grumbling = |answer: &str| format!("echo 'WARNING: update available' >&2\n{answer}");
    let machine = Machine::with("az", &grumbling(AZ));
    let token = machine.az().get_token(&["s"]).await.unwrap();
    assert_eq!(token.token(), "az-token");
    let machine = Machine::with("azd", &grumbling(AZD));
    let token = machine.azd().get_token(&["s"]).await.unwrap();
    assert_eq!(token.token(), "azd-token");
    let machine = Machine::with("pwsh", &grumbling(PWSH));
    let token = machine.powershell().get_token(&["s"]).await.unwrap();
    assert_eq!(token.token(), "ps-token");
}

#[tokio::test]
async fn a_program_that_is_not_on_the_path_is_unavailable_with_the_next_step() {
    let machine = Machine::with("other", "true");
    let members: [(Arc<dyn TokenCredential>, &str); 3] = [
        (Arc::new(machine.az()), "Azure CLI not found on path"),
        (Arc::new(machine.azd()), "Azure Developer CLI not found"),
        (
            Arc::new(machine.powershell()),
            "PowerShell is not installed",
        ),
    ];
    for (credential, told) in members {
        let error = credential.get_token(&["r"]).await.expect_err("missing");
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        assert!(error.to_string().starts_with(told), "{error}");
    }
}

#[tokio::test]
async fn a_tool_that_takes_too_long_is_stopped() {
    let machine = Machine::with("az", "sleep 300");
    let credential = machine.az_with(|options| options.process_timeout = Duration::from_millis(50));
    let error = credential.get_token(&["r"]).await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    let text = error.to_string();
    assert!(
        text.starts_with("Timed out waiting for Azure CLI: no answer within 0.05 s"),
        "{text}"
    );
}

#[tokio::test]
async fn an_invalid_argument_reaches_no_tool() {
    let machine = Machine::with("az", AZ);
    for scope in [
        "a;b", "a'b", "a$b", "a\"b", "-a", "--debug", "a&b", "a%b", "é",
    ] {
        let error = machine.az().get_token(&[scope]).await.expect_err(scope);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{scope}");
    }
    let two = machine.az().get_token(&["a", "b"]).await.expect_err("two");
    assert_eq!(two.kind(), ErrorKind::InvalidArgument);
    for bad in ["", "a;b", "-a", "a\"b", " a"] {
        let options = AzureCliCredentialOptions {
            subscription: Some(bad.into()),
            options: machine.options(),
            ..Default::default()
        };
        assert!(AzureCliCredential::with_options(options).is_err(), "{bad}");
    }
    assert!(!machine.path().join("az.args").exists());
}

#[tokio::test]
async fn a_refusal_of_az_ends_a_chain_and_a_missing_sign_in_does_not() {
    for (stderr, kind, asked) in [
        ("Please run az login", ErrorKind::CredentialUnavailable, 2),
        ("AADSTS50076: az login", ErrorKind::ClientAuthentication, 1),
    ] {
        let machine = Machine::with("az", &format!("echo '{stderr}' >&2; exit 1"));
        let other = Machine::with("azd", AZD);
        let error = machine.az().get_token(&["r"]).await.expect_err("refused");
        assert_eq!(error.kind(), kind, "{error}");
        let members: Vec<Arc<dyn TokenCredential>> =
            vec![Arc::new(machine.az()), Arc::new(other.azd())];
        let chain = ChainedTokenCredential::new(members).unwrap();
        let reached = chain.get_token(&["r"]).await.is_ok();
        assert_eq!(reached, asked == 2, "{stderr}");
    }
}

#[tokio::test]
async fn claims_go_to_azd_and_become_advice_for_the_others() {
    let machine = Machine::with("azd", AZD);
    let credential = machine.azd();
    let token = credential.get_token_with(&with_claims("a")).await.unwrap();
    assert_eq!(token.token(), "azd-token");
    let expected = "auth token --output json --no-prompt --scope a --claims e30= -";
    assert_eq!(machine.args("azd").join(" "), expected);
    let tenant = TokenRequestOptions {
        tenant_id: Some("t".into()),
        ..Default::default()
    };
    let several = TokenRequest::with_options(&["a", "b"], tenant).unwrap();
    credential.get_token_with(&several).await.unwrap();
    let expected = "auth token --output json --no-prompt --scope a --scope b --tenant-id t -";
    assert!(machine.args("azd").join(" ").ends_with(expected));

    let machine = Machine::with("az", AZ);
    let error = machine.az().get_token_with(&with_claims("a")).await;
    let error = error.expect_err("cannot").to_string();
    assert!(
        error.ends_with(": az login --claims-challenge e30= --scope a"),
        "{error}"
    );
    let error = machine.powershell().get_token_with(&with_claims("a")).await;
    let error = error.expect_err("cannot").to_string();
    assert!(
        error.ends_with(": Connect-AzAccount -ClaimsChallenge e30="),
        "{error}"
    );
    assert!(!machine.path().join("az.args").exists());
}

#[tokio::test]
async fn powershell_is_given_a_script_and_no_command_line() {
    let machine = Machine::with("pwsh", PWSH);
    let token = machine.powershell().get_token(&["r/.default"]).await;
    assert_eq!(token.unwrap().token(), "ps-token");
    let args = machine.args("pwsh");
    let expected = [
        "-NoProfile",
        "-NonInteractive",
        "-OutputFormat",
        "Text",
        "-EncodedCommand",
    ];
    assert_eq!(args[..5], expected);
    assert_eq!((args.len(), &*args[6]), (7, "-"));
}

#[tokio::test]
async fn many_callers_start_one_process() {
    let machine = Machine::with("az", AZ);
    let credential = machine.az();
    let calls = (0..50).map(|_| credential.get_token(&["r"]));
    for token in futures_util::future::join_all(calls).await {
        assert_eq!(token.unwrap().token(), "az-token");
    }
    let runs = machine.args("az").iter().filter(|arg| *arg == "-").count();
    assert_eq!(runs, 1);
}
