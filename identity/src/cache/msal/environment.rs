//! The token service of an entry.

use crate::cloud::{Authority, Cloud};

/// A token service as MSAL calls it in its entries: a host name in lower case, without port. The
/// host names of one cloud are one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Environment(String);

impl Environment {
    /// The environment of `authority`.
    pub(crate) fn of(authority: &Authority) -> Self {
        Self::named(authority.host())
    }

    /// The environment `host`.
    pub(crate) fn named(host: &str) -> Self {
        Self(host.to_ascii_lowercase())
    }

    /// The name in new entries.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// Whether an entry that says `name` is of this environment.
    pub(crate) fn is(&self, name: &str) -> bool {
        let cloud = Cloud::of_host(name);
        self.0.eq_ignore_ascii_case(name) || cloud.is_some() && cloud == Cloud::of_host(&self.0)
    }

    /// All names that entries of this environment may have, the one for new entries first.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let aliases = Cloud::of_host(&self.0).map_or(&[][..], Cloud::host_names);
        let other_names = aliases.iter().copied().filter(|alias| *alias != self.0);
        std::iter::once(self.name()).chain(other_names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_host_names_of_a_cloud_are_one_environment_and_no_other_name_is() {
        let public = Environment::named("login.windows.net");
        assert!(public.is("login.microsoftonline.com") && public.is("Login.Windows.Net"));
        assert!(!public.is("login.microsoftonline.us") && !public.is("localhost"));
        assert_eq!(public.names().count(), 4);
        assert_eq!(public.names().next(), Some("login.windows.net"));
        let own = Environment::of(&Authority::parse("https://LOCALHOST:8443", false).unwrap());
        assert!(own.is("localhost") && !own.is("127.0.0.1"));
        assert_eq!(own.names().collect::<Vec<_>>(), ["localhost"]);
    }
}
