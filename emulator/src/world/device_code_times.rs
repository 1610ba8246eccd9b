//! The times of a device code, as its reply states them (RFC 8628, section 3.2).

/// The seconds until a device code expires: fifteen minutes.
pub(crate) const LIFETIME: i64 = 900;
/// The seconds a device waits between polls.
pub(crate) const INTERVAL: i64 = 5;
