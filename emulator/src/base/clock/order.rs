//! The document of `/_emulator/clock`: a change that a client asks for, and the state it gets back.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::base::clock::Clock;
use crate::base::moment;

/// A change of the clock, carried out in the order of the fields; a field that is left out changes
/// nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ClockOrder {
    /// Run this far ahead of the system's clock, in seconds; behind it, if negative.
    offset_s: Option<i64>,
    /// Stand still, or run.
    frozen: Option<bool>,
    /// The moment to set it to, RFC 3339.
    #[serde(with = "moment::optional")]
    now: Option<OffsetDateTime>,
    /// Go this far forward, in seconds.
    advance_s: Option<u64>,
}

/// The clock as it is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ClockStatus {
    #[serde(with = "moment")]
    now: OffsetDateTime,
    frozen: bool,
    /// How far ahead of the system's it runs, in whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset_s: Option<i64>,
}

impl ClockOrder {
    pub(crate) fn carry_out(&self, clock: &Clock) {
        if let Some(seconds) = self.offset_s {
            clock.set_offset(time::Duration::seconds(seconds));
        }
        match self.frozen {
            Some(true) => clock.freeze(),
            Some(false) => clock.resume(),
            None => {}
        }
        if let Some(moment) = self.now {
            clock.set(moment);
        }
        if let Some(seconds) = self.advance_s {
            clock.advance(Duration::from_secs(seconds));
        }
    }
}

impl ClockStatus {
    pub(crate) fn of(clock: &Clock) -> Self {
        let running = Some(clock).filter(|clock| !clock.is_frozen());
        Self {
            now: clock.now(),
            frozen: clock.is_frozen(),
            offset_s: running.map(|clock| clock.offset().whole_seconds()),
        }
    }
}
