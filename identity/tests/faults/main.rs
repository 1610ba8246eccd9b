//! All credentials with all faults: each call ends in the documented kind of error, within its
//! (virtual) time, without a panic and without a secret in its message.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod make;
#[cfg(all(unix, feature = "reqwest", feature = "developer-tools"))]
mod programs;
#[cfg(feature = "reqwest")]
mod roster;
#[cfg(feature = "reqwest")]
mod scenes;
#[cfg(feature = "reqwest")]
mod scripted;
#[cfg(feature = "reqwest")]
mod sockets;
#[cfg(feature = "reqwest")]
mod stage;
mod subjects;
mod tools;
#[cfg(feature = "reqwest")]
mod users;
mod worlds;
