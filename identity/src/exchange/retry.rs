//! The rules by which a failed request is repeated.

use std::time::Duration;

use http::HeaderMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::context::{Response, UnixTime};

/// The settings of retries.
///
/// A request is repeated after connection failures, timeouts and the statuses 408, 429, 500, 502,
/// 503 and 504. For the instance metadata service (IMDS) 404, 410 and every other 5xx count too;
/// after 410 it is repeated for at least 70 s, as its documentation asks, unless `max_retries` is
/// 0.
///
/// The waits between tries are `delay`, twice that, four times that and so on, each 20 % more or
/// less at random and never more than `max_delay`. A `Retry-After`, `retry-after-ms` or
/// `x-ms-retry-after-ms` header replaces them. A header that asks for more than `max_delay` ends
/// the tries: an earlier try is what the service asked not to get, and a caller should not wait for
/// as long as a service likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryOptions {
    /// The number of tries after the first. `None`, the default, stands for 3, and for 5 with IMDS
    /// while it answers.
    pub max_retries: Option<u32>,
    /// The wait before the first retry; 0.8 s by default.
    pub delay: Duration,
    /// The longest wait; 60 s by default.
    pub max_delay: Duration,
}

impl Default for RetryOptions {
    fn default() -> Self {
        Self {
            max_retries: None,
            delay: Duration::from_millis(800),
            max_delay: Duration::from_secs(60),
        }
    }
}

/// The retry rules of one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct RetryPolicy {
    max_retries: u32,
    /// The number of retries after tries that got no answer at all. It is smaller for IMDS, because
    /// on a machine without IMDS no answer will ever come.
    max_unanswered: u32,
    /// The deadline of each attempt.
    pub(crate) attempt_timeout: Duration,
    delay: Duration,
    max_delay: Duration,
    imds: bool,
}

/// How long IMDS may answer 410 (Gone) while it is updated.
const GONE_FOR: Duration = Duration::from_secs(70);
/// The longest wait between two tries after a 410. An update ends at some moment, and a doubled
/// delay would miss it by up to a minute.
const GONE_DELAY: Duration = Duration::from_secs(10);

impl RetryPolicy {
    /// Returns the rules for token services.
    pub(crate) fn standard(options: &RetryOptions, attempt_timeout: Duration) -> Self {
        Self {
            max_retries: options.max_retries.unwrap_or(3),
            max_unanswered: options.max_retries.unwrap_or(3),
            attempt_timeout,
            delay: options.delay,
            max_delay: options.max_delay,
            imds: false,
        }
    }

    /// Returns the rules that IMDS asks for.
    pub(crate) fn imds(options: &RetryOptions, attempt_timeout: Duration) -> Self {
        let max_retries = options.max_retries.unwrap_or(5);
        Self {
            max_retries,
            imds: true,
            ..Self::standard(options, attempt_timeout)
        }
    }

    /// Returns the rules for a single try within `timeout`.
    pub(crate) fn once(timeout: Duration) -> Self {
        let options = RetryOptions {
            max_retries: Some(0),
            ..RetryOptions::default()
        };
        Self::standard(&options, timeout)
    }

    /// Whether a response of `status` is worth another try.
    pub(crate) fn retries_status(&self, status: u16) -> bool {
        match status {
            408 | 429 | 500 | 502 | 503 | 504 => true,
            404 | 410 | 500..=599 => self.imds,
            _ => false,
        }
    }

    /// Whether another try is allowed after `retries` retries within `elapsed`, the last of which
    /// brought `response` or nothing.
    pub(crate) fn allows(
        &self,
        retries: u32,
        response: Option<&Response>,
        elapsed: Duration,
    ) -> bool {
        match response.map(|response| response.status) {
            None => retries < self.max_unanswered,
            Some(410) if self.max_retries > 0 && elapsed < GONE_FOR => true,
            Some(_) => retries < self.max_retries,
        }
    }

    /// Returns the wait before the next retry; `None` if the service asks for a longer one than is
    /// allowed. `random` is in `0.0..1.0` and spreads the retries of many processes.
    pub(crate) fn wait(
        &self,
        retries: u32,
        response: Option<&Response>,
        now: UnixTime,
        random: f64,
    ) -> Option<Duration> {
        if let Some(asked) = response.and_then(|r| retry_after(&r.headers, now)) {
            return (asked <= self.max_delay).then_some(asked);
        }
        let gone = response.is_some_and(|r| r.status == 410);
        let ceiling = if gone {
            self.max_delay.min(GONE_DELAY)
        } else {
            self.max_delay
        };
        // 2^20 times the delay is beyond every ceiling; a larger shift would overflow.
        let doubled = self.delay.saturating_mul(1 << retries.min(20)).min(ceiling);
        Some(doubled.mul_f64(0.8 + 0.4 * random).min(ceiling))
    }
}

/// Returns the wait that the server asks for, in whichever of the three headers.
fn retry_after(headers: &HeaderMap, now: UnixTime) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .map(str::trim)
    };
    let millis = ["retry-after-ms", "x-ms-retry-after-ms"]
        .iter()
        .find_map(|name| text(name)?.parse().ok().map(Duration::from_millis));
    millis.or_else(|| {
        let value = text("retry-after")?;
        match value.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            // A date is the other form that RFC 9110, section 10.2.3, allows.
            Err(_) => {
                let date = OffsetDateTime::parse(value, &Rfc2822).ok()?;
                Some(UnixTime::from(date).since(now))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy() -> RetryPolicy {
        RetryPolicy::standard(&RetryOptions::default(), Duration::from_secs(30))
    }

    fn asked(header: &'static str, value: &str) -> Option<Duration> {
        let mut response = Response::new(503, "");
        response.headers.insert(header, value.parse().unwrap());
        policy().wait(0, Some(&response), UnixTime::from_seconds(784_111_770), 0.5)
    }

    #[test]
    fn a_wait_is_read_from_three_headers_in_two_forms() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(asked("retry-after", "7"), seconds(7));
        assert_eq!(asked("retry-after", "60"), seconds(60));
        assert_eq!(
            asked("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
            seconds(7)
        );
        assert_eq!(
            asked("retry-after", "Sat, 05 Nov 1994 08:49:37 GMT"),
            seconds(0)
        );
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!(asked("retry-after-ms", "70"), millis(70));
        assert_eq!(asked("x-ms-retry-after-ms", "0"), millis(0));
        for not_understood in ["soon", "-1"] {
            assert_eq!(asked("retry-after", not_understood), millis(800));
        }
    }

    #[test]
    fn a_header_that_asks_for_more_than_the_longest_wait_ends_the_tries() {
        for long in ["61", "86400", "Sun, 06 Nov 1994 09:49:37 GMT"] {
            assert_eq!(asked("retry-after", long), None, "{long}");
        }
        assert_eq!(asked("retry-after-ms", "60001"), None);
    }

    #[test]
    fn the_statuses_worth_another_try_are_those_documented() {
        let imds = RetryPolicy::imds(&RetryOptions::default(), Duration::ZERO);
        for status in 100..=599 {
            let everywhere = [408, 429, 500, 502, 503, 504].contains(&status);
            assert_eq!(policy().retries_status(status), everywhere, "{status}");
            let there = everywhere || status >= 500 || [404, 410].contains(&status);
            assert_eq!(imds.retries_status(status), there, "{status} from IMDS");
        }
    }

    proptest! {
        #[test]
        fn a_wait_stays_within_a_fifth_of_the_doubled_delay(
            retries in 0_u32..200,
            chance in 0.0..1.0_f64,
        ) {
            let wait = policy().wait(retries, None, UnixTime::MAX, chance);
            let wait = wait.expect("nothing was asked for").as_secs_f64();
            let doubled = 0.8 * 2_f64.powi(i32::try_from(retries).unwrap());
            prop_assert!(wait >= (doubled.min(60.0)) * 0.799 && wait <= (doubled * 1.2).min(60.0) + 1e-6);
        }
    }
}
