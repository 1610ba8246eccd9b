//! Conditional access: what policies refuse a user, whoever asks for a token.

use time::{Duration, OffsetDateTime};

use crate::config::User;
use crate::error::Aadsts;

/// The errors a policy may refuse with.
pub(crate) const REFUSALS: &[u32] = &[
    50005, 50097, 50131, 50158, 53000, 53001, 53002, BLOCKED, 53004, 53005, 53011, 530002, 530003,
    530032, 530035,
];

const BLOCKED: u32 = 53003;

/// What the user is refused with, if a policy refuses it tokens altogether.
pub(crate) fn refusal(user: &User) -> Option<Aadsts> {
    let code = user
        .refused_with
        .or_else(|| user.blocked.then_some(BLOCKED))?;
    Some(Aadsts::new(code).with("platform", "Unknown"))
}

/// Whether a policy wants the user to sign in again after this long; gives the seconds it allows.
pub(crate) fn outlasted(user: &User, since: OffsetDateTime, now: OffsetDateTime) -> Option<u32> {
    let allowed = user.sign_in_frequency_s?;
    (now - since >= Duration::seconds(allowed.into())).then_some(allowed)
}
