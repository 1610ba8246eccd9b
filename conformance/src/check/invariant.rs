//! The checks of the emulator's findings: things no client may do, whatever the case.

use identity_emulator::{Invariant, Severity};

use super::Check;
use crate::observation::Exchange;

/// One red check for every error among the findings that the case does not expect, and one green
/// check where there is none; one more check for every finding that the case does expect.
///
/// Warnings fail no case: much that is done on purpose is among them.
pub(super) fn checks(expected: &[String], exchanges: &[Exchange]) -> Vec<Check> {
    let findings = || exchanges.iter().flat_map(|exchange| &exchange.findings);
    let mut checks: Vec<Check> = Vec::new();
    for (rule, text) in findings() {
        let id = format!("invariant.{rule}");
        let asked = expected.contains(rule) || !is_error(rule);
        if !asked && !checks.iter().any(|check| check.id == id) {
            checks.push(Check::new(id, "never", text, false));
        }
    }
    if checks.is_empty() {
        checks.push(Check::new("invariant.all", "no finding", "none", true));
    }
    checks.extend(expected.iter().map(|rule| {
        let found = findings().find(|(found, _)| found == rule);
        let saw = found.map_or("nothing of the kind", |(_, text)| text);
        Check::new(format!("finding.{rule}"), "a finding", saw, found.is_some())
    }));
    checks
}

fn is_error(rule: &str) -> bool {
    Invariant::named(rule).is_none_or(|invariant| invariant.severity == Severity::Error)
}
