//! The vocabulary of the crate: what a token, an error, a cloud and a secret are, and the tools
//! that know nothing of tokens. It uses nothing of the other rooms, and all of them use it, by
//! short paths: `crate::error` is `crate::base::error`.

pub(crate) mod authentication_record;
pub(crate) mod cloud;
pub(crate) mod error;
pub(crate) mod redact;
pub(crate) mod secret;
pub(crate) mod single_flight;
pub(crate) mod sync;
pub(crate) mod token;
pub(crate) mod token_credential;
pub(crate) mod unix_time;
