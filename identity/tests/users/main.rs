//! Users against the emulator, over real TLS: all ways to sign in, and the calls after them.

#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod flows;
mod people;
