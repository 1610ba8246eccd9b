//! The flag that chooses where a program believes to run.

use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use identity_emulator::{ConfigError, IdentityHost};

/// A managed identity host, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    On(IdentityHost),
    /// No host at all: the program is the default application, with its secret.
    None,
}

const NONE: &str = "none";
/// The host whose address is the same everywhere.
const VIRTUAL_MACHINE: &str = "imds";

impl Host {
    /// A virtual machine.
    pub(super) fn machine() -> Self {
        let host = IdentityHost::all().find(|host| host.name() == VIRTUAL_MACHINE);
        host.map_or(Self::None, Self::On)
    }

    /// Whether programs there look for the metadata service at its fixed address.
    pub(super) fn has_metadata_service(self) -> bool {
        match self {
            Self::On(host) => host.name() == VIRTUAL_MACHINE,
            Self::None => true,
        }
    }
}

impl FromStr for Host {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        if name == NONE {
            return Ok(Self::None);
        }
        name.parse().map(Self::On)
    }
}

/// Reads a host by its name, and lists all of them in the help.
pub(super) fn parser() -> impl TypedValueParser<Value = Host> {
    let hosts = IdentityHost::all().map(|host| PossibleValue::new(host.name()).help(host.about()));
    let none = PossibleValue::new(NONE).help("none: the default application, with its secret");
    PossibleValuesParser::new(hosts.chain([none])).try_map(|name| name.parse::<Host>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_goes_by_its_name() {
        for host in IdentityHost::all() {
            assert_eq!(host.name().parse::<Host>().unwrap(), Host::On(host));
        }
        assert_eq!("none".parse::<Host>().unwrap(), Host::None);
        assert!("moon".parse::<Host>().is_err());
        assert_ne!(Host::machine(), Host::None);
    }
}
