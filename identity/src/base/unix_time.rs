//! A moment in time that is cheap to compare.

use std::fmt;
use std::time::Duration;

use time::OffsetDateTime;

/// A moment as milliseconds since 1970-01-01T00:00:00Z, the unit of
/// [`Clock`](crate::context::Clock).
///
/// All arithmetic saturates, so that no lifetime a server may send overflows. The calendar type
/// [`OffsetDateTime`] appears only where callers see a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The moment 9999-12-31T23:59:59Z. Later moments become this one, the last that every calendar
    /// can show.
    pub const MAX: Self = Self(253_402_300_799_000);

    /// Returns the moment `millis` milliseconds after the epoch, no later than [`UnixTime::MAX`].
    pub const fn from_millis(millis: i64) -> Self {
        if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Returns the moment `seconds` seconds after the epoch, no later than [`UnixTime::MAX`].
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Returns the milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns the whole seconds since the epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        // A plain division would round moments before 1970 up.
        self.0.div_euclid(1000)
    }

    /// Returns the moment `duration` after this one, no later than [`UnixTime::MAX`].
    pub fn plus(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(millis(duration)))
    }

    /// Returns the moment `duration` before this one.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// Returns the time from `earlier` to this moment; zero when `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        let elapsed = self.0.saturating_sub(earlier.0).max(0);
        Duration::from_millis(elapsed.unsigned_abs())
    }
}

impl From<UnixTime> for OffsetDateTime {
    fn from(moment: UnixTime) -> Self {
        // The calendar ends at the year -9999, which no clock shows.
        let nanos = i128::from(moment.0) * 1_000_000;
        Self::from_unix_timestamp_nanos(nanos).unwrap_or(Self::UNIX_EPOCH)
    }
}

impl From<OffsetDateTime> for UnixTime {
    fn from(moment: OffsetDateTime) -> Self {
        let millis = moment.unix_timestamp_nanos() / 1_000_000;
        Self::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OffsetDateTime::from(*self))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_moments_saturate_instead_of_overflowing() {
        assert_eq!(UnixTime::from_seconds(i64::MAX), UnixTime::MAX);
        assert_eq!(UnixTime::MAX.plus(Duration::MAX), UnixTime::MAX);
        assert_eq!(OffsetDateTime::from(UnixTime::MAX).year(), 9999);
        let least = UnixTime::from_seconds(i64::MIN).minus(Duration::MAX);
        assert_eq!(OffsetDateTime::from(least), OffsetDateTime::UNIX_EPOCH);
        assert_eq!(least.since(UnixTime::MAX), Duration::ZERO);
    }
}
