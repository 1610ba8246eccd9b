//! Users against the emulator, over real TLS: every way to sign in, and what comes after it.

#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod flows;
mod people;
