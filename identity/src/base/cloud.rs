//! Clouds, their authorities, and the resources of scopes.

mod authority;

pub(crate) use self::authority::{Authority, is_loopback};

/// A national cloud of Azure.
///
/// Give [`Cloud::authority_host`] to [`Options::authority_host`](crate::Options::authority_host).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cloud {
    /// The public cloud.
    Public,
    /// Azure Government (USA).
    Government,
    /// Azure operated by 21Vianet (China).
    China,
}

impl Cloud {
    /// All clouds.
    pub const ALL: &'static [Self] = &[Self::Public, Self::Government, Self::China];

    /// Returns the URL of the cloud's token service.
    pub const fn authority_host(self) -> &'static str {
        match self {
            Self::Public => "https://login.microsoftonline.com",
            Self::Government => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// Returns the scope of the cloud's management API, for which users sign in when the program
    /// names no other.
    pub(crate) const fn management_scope(self) -> &'static str {
        match self {
            // The first slash of the two belongs to the resource.
            Self::Public => "https://management.core.windows.net//.default",
            Self::Government => "https://management.core.usgovcloudapi.net//.default",
            Self::China => "https://management.core.chinacloudapi.cn//.default",
        }
    }

    /// Returns all host names of the cloud's token service, the preferred one first.
    pub const fn host_names(self) -> &'static [&'static str] {
        match self {
            Self::Public => &[
                "login.microsoftonline.com",
                "login.windows.net",
                "login.microsoft.com",
                "sts.windows.net",
            ],
            Self::Government => &["login.microsoftonline.us", "login.usgovcloudapi.net"],
            Self::China => &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
        }
    }

    /// Returns the cloud whose token service answers under `host`, in upper or lower case.
    pub fn of_host(host: &str) -> Option<Self> {
        let named = |cloud: &&Self| {
            cloud
                .host_names()
                .iter()
                .any(|n| n.eq_ignore_ascii_case(host))
        };
        Self::ALL.iter().find(named).copied()
    }
}

/// Returns the resource of a scope: the scope without exactly one trailing `/.default`, so that
/// `https://vault.azure.net//.default` keeps the slash of `https://vault.azure.net/`.
pub(crate) fn resource(scope: &str) -> &str {
    scope.strip_suffix("/.default").unwrap_or(scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_the_scope_without_one_default() {
        assert_eq!(
            resource("https://vault.azure.net/.default"),
            "https://vault.azure.net"
        );
        assert_eq!(
            resource("https://vault.azure.net//.default"),
            "https://vault.azure.net/"
        );
        assert_eq!(resource("api://x"), "api://x");
        assert_eq!(resource("x/.default/.default"), "x/.default");
    }

    #[test]
    fn every_alias_names_its_cloud() {
        assert_eq!(Cloud::of_host("Login.Windows.net"), Some(Cloud::Public));
        assert_eq!(
            Cloud::of_host("login.partner.microsoftonline.cn"),
            Some(Cloud::China)
        );
        assert_eq!(Cloud::of_host("login.example.com"), None);
    }
}
