//! The emulator's clock: real time until a test says otherwise.

mod order;

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::sync::watch;

use crate::base::sync::lock;

pub(crate) use order::{ClockOrder, ClockStatus};

/// The time the emulator lives by: tokens, secrets, caches, the journal and the `Date` of answers
/// all read it.
///
/// It runs with the system's clock until it is moved or frozen. Clones share one clock. Delays of a
/// [`Script`](crate::Script) and time limits of the journal are real waits and are not affected.
///
/// It goes from 1970 to the year 9000, for tokens must be able to end after it; a step beyond ends
/// there.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Read twice a request by every thread, so without a lock.
    setting: ArcSwap<Setting>,
    /// Held by whoever changes it, so that no change is lost.
    changing: Mutex<()>,
    /// Tells those who wait for a moment that the way there may have changed.
    moved: watch::Sender<()>,
}

/// The longest wait without another look at the system's clock, which others may set.
const NAP: Duration = Duration::from_secs(60);

const EARLIEST: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
const LATEST: OffsetDateTime = datetime!(9000-01-01 0:00 UTC);

impl Clock {
    /// The start of the clock of a [seeded](crate::Builder::seed) emulator: the beginning of 2026,
    /// UTC.
    pub const SEEDED: OffsetDateTime = datetime!(2026-01-01 0:00 UTC);

    /// A clock that stands still at `moment`.
    pub fn frozen_at(moment: OffsetDateTime) -> Self {
        let clock = Self::default();
        clock.freeze_at(moment);
        clock
    }

    /// The time it is for the emulator.
    pub fn now(&self) -> OffsetDateTime {
        self.read(Setting::now)
    }

    /// Whether it stands still.
    pub fn is_frozen(&self) -> bool {
        self.read(|setting| setting.frozen.is_some())
    }

    /// How far it is ahead of the system's clock (behind it, if negative) at present.
    pub fn offset(&self) -> time::Duration {
        self.read(|setting| match setting.frozen {
            Some(moment) => moment - OffsetDateTime::now_utc(),
            None => setting.offset,
        })
    }

    /// Stops the clock at the present moment; [`advance`](Self::advance) still moves it.
    pub fn freeze(&self) {
        self.with(|setting| setting.frozen = Some(setting.now()));
    }

    /// Stops the clock at `moment`.
    pub fn freeze_at(&self, moment: OffsetDateTime) {
        self.with(|setting| setting.frozen = Some(bounded(moment)));
    }

    /// Lets a frozen clock run on from where it stands.
    pub fn resume(&self) {
        self.with(|setting| {
            if let Some(moment) = setting.frozen.take() {
                setting.offset = moment - OffsetDateTime::now_utc();
            }
        });
    }

    /// Moves the clock to `moment`, from where it runs on or stands as it did before.
    pub fn set(&self, moment: OffsetDateTime) {
        let moment = bounded(moment);
        self.with(|setting| match &mut setting.frozen {
            Some(frozen) => *frozen = moment,
            None => setting.offset = moment - OffsetDateTime::now_utc(),
        });
    }

    /// Moves the clock forward, whether it runs or stands.
    pub fn advance(&self, step: Duration) {
        let step = time::Duration::try_from(step).unwrap_or(time::Duration::MAX);
        self.with(|setting| match &mut setting.frozen {
            Some(moment) => *moment = bounded(moment.saturating_add(step)),
            None => setting.offset = setting.offset.saturating_add(step),
        });
    }

    /// Makes the clock run `offset` ahead of the system's (behind it, if negative); with zero it is
    /// the real time again.
    pub fn set_offset(&self, offset: time::Duration) {
        self.with(|setting| {
            *setting = Setting {
                frozen: None,
                offset,
            }
        });
    }

    /// Waits until the clock says a time that is not in `span`, be it that the time comes or that
    /// somebody moves the clock.
    pub(crate) async fn leaves(&self, span: Range<OffsetDateTime>) {
        let mut moved = self.0.moved.subscribe();
        loop {
            moved.borrow_and_update();
            let (now, stands) = self.read(|setting| (setting.now(), setting.frozen.is_some()));
            if !span.contains(&now) {
                return;
            }
            let left = Duration::try_from(span.end - now).unwrap_or_default();
            let runs_out = async {
                if stands {
                    std::future::pending::<()>().await;
                }
                tokio::time::sleep(left.min(NAP)).await;
            };
            tokio::select! {
                () = runs_out => {}
                _ = moved.changed() => {}
            }
        }
    }

    /// Another clock, which says the same until one of them is moved.
    pub(crate) fn twin(&self) -> Self {
        let twin = Self::default();
        twin.restore(self.setting());
        twin
    }

    /// How it is set, to be restored later.
    pub(crate) fn setting(&self) -> Setting {
        self.read(|setting| *setting)
    }

    pub(crate) fn restore(&self, to: Setting) {
        self.with(|setting| *setting = to);
    }

    fn read<T>(&self, look: impl FnOnce(&Setting) -> T) -> T {
        look(&self.0.setting.load())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Setting) -> T) -> T {
        let changing = lock(&self.0.changing);
        let mut setting = self.setting();
        let done = act(&mut setting);
        self.0.setting.store(Arc::new(setting));
        drop(changing);
        self.0.moved.send_replace(());
        done
    }
}

/// How a clock is set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Setting {
    frozen: Option<OffsetDateTime>,
    offset: time::Duration,
}

impl Setting {
    fn now(&self) -> OffsetDateTime {
        self.frozen
            .unwrap_or_else(|| bounded(OffsetDateTime::now_utc().saturating_add(self.offset)))
    }
}

fn bounded(moment: OffsetDateTime) -> OffsetDateTime {
    moment.clamp(EARLIEST, LATEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_moved() {
        let clock = Clock::default();
        clock.freeze();
        let start = clock.now();
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(86_400));
        assert_eq!(clock.now() - start, time::Duration::DAY);
        clock.set(Clock::SEEDED);
        assert_eq!((clock.now(), clock.is_frozen()), (Clock::SEEDED, true));
    }

    #[test]
    fn a_resumed_clock_goes_on_from_where_it_stood() {
        let moment = OffsetDateTime::from_unix_timestamp(1_000_000_000).unwrap();
        let clock = Clock::frozen_at(moment);
        clock.resume();
        assert!((clock.now() - moment).abs() < time::Duration::HOUR);
        assert!(!clock.is_frozen() && clock.offset().is_negative());
        clock.set_offset(time::Duration::ZERO);
        assert_eq!(clock.offset(), time::Duration::ZERO);
    }

    #[tokio::test]
    async fn who_waits_for_a_moment_is_woken_however_the_clock_gets_there() {
        let clock = Clock::default();
        clock.freeze();
        let start = clock.now();
        let end = start + time::Duration::HOUR;
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.leaves(start..end).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(3599));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        waiting.await.unwrap();
        clock.freeze_at(start - time::Duration::SECOND);
        clock.leaves(start..end).await;
    }

    #[test]
    fn an_absurd_step_stops_at_the_end_of_time() {
        for frozen in [true, false] {
            let clock = Clock::default();
            if frozen {
                clock.freeze();
            }
            clock.advance(Duration::MAX);
            assert_eq!(clock.now(), LATEST);
            clock.set_offset(time::Duration::MIN);
            assert_eq!(clock.now(), EARLIEST);
        }
    }
}
