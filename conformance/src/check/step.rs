//! What the driver said against what a step expects.

use super::{Check, failure, token};
use crate::case::{Case, StepExpect};
use crate::observation::{Observation, Told};

/// Checks of every step that expects something.
pub(super) fn checks(case: &Case, seen: &Observation) -> Vec<Check> {
    let mut checks = Vec::new();
    for (index, step) in case.steps.iter().enumerate() {
        let id = format!("step.{}", index + 1);
        match (step.expect(), seen.steps.get(index)) {
            (None, Some(Told::Prompted(prompted))) => {
                let saw = if *prompted { "a prompt" } else { "none" };
                checks.push(Check::new(
                    format!("{id}.prompt"),
                    "a prompt",
                    saw,
                    *prompted,
                ));
            }
            (None, _) => {}
            (Some(StepExpect::Token(expect)), Some(Told::Tokens { tokens, at })) => {
                checks.push(result(
                    &id,
                    "a token",
                    format!("{} tokens", tokens.len()),
                    true,
                ));
                let answer = token::Answer {
                    id: &id,
                    expect,
                    tokens,
                    at: *at,
                    seen,
                };
                checks.extend(answer.checks());
            }
            (Some(StepExpect::Error(expect)), Some(Told::Error(error))) => {
                checks.push(result(&id, "an error", "an error".to_owned(), true));
                checks.extend(failure::checks(&id, expect, error));
            }
            (Some(StepExpect::Error(expect)), told @ Some(Told::Waiting)) => {
                let waits = expect.or_waits_ms.is_some();
                checks.push(result(&id, "an error, or to wait", describe(told), waits));
            }
            (Some(StepExpect::Token(_)), told) => {
                checks.push(result(&id, "a token", describe(told), false));
            }
            (Some(StepExpect::Error(_)), told) => {
                checks.push(result(&id, "an error", describe(told), false));
            }
        }
    }
    checks
}

fn result(id: &str, wanted: &str, saw: String, passed: bool) -> Check {
    Check::new(format!("{id}.result"), wanted, saw, passed)
}

fn describe(told: Option<&Told>) -> String {
    match told {
        Some(Told::Tokens { .. }) => "a token".to_owned(),
        Some(Told::Error(failure)) => {
            format!("an error, {}: {}", failure.kind.as_str(), failure.text)
        }
        Some(Told::Waiting) => "it waits".to_owned(),
        Some(Told::Prompted(_) | Told::Nothing) | None => "nothing".to_owned(),
    }
}
