//! The scopes or the resource of a token request.

use url::Url;
use uuid::Uuid;

use crate::exchange::error::Aadsts;
use crate::world::first_party;

/// The resource of an application's `scope`: `<resource>/.default`, once.
///
/// Everything before the last `/.default` is the resource, slashes and all, because the audience of
/// a v1 token repeats it. Scopes of the protocol itself, which Go and Java add, are passed over.
pub(in crate::entra) fn resource_of_default(scope: &str) -> Result<&str, Aadsts> {
    let invalid = || Aadsts::new(70011).with("scope", scope);
    if scope
        .chars()
        .any(|c| c.is_control() || matches!(c, '"' | '\\'))
    {
        return Err(invalid());
    }
    let asked = scope
        .split_whitespace()
        .filter(|one| !PROTOCOL.contains(one));
    let mut resource = None;
    for one in asked {
        let Some(name) = without_default(one) else {
            return Err(Aadsts::new(1002012).with("scope", scope));
        };
        if resource.is_some_and(|earlier| earlier != name) {
            return Err(invalid());
        }
        resource = Some(name);
    }
    match resource {
        None => Err(Aadsts::new(1002012).with("scope", scope)),
        Some(name) if is_resource(name) => Ok(name),
        Some(_) => Err(Aadsts::new(70011).saying(FORMAT)),
    }
}

/// The scopes that a user's client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::entra) struct RequestedScopes<'a> {
    /// As it was asked for; `None` if only scopes of the protocol were, or short names of Microsoft
    /// Graph's permissions.
    pub(in crate::entra) resource: Option<&'a str>,
    /// Permissions of it, and how they were asked for.
    pub(in crate::entra) permissions: Vec<(&'a str, &'a str)>,
    /// Whatever was consented to.
    pub(in crate::entra) default: Option<&'a str>,
    pub(in crate::entra) openid: bool,
    pub(in crate::entra) profile: bool,
    pub(in crate::entra) email: bool,
    pub(in crate::entra) offline_access: bool,
}

impl<'a> RequestedScopes<'a> {
    /// Reads `scope`; several resources are 28000, what is no scope is 70011.
    pub(in crate::entra) fn parse(scope: &'a str) -> Result<Self, Aadsts> {
        let mut wanted = Self::default();
        let mut all_of: Option<Option<&str>> = None;
        for one in scope.split_whitespace() {
            if wanted.takes_protocol_scope(one) {
                continue;
            }
            let (resource, name) = match one.rsplit_once('/') {
                Some((resource, name)) => (Some(resource), name),
                None => (None, one),
            };
            if name.is_empty() || one.contains(['"', '\\']) {
                return Err(Aadsts::new(70011).with("scope", scope));
            }
            if resource.is_some_and(|resource| !is_resource(resource)) {
                return Err(Aadsts::new(70011).saying(FORMAT));
            }
            // Short names and the two long ones are all of Microsoft Graph.
            let of = resource.filter(|name| *name != GRAPH && *name != GRAPH_ID);
            if all_of.is_some_and(|before| before != of) {
                return Err(Aadsts::new(28000).with("scope", scope));
            }
            all_of = Some(of);
            wanted.resource = wanted.resource.or(resource);
            if name == ".default" {
                wanted.default = Some(one);
            } else {
                wanted.permissions.push((name, one));
            }
        }
        Ok(wanted)
    }

    /// The resource, which is Microsoft Graph unless another was named.
    pub(in crate::entra) fn resource(&self) -> &'a str {
        self.resource.unwrap_or(GRAPH_ID)
    }

    fn takes_protocol_scope(&mut self, scope: &str) -> bool {
        let place = match scope {
            "openid" => &mut self.openid,
            "profile" => &mut self.profile,
            "email" => &mut self.email,
            "offline_access" => &mut self.offline_access,
            _ => return false,
        };
        *place = true;
        true
    }
}

/// Whether a resource is a URI or a GUID, the two forms a name may have.
pub(in crate::entra) fn is_resource(name: &str) -> bool {
    // Most are names of Microsoft's own, and to know one is quicker than to take a URL apart.
    first_party::is_name(name) || Uuid::try_parse(name).is_ok() || Url::parse(name).is_ok()
}

/// Whether it is a scope of the protocol itself, and of no resource.
pub(in crate::entra) fn is_of_the_protocol(scope: &str) -> bool {
    PROTOCOL.contains(&scope)
}

const PROTOCOL: &[&str] = &["openid", "profile", "email", "offline_access"];
const GRAPH: &str = "https://graph.microsoft.com";
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
const FORMAT: &str = "The provided value for the input parameter 'scope' is not valid. The scope \
    format is invalid. Scope must be in a valid URI form <https://example/scope> or a valid Guid \
    <guid/scope>.";

/// A bare `.default` means Microsoft Graph.
fn without_default(scope: &str) -> Option<&str> {
    if scope == ".default" {
        Some(GRAPH)
    } else {
        scope.strip_suffix("/.default")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(scope: &str) -> u32 {
        resource_of_default(scope).unwrap_err().code()
    }

    #[test]
    fn slashes_of_the_resource_are_kept() {
        let of = |scope| resource_of_default(scope).unwrap();
        assert_eq!(
            of("https://management.core.windows.net//.default"),
            "https://management.core.windows.net/"
        );
        assert_eq!(
            of("https://vault.azure.net/.default"),
            "https://vault.azure.net"
        );
        assert_eq!(
            of("openid profile offline_access api://x/.default"),
            "api://x"
        );
        assert_eq!(of(".default"), GRAPH);
    }

    #[test]
    fn short_names_and_long_ones_of_graph_go_together() {
        let wanted =
            RequestedScopes::parse("openid User.Read https://graph.microsoft.com/Mail.Read")
                .unwrap();
        assert!(wanted.openid && !wanted.profile);
        let names: Vec<_> = wanted.permissions.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["User.Read", "Mail.Read"]);
        assert_eq!(
            RequestedScopes::parse("email").unwrap().resource(),
            GRAPH_ID
        );
    }

    #[test]
    fn permissions_of_two_resources_are_one_too_many() {
        for scope in [
            "api://a/x api://b/y",
            "User.Read api://a/x",
            "api://a/x User.Read",
        ] {
            let error = RequestedScopes::parse(scope).unwrap_err();
            assert_eq!(error.code(), 28000, "{scope}");
        }
        assert_eq!(RequestedScopes::parse("a b/").unwrap_err().code(), 70011);
        assert_eq!(
            RequestedScopes::parse("nothing/x").unwrap_err().code(),
            70011
        );
    }

    #[test]
    fn every_kind_of_bad_scope_has_its_code() {
        assert_eq!(code("user.read"), 1002012);
        assert_eq!(code("openid"), 1002012);
        assert_eq!(code("api://a/.default api://b/.default"), 70011);
        assert_eq!(code("not-a-uri/.default"), 70011);
        assert_eq!(code("/.default"), 70011);
        assert_eq!(code("https://a/\"/.default"), 70011);
    }
}
