//! Conditional access: what policies refuse a user, whoever asks for a token.

use time::{Duration, OffsetDateTime};

use crate::exchange::error::Aadsts;
use crate::world::config::User;

/// Returns the refusal of a policy that keeps the user from all tokens.
pub(in crate::entra) fn refusal(user: &User) -> Option<Aadsts> {
    let code = user
        .refused_with
        .or_else(|| user.blocked.then_some(User::BLOCKED))?;
    Some(Aadsts::new(code).with("platform", "Unknown"))
}

/// Whether a policy wants the user to sign in again after this long; gives the seconds it allows.
pub(in crate::entra) fn outlasted(
    user: &User,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> Option<u32> {
    let allowed = user.sign_in_frequency_s?;
    is_over(allowed, since, now).then_some(allowed)
}

/// Whether a second factor given at `since` is too old for policies.
pub(in crate::entra) fn is_factor_old(
    user: &User,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> bool {
    let lasts = user.second_factor_lasts_s;
    lasts.is_some_and(|lasts| is_over(lasts, since, now))
}

/// Returns the problem with a second factor that policies ask for: none given, no way to give one,
/// or too old.
pub(in crate::entra) fn lacking_factor(user: &User, given: bool, old: bool) -> Option<Aadsts> {
    match (given, old) {
        (true, false) => None,
        (true, true) => Some(Aadsts::new(50078)),
        (false, _) if user.mfa_not_enrolled => Some(Aadsts::new(50079)),
        (false, _) => Some(Aadsts::new(50076)),
    }
}

fn is_over(seconds: u32, since: OffsetDateTime, now: OffsetDateTime) -> bool {
    now - since >= Duration::seconds(seconds.into())
}
