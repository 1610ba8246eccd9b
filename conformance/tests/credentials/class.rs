//! The classes of a case: what its steps show.

use std::iter;

use identity_conformance::case::{Case, Matcher, Step, StepExpect};
use identity_conformance::protocol::FailureKind;

/// A way a call can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// There is a token.
    Success,
    /// There is no token, but this error. Where the service fails, or answers what cannot be
    /// understood, libraries have several words; `transport` is one of those that a case allows.
    Failure(FailureKind),
    /// The second call sends no request.
    Cached,
    /// A token near its end is replaced.
    Refreshed,
    /// Refreshing fails, and the token that is still valid is returned.
    KeptWhenRefreshingFails,
    /// One call goes to another tenant.
    TenantAllowed,
    /// One call asks for another tenant, which was not allowed.
    TenantRefused,
    /// A claims challenge.
    Claims,
    /// One of a caller that handles continuous access evaluation.
    ClaimsWithCae,
}

impl Class {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let failures = FailureKind::ALL.into_iter().map(Self::Failure);
        iter::once(Self::Success).chain(failures).chain([
            Self::Cached,
            Self::Refreshed,
            Self::KeptWhenRefreshingFails,
            Self::TenantAllowed,
            Self::TenantRefused,
            Self::Claims,
            Self::ClaimsWithCae,
        ])
    }
}

/// The classes a case shows.
pub(crate) fn of(case: &Case) -> Vec<Class> {
    let mut classes = Vec::new();
    let mut time_passed = false;
    for (index, step) in case.steps.iter().enumerate() {
        time_passed |= matches!(step, Step::Later { .. });
        if let Some(expect) = step.expect() {
            let class = of_step(case, index, step, expect, time_passed);
            classes.extend(class.filter(|class| !classes.contains(class)));
        }
    }
    classes
}

fn of_step(
    case: &Case,
    index: usize,
    step: &Step,
    expect: &StepExpect,
    time_passed: bool,
) -> Option<Class> {
    if let Step::Token {
        claims: Some(_),
        enable_cae,
        ..
    } = step
    {
        return Some(match enable_cae {
            true => Class::ClaimsWithCae,
            false => Class::Claims,
        });
    }
    let other_tenant = matches!(
        step,
        Step::Token {
            tenant_id: Some(_),
            ..
        }
    );
    Some(match expect {
        StepExpect::Token(_) if other_tenant => Class::TenantAllowed,
        StepExpect::Error(_) if other_tenant => Class::TenantRefused,
        StepExpect::Error(error) => Class::Failure(match first_of(&error.kind)? {
            FailureKind::Rejected | FailureKind::Unavailable if allows_transport(&error.kind) => {
                FailureKind::Transport
            }
            kind => kind,
        }),
        StepExpect::Token(token) if time_passed => match &token.same_as {
            Some(_) if asks_in_vain(case) => Class::KeptWhenRefreshingFails,
            Some(_) => return None,
            None => Class::Refreshed,
        },
        StepExpect::Token(token) if token.same_as.is_some() && is_first(case, index) => {
            Class::Cached
        }
        // One call of a program for several callers.
        StepExpect::Token(_) if matches!(step, Step::Tokens { .. }) => Class::Cached,
        StepExpect::Token(_) => Class::Success,
    })
}

fn allows_transport(kind: &Matcher) -> bool {
    let transport = FailureKind::Transport.as_str();
    match kind {
        Matcher::OneOf(words) => words.iter().any(|word| word == transport),
        Matcher::Equals(word) => word == transport,
        _ => false,
    }
}

/// The first of several kinds, which is our own crate's.
fn first_of(kind: &Matcher) -> Option<FailureKind> {
    let word = match kind {
        Matcher::Equals(word) => word,
        Matcher::OneOf(words) => words.first()?,
        _ => return None,
    };
    let mut kinds = FailureKind::ALL.into_iter();
    kinds.find(|kind| kind.as_str() == word)
}

/// Whether the step directly before is the call whose token it gets again.
fn is_first(case: &Case, index: usize) -> bool {
    let before = index
        .checked_sub(1)
        .and_then(|before| case.steps.get(before));
    before.is_some_and(|step| matches!(step, Step::Token { .. } | Step::Tokens { .. }))
}

/// Whether the token service, or the program, refuses the second call.
fn asks_in_vain(case: &Case) -> bool {
    let scripted = (&case.world.script).into_iter().next().is_some();
    scripted || case.world.command.iter().any(|command| command.exit != 0)
}
