//! The checks of an error that a driver reported.

use super::{Check, value};
use crate::case::ErrorExpect;
use crate::protocol::Failure;

/// Checks of the error of the step `id`.
pub(super) fn checks(id: &str, expect: &ErrorExpect, failure: &Failure) -> Vec<Check> {
    let id = |what: &str| format!("{id}.error.{what}");
    let mut checks = Vec::new();
    let kind = failure.kind.as_str();
    checks.push(Check::new(
        id("kind"),
        &expect.kind,
        format!("{kind}: {}", failure.text),
        value::fits(&expect.kind, kind),
    ));
    if let Some(matcher) = &expect.oauth {
        let oauth: Vec<_> = failure.oauth.as_deref().into_iter().collect();
        checks.push(value::check(id("oauth"), matcher, &oauth, &[]));
    }
    if let Some(code) = expect.aadsts {
        let saw = format!("{:?} in {:?}", failure.aadsts, failure.text);
        checks.push(Check::new(
            id("aadsts"),
            code,
            saw,
            failure.aadsts.contains(&code),
        ));
    }
    if !expect.attempts.is_empty() {
        let mut tried = failure.attempts.iter();
        let passed = expect
            .attempts
            .iter()
            .all(|name| tried.any(|other| other == name));
        let wanted = expect.attempts.join(", then ");
        checks.push(Check::new(
            id("attempts"),
            wanted,
            failure.attempts.join(", "),
            passed,
        ));
    }
    checks
}
