//! What the emulator does, seen from outside, by topic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anything;
mod assertions;
mod authorize;
mod authorize_errors;
mod code;
mod device;
mod directory;
mod discovery;
mod endpoints;
mod federated;
mod forgery;
mod imds;
mod instruments;
mod journal;
mod keys;
mod leaf;
mod limits;
mod listeners;
mod on_behalf_of;
mod pages;
mod password;
mod presets;
mod realm;
mod reference;
mod refresh;
mod script;
mod sign_out;
mod support;
mod tls;
mod token;
mod token_errors;
mod user_info;
mod visitor;
mod wire_replay;
