//! The checks of the driver's answers to the steps.

use super::{Check, failure, token};
use crate::case::{Case, StepExpect};
use crate::observation::{Observation, StepAnswer};

/// Checks of every step that expects something.
pub(super) fn checks(case: &Case, observation: &Observation) -> Vec<Check> {
    let mut checks = Vec::new();
    for (index, step) in case.steps.iter().enumerate() {
        let id = format!("step.{}", index + 1);
        match (step.expect(), observation.steps.get(index)) {
            (None, Some(StepAnswer::Prompted(prompted))) => {
                let saw = if *prompted { "a prompt" } else { "none" };
                checks.push(Check::new(
                    format!("{id}.prompt"),
                    "a prompt",
                    saw,
                    *prompted,
                ));
            }
            (None, _) => {}
            (Some(StepExpect::Token(expect)), Some(StepAnswer::Tokens { tokens, at })) => {
                checks.push(result(
                    &id,
                    "a token",
                    format!("{} tokens", tokens.len()),
                    true,
                ));
                let token_check = token::TokenCheck {
                    id: &id,
                    expect,
                    tokens,
                    at: *at,
                    observation,
                };
                checks.extend(token_check.checks());
            }
            (Some(StepExpect::Error(expect)), Some(StepAnswer::Error(error))) => {
                checks.push(result(&id, "an error", "an error".to_owned(), true));
                checks.extend(failure::checks(&id, expect, error));
            }
            (Some(StepExpect::Error(expect)), answer @ Some(StepAnswer::Waiting)) => {
                let waits = expect.or_waits_ms.is_some();
                checks.push(result(&id, "an error, or to wait", describe(answer), waits));
            }
            (Some(StepExpect::Token(_)), answer) => {
                checks.push(result(&id, "a token", describe(answer), false));
            }
            (Some(StepExpect::Error(_)), answer) => {
                checks.push(result(&id, "an error", describe(answer), false));
            }
        }
    }
    checks
}

fn result(id: &str, wanted: &str, saw: String, passed: bool) -> Check {
    Check::new(format!("{id}.result"), wanted, saw, passed)
}

fn describe(answer: Option<&StepAnswer>) -> String {
    match answer {
        Some(StepAnswer::Tokens { .. }) => "a token".to_owned(),
        Some(StepAnswer::Error(failure)) => {
            format!("an error, {}: {}", failure.kind.as_str(), failure.text)
        }
        Some(StepAnswer::Waiting) => "it waits".to_owned(),
        Some(StepAnswer::Prompted(_) | StepAnswer::Nothing) | None => "nothing".to_owned(),
    }
}
