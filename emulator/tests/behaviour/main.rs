//! What the emulator does, seen from outside, by topic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anything;
mod authorize;
mod discovery;
mod imds;
mod instruments;
mod support;
mod tls;
mod token;
mod token_errors;
