//! The rules for a case that its types cannot express.

use identity_emulator::Invariant;

use super::{Case, ErrorExpect, Matcher, Step, StepExpect, TokenExpect};
use crate::protocol::{CAPABILITIES, Credential, FailureKind};

/// Checks that a case can be run and shows something.
///
/// # Errors
/// A sentence that says what is wrong, with the number of the step if it is in a step.
pub(super) fn check(case: &Case) -> Result<(), String> {
    if case.source.is_empty() || !case.source.iter().all(|url| url.starts_with("https://")) {
        return Err("source must name the https address of a specification".to_owned());
    }
    if let Some(need) = case.needs.iter().find(|need| !is_capability(need)) {
        let known: Vec<_> = CAPABILITIES.iter().map(|(name, _)| *name).collect();
        return Err(format!(
            "unknown need `{need}`; the capabilities are: {}",
            known.join(", ")
        ));
    }
    if case.timeout_s > 300 {
        return Err("timeout_s must be 300 or less".to_owned());
    }
    if case
        .waits_s
        .is_some_and(|waits| waits == 0 || waits >= case.timeout_s)
    {
        return Err("waits_s must be 1 or more, and less than timeout_s".to_owned());
    }
    if case.steps.iter().all(|step| step.expect().is_none()) {
        return Err("a case without a step that asks for a token shows nothing".to_owned());
    }
    // The emulator's names for its findings, so that a typo is an error here.
    let unknown = |rule: &&String| Invariant::named(rule).is_none();
    if let Some(rule) = case.expect.findings.iter().find(unknown) {
        let known: Vec<_> = Invariant::all()
            .iter()
            .map(|invariant| invariant.id)
            .collect();
        return Err(format!(
            "unknown finding `{rule}`; the findings are: {}",
            known.join(", ")
        ));
    }
    for (index, step) in case.steps.iter().enumerate() {
        step_is_sound(case, index, step).map_err(|text| format!("step {}: {text}", index + 1))?;
    }
    Ok(())
}

fn is_capability(name: &str) -> bool {
    CAPABILITIES.iter().any(|(known, _)| *known == name)
}

fn step_is_sound(case: &Case, index: usize, step: &Step) -> Result<(), String> {
    match step {
        Step::Tokens { n: 0 | 1, .. } => return Err("n must be 2 or more".to_owned()),
        Step::Later { .. } => needs(case, "clock", "a `later` step")?,
        Step::Token {
            enable_cae: true, ..
        } => needs(case, "option.enable_cae", "`enable_cae`")?,
        Step::Pause { ms } if *ms > 10_000 => return Err("ms must be 10000 or less".to_owned()),
        _ => {}
    }
    match step.patience_ms() {
        Some(_) if index + 1 < case.steps.len() => {
            return Err("or_waits_ms is for the last step: the caller goes".to_owned());
        }
        Some(ms) if !(1..=20_000).contains(&ms) => {
            return Err("or_waits_ms must be from 1 to 20000".to_owned());
        }
        _ => {}
    }
    step.credential().map_or(Ok(()), Credential::check)?;
    match step.expect() {
        Some(StepExpect::Token(token)) => token_is_sound(index, token),
        Some(StepExpect::Error(error)) => error_is_sound(case, error),
        None => Ok(()),
    }
}

fn needs(case: &Case, need: &str, what: &str) -> Result<(), String> {
    match case.needs.iter().any(|known| known == need) {
        true => Ok(()),
        false => Err(format!("{what} needs `{need}`: add it to `needs`")),
    }
}

fn token_is_sound(index: usize, token: &TokenExpect) -> Result<(), String> {
    for place in [&token.same_as, &token.differs_from].into_iter().flatten() {
        let earlier = place
            .strip_prefix("step.")
            .and_then(|number| number.parse::<usize>().ok());
        if !earlier.is_some_and(|number| (1..=index).contains(&number)) {
            return Err(format!("`{place}` must be an earlier step, written step.1"));
        }
    }
    Ok(())
}

fn error_is_sound(case: &Case, error: &ErrorExpect) -> Result<(), String> {
    let words: &[String] = match &error.kind {
        Matcher::Equals(word) => std::slice::from_ref(word),
        Matcher::OneOf(words) => words,
        other => return Err(format!("kind must be a word or one_of, not {other}")),
    };
    let is_kind = |word: &String| FailureKind::ALL.iter().any(|kind| kind.as_str() == word);
    if let Some(word) = words.iter().find(|word| !is_kind(word)) {
        let known = FailureKind::ALL.map(FailureKind::as_str).join(", ");
        return Err(format!("unknown kind `{word}`; the kinds are: {known}"));
    }
    for (used, need) in [
        (error.oauth.is_some(), "error.oauth"),
        (!error.attempts.is_empty(), "error.attempts"),
    ] {
        if used {
            needs(case, need, "this expectation")?;
        }
    }
    Ok(())
}
