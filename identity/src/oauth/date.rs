//! Moments as hosts and tools write them for people.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::unix_time::UnixTime;

/// App Service: `05/22/2021 17:18:21 +00:00` on Linux, `1/16/2020 5:24:12 AM +00:00` on Windows.
const WITH_OFFSET: &[&[BorrowedFormatItem<'_>]] = &[
    format_description!(
        "[month padding:none]/[day padding:none]/[year] \
         [hour padding:none]:[minute]:[second] [offset_hour sign:mandatory]:[offset_minute]"
    ),
    format_description!(
        "[month padding:none]/[day padding:none]/[year] \
         [hour padding:none repr:12]:[minute]:[second] [period] \
         [offset_hour sign:mandatory]:[offset_minute]"
    ),
];

/// The same without an offset, and what the Azure CLI prints; all in UTC.
const IN_UTC: &[&[BorrowedFormatItem<'_>]] = &[
    format_description!("[month padding:none]/[day padding:none]/[year] [hour]:[minute]:[second]"),
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"),
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond]"),
];

/// The moment `text` names, in UTC where it says no offset.
pub(crate) fn parse(text: &str) -> Option<UnixTime> {
    let text = text.trim();
    let mut with_offset = WITH_OFFSET.iter();
    let moment = OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .or_else(|| with_offset.find_map(|form| OffsetDateTime::parse(text, form).ok()))
        .or_else(|| {
            let found = IN_UTC
                .iter()
                .find_map(|form| PrimitiveDateTime::parse(text, form).ok());
            found.map(PrimitiveDateTime::assume_utc)
        });
    moment.map(UnixTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_a_host_or_tool_writes_a_moment_is_read() {
        for (text, seconds) in [
            ("05/22/2021 17:18:21 +00:00", 1_621_703_901),
            ("1/16/2020 5:24:12 AM +00:00", 1_579_152_252),
            ("01/16/2020 05:24:12 PM +00:00", 1_579_195_452),
            ("12/1/2020 12:00:00 AM +02:00", 1_606_773_600),
            ("05/22/2021 17:18:21", 1_621_703_901),
            ("2021-05-22 17:18:21", 1_621_703_901),
            ("2021-05-22 17:18:21.000000", 1_621_703_901),
            ("2021-05-22T17:18:21Z", 1_621_703_901),
            ("2021-05-22T19:18:21+02:00", 1_621_703_901),
        ] {
            assert_eq!(parse(text), Some(UnixTime::from_seconds(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "soon",
            "13/40/2021 17:18:21 +00:00",
            "2021-05-22",
            "25:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
