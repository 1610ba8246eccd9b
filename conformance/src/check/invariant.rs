//! What no client may do, whatever the case: the findings of the emulator, and what the journal
//! shows by itself.

use super::Check;
use crate::observation::Exchange;

/// Parameters that carry a secret, and so have no place in a URL, where logs and proxies keep it.
const SECRET_PARAMETERS: &[&str] = &[
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "password",
    "refresh_token",
];

/// One red check for every rule that was broken, and one green when none was.
pub(super) fn checks(exchanges: &[Exchange]) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    for exchange in exchanges {
        let mut findings = exchange.findings.clone();
        findings.extend(secret_in_url(exchange));
        for (rule, text) in findings {
            let id = format!("invariant.{rule}");
            if !checks.iter().any(|check| check.id == id) {
                checks.push(Check::new(id, "never", text, false));
            }
        }
    }
    if checks.is_empty() {
        checks.push(Check::new("invariant.all", "no finding", "none", true));
    }
    checks
}

fn secret_in_url(exchange: &Exchange) -> Option<(String, String)> {
    let secret = |(name, _): &&(String, String)| {
        SECRET_PARAMETERS
            .iter()
            .any(|parameter| name.eq_ignore_ascii_case(parameter))
    };
    let (name, _) = exchange.query.iter().find(secret)?;
    let text = format!("{name} in the URL of {} {}", exchange.method, exchange.path);
    Some(("no_secret_in_url".to_owned(), text))
}
