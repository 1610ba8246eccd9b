//! The Azure Developer CLI (`azd`).
//!
//! Source: <https://learn.microsoft.com/azure/developer/azure-developer-cli/reference#azd-auth-token>.

use serde_json::{Map, Value};

use super::{Tool, claims_argument, stderr};
use crate::context::{Output, UnixTime};
use crate::error::{Error, Result};
use crate::oauth::date;
use crate::token::AccessToken;

/// The Azure Developer CLI.
pub(crate) const TOOL: Tool = Tool {
    name: "Azure Developer CLI",
    programs: if cfg!(windows) {
        &["azd.exe", "azd.cmd"]
    } else {
        &["azd"]
    },
    env: &[("NO_COLOR", "true")],
    missing: "Azure Developer CLI not found on path. Install it (https://aka.ms/azure-dev) and \
              sign in with 'azd auth login'",
};

/// Returns the arguments that get a token for `scopes`.
pub(crate) fn args(scopes: &[String], tenant: Option<&str>, claims: Option<&str>) -> Vec<String> {
    // A prompt would wait for input that never comes.
    let mut args: Vec<String> = ["auth", "token", "--output", "json", "--no-prompt"]
        .map(str::to_owned)
        .into();
    let scopes = scopes.iter();
    args.extend(scopes.flat_map(|scope| ["--scope".to_owned(), scope.clone()]));
    let tenant = tenant.into_iter();
    args.extend(tenant.flat_map(|tenant| ["--tenant-id".to_owned(), tenant.to_owned()]));
    let claims = claims.into_iter();
    args.extend(claims.flat_map(|claims| ["--claims".to_owned(), claims_argument(claims)]));
    args
}

/// Returns the token in the output of a run, or the error it stands for.
pub(crate) fn read(output: &Output, now: UnixTime) -> Result<AccessToken> {
    if output.code != Some(0) {
        return Err(failed(output));
    }
    let unexpected = || TOOL.unexpected(output);
    let body: Map<String, Value> =
        serde_json::from_slice(&output.stdout).map_err(|_| unexpected())?;
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    let text = field("token").filter(|text| !text.is_empty());
    let text = text.ok_or_else(unexpected)?;
    let expires_on = field("expiresOn").and_then(date::parse);
    TOOL.token(text, expires_on.ok_or_else(unexpected)?, now)
}

fn failed(output: &Output) -> Error {
    // Errors come on either output, depending on the version.
    let raw = format!(
        "{}\n{}",
        stderr(output),
        String::from_utf8_lossy(&output.stdout)
    );
    if raw.contains("unknown flag: --claims") {
        return Error::unavailable(
            "The installed Azure Developer CLI doesn't support claims challenges. Update it \
             (https://aka.ms/azure-dev)",
        );
    }
    if raw.contains("azd auth login") && !raw.contains("AADSTS") {
        return Error::unavailable(
            "Please run 'azd auth login' from a command prompt to authenticate before using this \
             credential",
        );
    }
    TOOL.failed(&reason(&raw).unwrap_or_else(|| stderr(output)))
}

/// Returns the tool's own message out of the JSON lines it writes.
fn reason(raw: &str) -> Option<String> {
    let lines = raw.lines();
    let lines: Vec<Map<String, Value>> = lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let error = |line: &Map<String, Value>| line.get("error")?.as_str().map(str::to_owned);
    let message = |line: &Map<String, Value>| {
        line.get("data")?
            .get("message")?
            .as_str()
            .map(str::to_owned)
    };
    // A line with an error says more than the messages before it.
    lines
        .iter()
        .find_map(error)
        .or_else(|| lines.iter().find_map(message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    fn run(code: i32, stdout: &str, stderr: &str) -> Result<u64> {
        let (stdout, stderr) = (stdout.as_bytes().to_vec(), stderr.as_bytes().to_vec());
        let output = Output {
            code: Some(code),
            stdout,
            stderr,
        };
        Ok(read(&output, NOW)?.0.expires_on.since(NOW).as_secs())
    }

    #[test]
    fn the_expiry_is_in_utc() {
        let stdout = r#"{"token":"hush","expiresOn":"2023-11-14T22:14:20Z"}"#;
        assert_eq!(run(0, stdout, "").unwrap(), 60);
        for bad in [
            "",
            "{}",
            r#"{"token":"hush"}"#,
            r#"{"token":"hush","expiresOn":"x"}"#,
        ] {
            let error = run(0, bad, "").expect_err(bad).to_string();
            assert!(error.starts_with("Unexpected output") && !error.contains("hush"));
        }
    }

    #[test]
    fn the_error_of_a_failed_run_follows_from_what_the_tool_wrote() {
        let told = |stdout: &str, stderr: &str| run(1, stdout, stderr).expect_err("failed");
        let line = r#"{"type":"consoleMessage","data":{"message":"\nERROR: not logged in, run `azd auth login` to login\n"}}"#;
        let login = told(line, "");
        assert_eq!(login.kind(), ErrorKind::CredentialUnavailable);
        let flag = told("", "Error: unknown flag: --claims");
        assert_eq!(flag.kind(), ErrorKind::CredentialUnavailable);
        let refused = r#"{"data":{"message":"AADSTS50076: run `azd auth login`"}}"#;
        let refused = told("", refused);
        assert_eq!(refused.kind(), ErrorKind::ClientAuthentication);
        assert_eq!(refused.aadsts_codes(), [50_076]);
        let text = refused.to_string();
        assert!(
            text.starts_with("Azure Developer CLI failed: AADSTS50076"),
            "{text}"
        );
        assert!(told("", "plain").to_string().ends_with("plain"));
    }
}
