//! Every credential, every fault: each call ends in the documented kind of error, within its
//! (virtual) time, with no panic and no secret in what it says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod make;
#[cfg(feature = "reqwest")]
mod sockets;
mod subjects;
mod tools;
mod worlds;
