//! The flag about hosts that are not played.

use clap::ValueEnum;
use identity_emulator::UnknownHosts;

/// A way to treat requests for hosts that the proxy does not play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OtherHosts {
    /// Pass them on
    Pass,
    /// Refuse them with 403
    Refuse,
}

impl From<OtherHosts> for UnknownHosts {
    fn from(choice: OtherHosts) -> Self {
        match choice {
            OtherHosts::Pass => Self::Pass,
            OtherHosts::Refuse => Self::Refuse,
        }
    }
}
