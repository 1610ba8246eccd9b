//! What the emulator does, seen from outside, by topic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anything;
mod authorize;
mod directory;
mod discovery;
mod forgery;
mod imds;
mod instruments;
mod keys;
mod support;
mod tls;
mod token;
mod token_errors;
