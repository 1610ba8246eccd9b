//! Sign-ins of users among test doubles with virtual time: how long they wait, the ways in which
//! they end, and the answers that are believed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod device;
mod service;
mod user_machine;
