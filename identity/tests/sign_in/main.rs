//! Users' sign-ins in a world of doubles, where time is the test's: how long they wait, what ends
//! them, and whom they believe.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod desk;
mod device;
mod service;
