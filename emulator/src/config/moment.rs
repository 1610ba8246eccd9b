//! Moments as a world writes them: `"2030-01-01T00:00:00Z"`.

use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) fn moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<OffsetDateTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| {
        serde::de::Error::custom(format!(
            "`{text}` is no moment such as \"2030-01-01T00:00:00Z\""
        ))
    })
}

pub(super) fn some_moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OffsetDateTime>, D::Error> {
    moment(deserializer).map(Some)
}

pub(super) fn start_of_2020() -> OffsetDateTime {
    time::macros::datetime!(2020-01-01 0:00 UTC)
}
