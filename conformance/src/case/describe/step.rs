//! The steps of a case in words.

use std::fmt::Write;

use crate::case::{ErrorExpect, Step, StepExpect, TokenExpect, UserAct};
use crate::protocol::Credential;

/// A step in words.
pub(super) fn of_step(step: &Step) -> String {
    match step {
        Step::Token {
            credential,
            scopes,
            tenant_id,
            claims,
            enable_cae,
            ..
        } => {
            let mut text = format!(
                "a caller asks {} for {}",
                of_credential(credential.as_ref()),
                scopes.join(" ")
            );
            if let Some(tenant) = tenant_id {
                write!(text, " in the tenant {tenant}").ok();
            }
            if let Some(claims) = claims {
                write!(text, " with the claims {claims}").ok();
            }
            if *enable_cae {
                text.push_str(", handling continuous access evaluation");
            }
            text
        }
        Step::Tokens {
            n,
            credential,
            scopes,
            ..
        } => format!(
            "{n} callers at once ask {} for {}",
            of_credential(credential.as_ref()),
            scopes.join(" ")
        ),
        Step::User(act) => format!("at the next prompt the user {}", of_act(act)),
        Step::Restart => "the driver is stopped and started again".to_owned(),
        Step::Later { seconds } => format!("the clocks are put forward by {seconds} s"),
        Step::Pause { ms } => format!("{ms} ms pass in real time"),
    }
}

fn of_act(act: &UserAct) -> String {
    match act {
        UserAct::Approve(user) => format!("types the code and signs in as {user}"),
        UserAct::Decline => "types the code and declines".to_owned(),
        UserAct::SignIn(user) => format!("signs in as {user}"),
        UserAct::Cancel => "presses Cancel".to_owned(),
        UserAct::Close => "closes the browser's tab".to_owned(),
        UserAct::Oversleep => "does nothing for twenty minutes".to_owned(),
        UserAct::SignInAfterForgery(user) => {
            format!("signs in as {user}, after an attacker sent an answer with a guessed `state`")
        }
    }
}

/// The kind of a credential with its members, or words for the one built last.
fn of_credential(credential: Option<&Credential>) -> String {
    let Some(credential) = credential else {
        return "the same credential".to_owned();
    };
    if let Credential::Chained { credentials } = credential {
        let members = credentials.iter().map(|member| of_credential(Some(member)));
        return format!("a chain of [{}]", members.collect::<Vec<_>>().join(", "));
    }
    let members = serde_json::to_value(credential).unwrap_or_default();
    let members = members.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| *name != "kind");
    let members: Vec<_> = members
        .map(|(name, value)| format!("{name} {}", value.to_string().trim_matches('"')))
        .collect();
    match members.as_slice() {
        [] => format!("a `{}` credential", credential.kind()),
        members => format!(
            "a `{}` credential ({})",
            credential.kind(),
            members.join(", ")
        ),
    }
}

/// An expectation in words.
pub(super) fn of_expectation(expect: &StepExpect) -> String {
    match expect {
        StepExpect::Token(token) => of_token(token),
        StepExpect::Error(error) => of_error(error),
    }
}

fn of_token(token: &TokenExpect) -> String {
    let mut parts = Vec::new();
    parts.extend(
        token
            .issued_by
            .as_ref()
            .map(|endpoint| format!("issued by {endpoint}")),
    );
    parts.extend(
        token
            .same_as
            .as_ref()
            .map(|step| format!("the same as in {step}")),
    );
    parts.extend(
        token
            .differs_from
            .as_ref()
            .map(|step| format!("another than in {step}")),
    );
    parts.extend(
        token
            .value
            .as_ref()
            .map(|matcher| format!("that is {matcher}")),
    );
    parts.extend(
        token
            .claims
            .iter()
            .map(|(name, matcher)| format!("with the claim {name} {matcher}")),
    );
    parts.extend(
        token
            .expires_within
            .map(|most| format!("valid for {most} s or less")),
    );
    parts.extend(
        token
            .expires_after
            .map(|least| format!("valid for more than {least} s")),
    );
    format!("a token {}", parts.join(", "))
        .trim_end()
        .to_owned()
}

fn of_error(error: &ErrorExpect) -> String {
    let mut parts = vec![format!("an error of the kind {}", error.kind)];
    parts.extend(
        error
            .oauth
            .as_ref()
            .map(|word| format!("with the OAuth error {word}")),
    );
    parts.extend(error.aadsts.map(|code| format!("with AADSTS{code}")));
    if !error.attempts.is_empty() {
        parts.push(format!("after {}", error.attempts.join(", then ")));
    }
    parts.extend(
        error
            .or_waits_ms
            .map(|ms| format!("or no answer within {ms} ms")),
    );
    parts.join(", ")
}
