//! Certificates with their keys: each world has them as files. They are for tests only.

use identity_emulator::World;

/// Of the application `daemon` of the basic directory: registered there.
const DAEMON: &str = World::DAEMON_PEM;
/// Registered nowhere; its common name is one that `daemon` may use. Its issuer follows it.
const BY_NAME: &str = include_str!("../../certificates/by_name.pem");
/// Registered nowhere, of no name anybody trusts.
const STRANGER: &str = include_str!("../../certificates/stranger.pem");

/// File names and contents.
pub(super) const ALL: [(&str, &str); 3] = [
    ("daemon.pem", DAEMON),
    ("by_name.pem", BY_NAME),
    ("stranger.pem", STRANGER),
];
