//! The Azure CLI (`az`).
//!
//! Source: <https://learn.microsoft.com/cli/azure/account#az-account-get-access-token>.

use serde_json::{Map, Value};

use super::{Tool, claims_argument, claims_unsupported, stderr};
use crate::context::{Output, UnixTime};
use crate::error::{Error, Result};
use crate::oauth::date;
use crate::token::AccessToken;

/// The Azure CLI. Its older versions print the expiry in local time only, so it runs with the time
/// zone UTC.
pub(crate) const TOOL: Tool = Tool {
    name: "Azure CLI",
    programs: if cfg!(windows) {
        &["az.cmd", "az.exe"]
    } else {
        &["az"]
    },
    env: &[("AZURE_CORE_NO_COLOR", "true"), ("TZ", "UTC0")],
    missing: "Azure CLI not found on path. Install it (https://aka.ms/azure-cli) and sign in with \
              'az login'",
};

/// Returns the arguments that get a token for `resource`.
pub(crate) fn args(
    resource: &str,
    tenant: Option<&str>,
    subscription: Option<&str>,
) -> Vec<String> {
    let mut args = vec![
        "account",
        "get-access-token",
        "--output",
        "json",
        "--resource",
        resource,
    ];
    args.extend(tenant.into_iter().flat_map(|tenant| ["--tenant", tenant]));
    let subscription = subscription.into_iter();
    args.extend(subscription.flat_map(|subscription| ["--subscription", subscription]));
    args.into_iter().map(str::to_owned).collect()
}

/// Returns the token in the output of a run, or the error it stands for.
pub(crate) fn read(output: &Output, now: UnixTime) -> Result<AccessToken> {
    // Standard error is read only on failure: a successful run may write warnings there.
    if output.code != Some(0) {
        return Err(failed(&stderr(output)));
    }
    let unexpected = || TOOL.unexpected(output);
    let body: Map<String, Value> =
        serde_json::from_slice(&output.stdout).map_err(|_| unexpected())?;
    let text = body.get("accessToken").and_then(Value::as_str);
    let text = text
        .filter(|text| !text.is_empty())
        .ok_or_else(unexpected)?;
    let expires_on = expiry(&body).ok_or_else(unexpected)?;
    TOOL.token(text, expires_on, now)
}

/// Returns the expiry: `expires_on` (seconds since 1970) of newer versions, or else `expiresOn`
/// (local time).
fn expiry(body: &Map<String, Value>) -> Option<UnixTime> {
    let seconds = body.get("expires_on").and_then(|value| match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    });
    let local = || date::parse(body.get("expiresOn")?.as_str()?);
    seconds.map(UnixTime::from_seconds).or_else(local)
}

/// Returns the error for a claims challenge, which only a new sign-in can answer.
pub(crate) fn claims_refused(claims: &str, tenant: Option<&str>, scope: &str) -> Error {
    let tenant = tenant.map(|tenant| format!(" --tenant {tenant}"));
    let (claims, tenant) = (claims_argument(claims), tenant.unwrap_or_default());
    claims_unsupported(&format!(
        "az login --claims-challenge {claims}{tenant} --scope {scope}"
    ))
}

fn failed(stderr: &str) -> Error {
    let asks_for_login = stderr.contains("az login") || stderr.contains("az account set");
    // An error of Microsoft Entra ID says more than the advice to sign in that follows it.
    if asks_for_login && !stderr.contains("AADSTS") {
        return Error::unavailable("Please run 'az login' to set up an account");
    }
    TOOL.failed(stderr)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    fn printed(stdout: &str) -> Result<u64, String> {
        let (stdout, stderr) = (stdout.as_bytes().to_vec(), b"a warning".to_vec());
        let output = Output {
            code: Some(0),
            stdout,
            stderr,
        };
        let token = read(&output, NOW).map_err(|error| error.to_string())?;
        Ok(token.0.expires_on.since(NOW).as_secs())
    }

    #[test]
    fn the_expiry_is_the_number_or_else_the_date() {
        let token = r#""accessToken":"hush""#;
        let date = r#""expiresOn":"2023-11-14 23:13:20.000000""#;
        for (text, seconds) in [
            (format!(r#"{{{token},"expires_on":1700000060,{date}}}"#), 60),
            (format!(r#"{{{token},"expires_on":"1700000060"}}"#), 60),
            (format!("{{{token},{date}}}"), 3600),
        ] {
            assert_eq!(printed(&text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn other_output_is_quoted_without_a_token() {
        for text in [
            "",
            "not json",
            "{}",
            r#"{"accessToken":"hush"}"#,
            r#"{"accessToken":"","expires_on":1700000060}"#,
            r#"{"accessToken":"hush","expires_on":"soon"}"#,
            r#"{"accessToken":"hush","expires_on":1"#,
        ] {
            let error = printed(text).expect_err(text);
            assert!(error.starts_with("Unexpected output from Azure CLI: '"));
            assert!(!error.contains("hush"), "{error}");
        }
        let old = printed(r#"{"accessToken":"hush","expires_on":1600000000}"#);
        assert!(old.expect_err("old").contains("already expired"));
    }

    #[test]
    fn the_error_of_a_failed_run_follows_from_what_the_tool_wrote() {
        let told = |said: &str| failed(said);
        let login = told("ERROR: Please run 'az login' to setup account.");
        assert_eq!(login.kind(), ErrorKind::CredentialUnavailable);
        let refused = told("ERROR: AADSTS700082: expired. To re-authenticate, run: az login");
        assert_eq!(refused.kind(), ErrorKind::ClientAuthentication);
        assert_eq!(refused.aadsts_codes(), [700_082]);
        let silent = told("");
        assert!(silent.to_string().contains("no reason"), "{silent}");
    }
}
