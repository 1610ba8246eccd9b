//! What requests share and leave for one another: the live directory, codes and sessions, signed
//! tokens, the journal, and the state that holds them all. It uses `world` and below.

pub(crate) mod app_state;
pub(crate) mod invariant;
pub(crate) mod journal;
pub(crate) mod live_directory;
pub(crate) mod managed_tokens;
pub(crate) mod stores;
