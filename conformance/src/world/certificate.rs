//! The certificates, with their keys, that each world has as files. They are for tests only.

use identity_emulator::World;

/// The certificate that is registered for the application `daemon` of the basic directory.
const DAEMON: &str = World::DAEMON_PEM;
/// A certificate that is registered nowhere, with a common name that `daemon` may use; its issuer
/// follows it in the file.
const BY_NAME: &str = include_str!("../../certificates/by_name.pem");
/// A certificate that is registered nowhere, with a name nobody trusts.
const STRANGER: &str = include_str!("../../certificates/stranger.pem");

/// File names and contents.
pub(super) const ALL: [(&str, &str); 3] = [
    ("daemon.pem", DAEMON),
    ("by_name.pem", BY_NAME),
    ("stranger.pem", STRANGER),
];
