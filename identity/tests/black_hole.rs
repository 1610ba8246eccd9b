//! The default chain on a machine where nothing is configured and the instance metadata service
//! does not answer: packets to it vanish, in a network namespace of the test's own.
//!
//! Needs Linux, `unshare`, `ip` and `iptables`, and leave to make a network namespace. Where any of
//! them is missing the test shows as ignored, with the reason; with
//! `IDENTITY_NETWORK_TEST=required` in the environment that is a failure instead, so that CI cannot
//! skip it unseen.

#![expect(
    clippy::disallowed_methods,
    reason = "a test of the real world runs the real programs and looks at the real clock"
)]
#![expect(clippy::print_stdout, reason = "what was measured is for people")]

use std::process::{Command, Output};
use std::time::Instant;

use identity::{DefaultAzureCredential, Error};
use libtest_mimic::{Arguments, Failed, Trial};

/// The variable that is set where this program runs inside the namespace.
const INSIDE: &str = "IDENTITY_BLACK_HOLE";
/// The commands that make packets to the service vanish, so that a connection is not even refused.
const BLACK_HOLE: &str = "ip link set lo up && ip address add 169.254.169.254/32 dev lo && \
                          iptables --append INPUT --destination 169.254.169.254 --jump DROP";

/// The members of the chain, each with the next step that its error names.
const ADVICE: &[(&str, &str)] = &[
    (
        "EnvironmentCredential",
        "Missing (unset or empty): AZURE_TENANT_ID",
    ),
    ("WorkloadIdentityCredential", "AZURE_FEDERATED_TOKEN_FILE"),
    (
        "ManagedIdentityCredential",
        "let this program reach http://169.254.169.254",
    ),
    ("SharedTokenCacheCredential", "Sign in to a developer tool"),
    (
        "VisualStudioCodeCredential",
        "Install the extension Azure Resources",
    ),
    (
        "AzureCliCredential",
        "Install it (https://aka.ms/azure-cli)",
    ),
    (
        "AzurePowerShellCredential",
        "Install it (https://aka.ms/powershell)",
    ),
    (
        "AzureDeveloperCliCredential",
        "Install it (https://aka.ms/azure-dev)",
    ),
];

fn main() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let arguments = Arguments::from_args();
    let required = std::env::var("IDENTITY_NETWORK_TEST").is_ok_and(|value| value == "required");
    let mut trial = Trial::test(
        "with_nothing_configured_and_a_black_hole_for_imds_every_member_says_what_to_do",
        every_member_names_the_next_step,
    );
    if let (Some(reason), false) = (what_is_missing(), required) {
        trial = trial
            .with_kind(format!("ignored: {reason}"))
            .with_ignored_flag(true);
    }
    libtest_mimic::run(&arguments, vec![trial]).exit();
}

/// Returns the reason why the test cannot run here, or `None` when it can.
fn what_is_missing() -> Option<String> {
    let made = in_namespace("true");
    match made {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Some(format!("unshare: {error}")),
    }
}

/// Runs a shell command, with `$0` for this program, where the service is a black hole.
fn in_namespace(command: &str) -> std::io::Result<Output> {
    let home = tempfile::tempdir()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    Command::new("unshare")
        .args(["--map-root-user", "--net", "sh", "-c"])
        .arg(format!("{BLACK_HOLE} && {command}"))
        .arg(std::env::current_exe()?)
        .env_clear()
        .env("PATH", path)
        .env("HOME", home.path())
        .output()
}

fn every_member_names_the_next_step() -> Result<(), Failed> {
    let output = in_namespace(&format!("PATH=/nowhere {INSIDE}=1 exec \"$0\""))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    let (took, message) = said.split_once('\n').ok_or_else(|| complaints.clone())?;
    println!("the call failed after {took}");
    let mut lines = message.lines();
    for (member, advice) in ADVICE {
        let line = lines.find(|line| line.trim_start().starts_with(&format!("{member}: ")));
        let line =
            line.ok_or_else(|| format!("{member} is missing, or out of order: {message}"))?;
        if !line.contains(advice) {
            return Err(format!("`{advice}` is missing: {line}").into());
        }
    }
    Ok(())
}

/// Asks for a token in vain, and prints after what time and with which message it failed.
fn inside() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let call = async {
        let credential = DefaultAzureCredential::new()?;
        credential
            .get_token(&["https://vault.azure.net/.default"])
            .await
    };
    let began = Instant::now();
    let outcome: Result<_, Error> = runtime.expect("a runtime").block_on(call);
    let took = began.elapsed().as_millis();
    println!("{took} ms\n{}", outcome.expect_err("there is nothing"));
}
