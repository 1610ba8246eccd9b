//! The time in which an assertion counts.

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::crypto::jwt::Jwt;
use crate::exchange::error::Aadsts;

/// Refuses an assertion outside its time, with five minutes of patience on both sides.
pub(super) fn check_times(jwt: &Jwt<'_>, now: OffsetDateTime) -> Result<(), Aadsts> {
    const PATIENCE: i64 = 300;
    let moment = |name| match jwt.moment(name) {
        Some(None) => Err(Aadsts::new(50027)),
        Some(Some(moment)) => Ok(Some(moment)),
        None => Ok(None),
    };
    let end = moment("exp")?.ok_or_else(|| Aadsts::new(90014).with("field", "exp"))?;
    let start = moment("nbf")?.or(moment("iat")?);
    let at = now.unix_timestamp();
    let early = start.is_some_and(|start| at.saturating_add(PATIENCE) < start);
    if !early && at.saturating_sub(PATIENCE) < end {
        return Ok(());
    }
    let shown = |seconds| {
        let moment = OffsetDateTime::UNIX_EPOCH.checked_add(Duration::seconds(seconds));
        moment.map_or_else(|| seconds.to_string(), written)
    };
    Err(Aadsts::new(700024)
        .with("now", written(now))
        .with("start", shown(start.unwrap_or(end)))
        .with("end", shown(end)))
}

fn written(moment: OffsetDateTime) -> String {
    moment.format(&Rfc3339).unwrap_or_default()
}
