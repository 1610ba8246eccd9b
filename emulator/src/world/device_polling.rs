//! The pace of a device that polls (RFC 8628, section 3.2).

/// The seconds a device waits between polls.
pub(crate) const INTERVAL: i64 = 5;
