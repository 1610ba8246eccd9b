//! Client assertions that a client signed itself.

use url::Url;

use super::{Scene, quoted};
use crate::crypto::jwt::Jwt;

pub(super) fn lifetime(scene: &Scene<'_>) -> Option<String> {
    const LONGEST: i64 = 3600;
    let jwt = own(scene)?;
    let moment = |name| jwt.moment(name).flatten();
    let start = moment("nbf").or_else(|| moment("iat"));
    let start = start.unwrap_or_else(|| scene.seen.at.unix_timestamp());
    let lifetime = moment("exp")?.saturating_sub(start);
    (lifetime > LONGEST).then(|| format!("the client assertion lives for {lifetime} s"))
}

/// The host does not matter: a client may know the service by another name than it is reached by.
pub(super) fn audience(scene: &Scene<'_>) -> Option<String> {
    let jwt = own(scene)?;
    let audiences = jwt.audiences();
    let here = scene.seen.path.trim_end_matches('/');
    let is_here = |audience: &&str| {
        Url::parse(audience)
            .is_ok_and(|url| url.path().trim_end_matches('/').eq_ignore_ascii_case(here))
    };
    if audiences.iter().any(is_here) {
        return None;
    }
    let audience = audiences.first().map_or("nobody", |audience| *audience);
    Some(format!(
        "the client assertion is for `{}`, and was sent to `{}`",
        quoted(audience),
        quoted(here)
    ))
}

/// One in the client's own name: issuer and subject are the same. Others have issuers with rules of
/// their own.
fn own<'a>(scene: &'a Scene<'_>) -> Option<Jwt<'a>> {
    let jwt = Jwt::parse(scene.form("client_assertion")?)?;
    (jwt.text("iss")? == jwt.text("sub")?).then_some(jwt)
}
