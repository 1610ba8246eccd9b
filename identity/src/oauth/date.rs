//! Dates as hosts and tools write them for people.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::unix_time::UnixTime;

/// The formats of App Service: `05/22/2021 17:18:21 +00:00` on Linux, `1/16/2020 5:24:12 AM +00:00`
/// on Windows.
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

/// The formats without an offset, those of the Azure CLI among them. All are in UTC.
const IN_UTC: &[&[BorrowedFormatItem<'_>]] = &[
    format_description!("[month padding:none]/[day padding:none]/[year] [hour]:[minute]:[second]"),
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"),
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond]"),
];

/// Reads the date and time in `text`, in UTC where it has no offset.
pub(crate) fn parse(text: &str) -> Option<UnixTime> {
    let text = text.trim();
    let mut with_offset = WITH_OFFSET.iter();
    let moment = OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .or_else(|| with_offset.find_map(|form| OffsetDateTime::parse(text, form).ok()))
        .or_else(|| {
            let date = IN_UTC
                .iter()
                .find_map(|form| PrimitiveDateTime::parse(text, form).ok());
            date.map(PrimitiveDateTime::assume_utc)
        });
    moment.map(UnixTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_formats_of_all_hosts_and_tools_are_read() {
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
    fn a_text_that_is_no_date_gives_none() {
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
