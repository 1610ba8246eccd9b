//! The `Date` of answers: by the emulator's clock, so that clients who compare see what it sees.

use axum::response::Response;
use http::header::{DATE, HeaderValue};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::per_second::PerSecond;

/// Dates an answer, unless a script has.
pub(crate) fn date(response: &mut Response, now: OffsetDateTime) {
    let headers = response.headers_mut();
    if !headers.contains_key(DATE) {
        headers.insert(DATE, of(now));
    }
}

fn of(now: OffsetDateTime) -> HeaderValue {
    thread_local! {
        static LAST: PerSecond<HeaderValue> = const { PerSecond::new() };
    }
    LAST.with(|last| last.get(now, written))
}

fn written(now: OffsetDateTime) -> HeaderValue {
    const FORM: &[BorrowedFormatItem<'_>] = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let text = now.format(FORM).unwrap_or_default();
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use time::macros::datetime;

    use super::*;

    fn dated(moment: OffsetDateTime) -> String {
        let mut response = Response::new(Body::empty());
        date(&mut response, moment);
        response.headers()[DATE].to_str().unwrap().to_owned()
    }

    #[test]
    fn the_date_is_that_of_the_clock_and_follows_it() {
        let text = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(dated(datetime!(1994-11-06 8:49:37 UTC)), text);
        assert_eq!(dated(datetime!(1994-11-06 8:49:37.9 UTC)), text);
        assert!(dated(datetime!(1994-11-06 8:49:38 UTC)).ends_with("38 GMT"));
    }

    #[test]
    fn a_scripted_date_stays() {
        let mut response = Response::new(Body::empty());
        let soon = HeaderValue::from_static("soon");
        response.headers_mut().insert(DATE, soon);
        date(&mut response, OffsetDateTime::UNIX_EPOCH);
        assert_eq!(response.headers()[DATE], "soon");
    }
}
