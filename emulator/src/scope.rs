//! What a token request asks for.

use url::Url;
use uuid::Uuid;

use crate::error::Aadsts;

/// The resource of an application's `scope`: `<resource>/.default`, once.
///
/// Everything before the last `/.default` is the resource, slashes and all, because the audience of
/// a v1 token repeats it. Scopes of the protocol itself, which Go and Java add, are passed over.
pub(crate) fn resource_of_default(scope: &str) -> Result<&str, Aadsts> {
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

/// Whether a resource is a URI or a GUID, the two forms a name may have.
pub(crate) fn is_resource(name: &str) -> bool {
    Uuid::try_parse(name).is_ok() || Url::parse(name).is_ok()
}

const PROTOCOL: &[&str] = &["openid", "profile", "email", "offline_access"];
const GRAPH: &str = "https://graph.microsoft.com";
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
    fn every_kind_of_bad_scope_has_its_code() {
        assert_eq!(code("user.read"), 1002012);
        assert_eq!(code("openid"), 1002012);
        assert_eq!(code("api://a/.default api://b/.default"), 70011);
        assert_eq!(code("not-a-uri/.default"), 70011);
        assert_eq!(code("/.default"), 70011);
        assert_eq!(code("https://a/\"/.default"), 70011);
    }
}
