//! The records of an emulator and of its hosts: the journal and its findings, the live directory,
//! tokens and key files of managed identities. It uses `world` and below.

pub(crate) mod arc_keys;
pub(crate) mod invariant;
pub(crate) mod journal;
pub(crate) mod live_directory;
pub(crate) mod managed_tokens;
pub(crate) mod scheduled_events;
