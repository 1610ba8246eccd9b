//! The meanings of check ids, for people.

use identity_emulator::Invariant;

/// Returns the meaning of the check with this id, or nothing for a text that is no id.
pub fn explain(id: &str) -> Option<String> {
    if let Some(rule) = id
        .strip_prefix("invariant.")
        .or_else(|| id.strip_prefix("finding."))
    {
        return of_rule(id, rule);
    }
    let text = match id {
        "driver.crash" => "The driver process ended, or wrote what the protocol does not allow.",
        "driver.hang" => "The driver did not answer, or did not end, within the limit of time.",
        "driver.unsupported" => "The driver lacks a capability that its `hello` had declared.",
        "leak.stderr" => "Neither a secret nor a token is in what the driver wrote to stderr.",
        "leak.journal" => "Neither a secret nor a token's signature is in the emulator's journal.",
        "requests.order" => "The requests came in the order in which the case lists them.",
        "requests.others" => "There was no request besides those the case lists or allows.",
        _ => return of_place(id),
    };
    Some(text.to_owned())
}

fn of_rule(id: &str, rule: &str) -> Option<String> {
    if id == "invariant.all" {
        return Some("The emulator found no error in any request.".to_owned());
    }
    let about = Invariant::named(rule)?.about;
    Some(match id.starts_with("finding.") {
        true => format!("The case is about a finding, which must be there: {about}"),
        false => format!("A finding of the emulator that no client may cause: {about}"),
    })
}

/// The ids that have the number of a step or the name of an endpoint in them.
fn of_place(id: &str) -> Option<String> {
    if let Some(rest) = id.strip_prefix("leak.step.") {
        let number: usize = rest.parse().ok()?;
        return Some(format!(
            "Neither a secret nor a token is in the error of step {number}."
        ));
    }
    if let Some(rest) = id.strip_prefix("step.") {
        let (number, what) = rest.split_once('.')?;
        let number: usize = number.parse().ok()?;
        return of_step(number, what);
    }
    of_request(id)
}

fn of_step(number: usize, what: &str) -> Option<String> {
    let text = match what {
        "result" => "ended in a token or in an error, as the case expects",
        "prompt" => "made the user ready, and the library prompted the user",
        "token.issued_by" => "gave a token that this endpoint of the emulator issued",
        "token.same_as" => "gave the same token as an earlier step: it came from a cache",
        "token.differs_from" => "gave another token than an earlier step",
        "token.value" => "gave the token that a scripted answer holds",
        "token.expires_within" => "gave a valid token that expires in time",
        "token.expires_after" => "gave a token that is valid for long enough",
        "error.kind" => "ended in an error of the right one of the six kinds",
        "error.oauth" => "ended in an error that tells the OAuth `error` word",
        "error.aadsts" => "ended in an error that carries the AADSTS number",
        "error.attempts" => "ended in an error that names the credentials a chain tried, in order",
        _ => {
            let claim = what.strip_prefix("token.claims.")?;
            return Some(format!(
                "Step {number} gave a token with the right claim `{claim}`."
            ));
        }
    };
    Some(format!("Step {number} {text}."))
}

fn of_request(id: &str) -> Option<String> {
    if let Some(label) = id.strip_suffix(".count") {
        return Some(format!("The number of requests to {label} is right."));
    }
    let (endpoint, rest) = id.split_once('[')?;
    let (number, part) = rest.split_once("].")?;
    let number: usize = number.parse().ok()?;
    let request = format!("of request {number} to {endpoint}");
    match part.split_once('.') {
        None if part == "method" => Some(format!("The HTTP method {request} is right.")),
        None if part == "gap_ms" => Some(format!(
            "The time between the start {request} and the one before is right."
        )),
        Some((part @ ("query" | "header" | "form" | "option"), name)) => Some(format!(
            "The {part} field `{name}` {request} is as the case expects."
        )),
        _ => None,
    }
}
