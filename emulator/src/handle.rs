//! The handles of a Rust program: the running emulator and its builder, sandboxes, projected files
//! and the reference as data. It uses every other room and nothing uses it.

pub(crate) mod emulator;
pub(crate) mod instance;
pub(crate) mod projection;
pub(crate) mod reference;
pub(crate) mod sandbox;
