//! What no client may do, whatever the case: the findings of the emulator.

use identity_emulator::{Invariant, Severity};

use super::Check;
use crate::observation::Exchange;

/// One red check for every error among the findings that the case does not expect, one for every
/// finding it expects in vain, and one green when there is none of either.
///
/// Warnings are for those who read the journal: much that is done on purpose is among them.
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
