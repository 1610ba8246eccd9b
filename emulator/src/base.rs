//! The ground of all rooms, which knows no protocol: time, randomness, secrets, expiring maps and
//! files. It uses no other room.

pub(crate) mod atomic_file;
pub(crate) mod clock;
pub(crate) mod config_error;
pub(crate) mod moment;
pub(crate) mod random;
pub(crate) mod secret;
pub(crate) mod store;
pub(crate) mod sync;
