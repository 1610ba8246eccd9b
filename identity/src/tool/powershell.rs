//! Azure PowerShell.
//!
//! Source: <https://learn.microsoft.com/powershell/module/az.accounts/get-azaccesstoken>.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Tool, claims_argument, claims_unsupported, stderr};
use crate::context::{Output, UnixTime};
use crate::error::{Error, Result};
use crate::redact;
use crate::token::AccessToken;

/// Azure PowerShell, a module of PowerShell.
pub(crate) const TOOL: Tool = Tool {
    name: "Azure PowerShell",
    programs: if cfg!(windows) {
        &["pwsh.exe", "powershell.exe"]
    } else {
        &["pwsh"]
    },
    env: &[("NO_COLOR", "true"), ("POWERSHELL_UPDATECHECK", "Off")],
    missing: "PowerShell is not installed. Install it (https://aka.ms/powershell) with the module \
              Az.Accounts, and sign in with Connect-AzAccount",
};

/// The text that the script prints when the module is missing.
const NO_MODULE: &str = "NO_AZ_ACCOUNT_MODULE";

/// The script that prints a token. `{resource}` and `{tenant}` are replaced by values that were
/// checked to hold no quote. Versions from 2.17 to before 5.0 of the module return plain text
/// unless asked for a secure string; later versions return only the latter.
const SCRIPT: &str = "\
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$module = Import-Module Az.Accounts -MinimumVersion '2.2.0' -PassThru -ErrorAction SilentlyContinue
if (-not $module) {
    Write-Output 'NO_AZ_ACCOUNT_MODULE'
    exit 0
}
$ask = @{ ResourceUrl = '{resource}' }
if ('{tenant}' -ne '') {
    $ask.TenantId = '{tenant}'
}
if ($module.Version -ge [version]'2.17.0' -and $module.Version -lt [version]'5.0.0') {
    $ask.AsSecureString = $true
}
$answer = Get-AzAccessToken @ask
$text = $answer.Token
if ($text -is [System.Security.SecureString]) {
    $memory = [Runtime.InteropServices.Marshal]::SecureStringToBSTR($text)
    try {
        $text = [Runtime.InteropServices.Marshal]::PtrToStringBSTR($memory)
    } finally {
        [Runtime.InteropServices.Marshal]::ZeroFreeBSTR($memory)
    }
}
Write-Output ('azsdk%' + $text + '%' + $answer.ExpiresOn.ToUnixTimeSeconds())
";

/// Returns the arguments that get a token for `resource`.
pub(crate) fn args(resource: &str, tenant: Option<&str>) -> Vec<String> {
    let script = SCRIPT
        .replace("{resource}", resource)
        .replace("{tenant}", tenant.unwrap_or_default());
    // `-EncodedCommand` takes base64 of UTF-16, which no shell misreads.
    let utf16: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let script = BASE64_STANDARD.encode(utf16);
    // Profiles may print and take seconds; a prompt would wait for input that never comes; and by
    // default errors are written as XML.
    let args = ["-NoProfile", "-NonInteractive", "-OutputFormat", "Text"];
    let mut args: Vec<String> = args.map(str::to_owned).into();
    args.extend(["-EncodedCommand".to_owned(), script]);
    args
}

/// Returns the token in the output of a run, or the error it stands for.
pub(crate) fn read(output: &Output, now: UnixTime) -> Result<AccessToken> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    if stdout.contains(NO_MODULE) {
        return Err(Error::unavailable(
            "Az.Account module >= 2.2.0 is not installed. Install it with: Install-Module \
             Az.Accounts",
        ));
    }
    if output.code != Some(0) {
        return Err(failed(&stderr(output)));
    }
    // Warnings of modules stand on lines before and after it.
    let (text, expires_on) = stdout
        .lines()
        .find_map(printed)
        .ok_or_else(|| TOOL.unexpected(output))?;
    TOOL.token(text, expires_on, now)
}

/// Returns the error for a claims challenge, which only a new sign-in can answer.
pub(crate) fn claims_refused(claims: &str, tenant: Option<&str>) -> Error {
    let tenant = tenant.map(|tenant| format!(" -Tenant {tenant}"));
    let (claims, tenant) = (claims_argument(claims), tenant.unwrap_or_default());
    claims_unsupported(&format!(
        "Connect-AzAccount -ClaimsChallenge {claims}{tenant}"
    ))
}

/// Reads the token and its expiry in `azsdk%<token>%<seconds since 1970>`.
fn printed(line: &str) -> Option<(&str, UnixTime)> {
    let (text, end) = line.trim().strip_prefix("azsdk%")?.rsplit_once('%')?;
    let seconds = end.split('.').next()?.parse().ok()?;
    (!text.is_empty()).then_some((text, UnixTime::from_seconds(seconds)))
}

fn failed(stderr: &str) -> Error {
    if stderr.contains("Connect-AzAccount") {
        return Error::unavailable("Please run \"Connect-AzAccount\" to set up account");
    }
    let policy = ["AuthorizationManager check failed", "UnauthorizedAccess"];
    if policy.iter().any(|sign| stderr.contains(sign)) {
        return Error::unavailable("Execution policy prevented invoking Azure PowerShell");
    }
    let excerpt = redact::excerpt(stderr, &[]);
    Error::unavailable(format!("Failed to invoke PowerShell. It said: {excerpt}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    fn run(code: i32, stdout: &str, stderr: &str) -> Result<(String, u64)> {
        let (stdout, stderr) = (stdout.as_bytes().to_vec(), stderr.as_bytes().to_vec());
        let output = Output {
            code: Some(code),
            stdout,
            stderr,
        };
        let token = read(&output, NOW)?;
        let lifetime = token.0.expires_on.since(NOW).as_secs();
        Ok((token.token().to_owned(), lifetime))
    }

    #[test]
    fn the_token_is_on_a_line_of_its_own() {
        let with = |end: &str| format!("WARNING: x\r\nazsdk%a%b%{end}\r\n");
        for end in ["1700000060", "1700000060.5"] {
            let token = run(0, &with(end), "a warning").unwrap();
            assert_eq!(token, ("a%b".to_owned(), 60));
        }
        for bad in ["", "azsdk%hush", "azsdk%%1700000060", "azsdk%hush%soon"] {
            let error = run(0, bad, "").expect_err(bad).to_string();
            assert!(error.starts_with("Unexpected output") && !error.contains("hush"));
        }
    }

    #[test]
    fn every_failure_leaves_a_chain_free_to_go_on() {
        for (stdout, stderr, told) in [
            (NO_MODULE, "", "is not installed"),
            ("", "Run Connect-AzAccount to login.", "Please run"),
            ("", "AuthorizationManager check failed.", "Execution policy"),
            ("", "boom", "It said: boom"),
        ] {
            let error = run(1, stdout, stderr).expect_err("failed");
            assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
            assert!(error.to_string().contains(told), "{error}");
        }
    }

    #[test]
    fn the_script_names_resource_and_tenant() {
        let args = args("https://r", Some("contoso"));
        let script = BASE64_STANDARD.decode(args.last().unwrap()).unwrap();
        let units = script.as_chunks::<2>().0.iter();
        let units: Vec<u16> = units.map(|unit| u16::from_le_bytes(*unit)).collect();
        let script = String::from_utf16(&units).unwrap();
        assert!(script.contains("ResourceUrl = 'https://r'"));
        assert!(script.contains("TenantId = 'contoso'"));
    }
}
