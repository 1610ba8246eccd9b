//! How hosts make themselves known to the programs they run: by environment variables.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::{ROWS, Row};
use crate::crypto::pki::Pki;
use crate::entra::app_state::{Addresses, AppState};
use crate::world::config::{ConfigError, Hosts, World};

/// A managed identity host that is played, such as `imds` or `app-service`.
///
/// [`Instance::environment`](crate::Instance::environment) has the variables a program there would
/// find, which is how SDKs learn where they run.
#[derive(Clone, Copy, Debug)]
pub struct IdentityHost(&'static Row);

impl IdentityHost {
    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(Self)
    }

    /// Returns its name on command lines.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns its description, in a few words.
    pub fn about(self) -> &'static str {
        self.0.about
    }

    /// The variables of a program there.
    pub(crate) fn environment(self, state: &AppState) -> Vec<(&'static str, String)> {
        self.environment_at(&Place {
            world: state.directory().load().world(),
            addresses: state.addresses(),
            pki: state.pki(),
        })
    }

    fn environment_at(self, place: &Place<'_>) -> Vec<(&'static str, String)> {
        (self.0.environment)(place)
    }
}

impl FromStr for IdentityHost {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        Self::all().find(|host| host.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::all().map(Self::name).collect();
            ConfigError::new(format!(
                "there is no managed identity host `{name}`; there are {}",
                known.join(", ")
            ))
        })
    }
}

impl fmt::Display for IdentityHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for IdentityHost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'_, str>::deserialize(deserializer)?;
        name.parse().map_err(D::Error::custom)
    }
}

impl PartialEq for IdentityHost {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for IdentityHost {}

/// The facts that the variables of a host are made of.
#[derive(Debug)]
pub(in crate::hosts) struct Place<'a> {
    pub(in crate::hosts) world: &'a World,
    pub(in crate::hosts) addresses: &'a Addresses,
    pub(in crate::hosts) pki: &'a Pki,
}

impl Place<'_> {
    /// A URL on the listener without TLS.
    pub(super) fn http(&self, path: &str) -> String {
        format!("{}{path}", self.addresses.http())
    }

    /// A URL on the listener with TLS.
    pub(super) fn https(&self, path: &str) -> String {
        self.addresses.secure(path)
    }

    /// SHA-1 of the certificate at that listener.
    pub(super) fn thumbprint(&self) -> String {
        let url = Url::parse(self.addresses.https()).ok();
        let host = url.as_ref().and_then(Url::host_str);
        self.pki.thumbprint(host.unwrap_or_default())
    }

    pub(super) fn hosts(&self) -> &Hosts {
        &self.world.hosts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(host: &str) -> Vec<(&'static str, String)> {
        let world = World::basic();
        let addresses = Addresses::new(
            vec!["https://127.0.0.1:1".to_owned()],
            vec!["http://127.0.0.1:2".to_owned()],
        );
        let place = Place {
            world: &world,
            addresses: &addresses,
            pki: &Pki::generate(),
        };
        host.parse::<IdentityHost>().unwrap().environment_at(&place)
    }

    #[test]
    fn each_host_is_announced_as_the_real_one_is() {
        for (host, wanted) in [
            (
                "app-service",
                vec![
                    "IDENTITY_ENDPOINT",
                    "IDENTITY_HEADER",
                    "MSI_ENDPOINT",
                    "MSI_SECRET",
                ],
            ),
            ("app-service-2017", vec!["MSI_ENDPOINT", "MSI_SECRET"]),
            (
                "container-apps",
                vec!["IDENTITY_ENDPOINT", "IDENTITY_HEADER"],
            ),
            ("arc", vec!["IDENTITY_ENDPOINT", "IMDS_ENDPOINT"]),
            (
                "service-fabric",
                vec![
                    "IDENTITY_ENDPOINT",
                    "IDENTITY_HEADER",
                    "IDENTITY_SERVER_THUMBPRINT",
                    "IDENTITY_API_VERSION",
                ],
            ),
            ("cloud-shell", vec!["MSI_ENDPOINT"]),
            (
                "azure-ml",
                vec!["MSI_ENDPOINT", "MSI_SECRET", "DEFAULT_IDENTITY_CLIENT_ID"],
            ),
        ] {
            let names: Vec<_> = environment(host)
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            assert_eq!(names, wanted, "{host}");
        }
    }

    #[test]
    fn a_host_nobody_plays_is_answered_with_those_there_are() {
        let error = "lambda".parse::<IdentityHost>().unwrap_err().to_string();
        assert!(
            error.contains("`lambda`") && error.contains("service-fabric"),
            "{error}"
        );
    }
}
