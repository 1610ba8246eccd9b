//! The choice of the world for a request: by its path alone, since a client can be told nothing
//! else.

use std::sync::Arc;

use axum::body::Body;
use http::uri::PathAndQuery;
use http::{Request, Uri};
use uuid::Uuid;

use super::{Room, Sandboxes};
use crate::entra::app_state::{AppState, Service};

/// Before the paths of managed identity hosts, issuers and whatever else has no tenant in it.
const BASE: &str = "/_sandbox/";
/// Before what `/_emulator/` has for the emulator itself.
const CONTROL: &str = "/_emulator/sandboxes/";

/// Returns the path before everything of the sandbox that is not found by its tenants.
pub(super) fn base(id: &str) -> String {
    format!("{BASE}{id}")
}

impl Sandboxes {
    /// Returns the service of the sandbox that a request is for, and changes the request to how it
    /// looks from inside:
    ///
    /// - `/_sandbox/{id}/…` is `/…` there,
    /// - `/_emulator/sandboxes/{id}/…` is `/_emulator/…` there,
    /// - `/{tenant}/…` is what it is, if the tenant's id is one of the sandbox's and not of `main`.
    pub(crate) fn claim(
        &self,
        main: &AppState,
        request: &mut Request<Body>,
    ) -> Option<Arc<dyn Service>> {
        let path = request.uri().path();
        let base = main.addresses().base();
        if !base.is_empty()
            && let Some(rest) = path.strip_prefix(base)
        {
            // Its own pages and documents know it by this.
            *request.uri_mut() = target(request.uri(), "", rest)?;
            return None;
        }
        let open = self.0.open.load();
        if open.is_empty() {
            return None;
        }
        let by_id = |id: &str| open.iter().find(|room| room.id.eq_ignore_ascii_case(id));
        if let Some((id, rest)) = below(path, BASE) {
            let sandbox = by_id(id)?.service.clone();
            let inside = target(request.uri(), "", rest)?;
            *request.uri_mut() = inside;
            return Some(sandbox);
        }
        if let Some((id, rest)) = below(path, CONTROL).filter(|(_, rest)| rest.len() > 1) {
            let sandbox = by_id(id)?.service.clone();
            let inside = target(request.uri(), "/_emulator", rest)?;
            *request.uri_mut() = inside;
            return Some(sandbox);
        }
        let tenant = path.get(1..)?.split('/').next()?;
        let tenant = Uuid::try_parse(tenant).ok()?;
        if main.directory().load().tenant_by_id(tenant).is_some() {
            return None;
        }
        let has = |room: &&Arc<Room>| {
            let directory = room.state.directory().load();
            directory.tenant_by_id(tenant).is_some()
        };
        open.iter().find(has).map(|room| room.service.clone())
    }
}

/// The segment after `start` and the rest with its slash, which may be all there is of it.
fn below<'a>(path: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    let head = path.get(..start.len())?;
    if !head.eq_ignore_ascii_case(start) {
        return None;
    }
    let rest = &path[start.len()..];
    let end = rest.find('/').unwrap_or(rest.len());
    let (id, rest) = rest.split_at(end);
    Some((id, if rest.is_empty() { "/" } else { rest }))
}

/// A target with another path, and the query it had. What is left of an absolute one is in `Host`.
fn target(uri: &Uri, start: &str, rest: &str) -> Option<Uri> {
    let query = uri.query().map(|query| format!("?{query}"));
    let text = format!("{start}{rest}{}", query.unwrap_or_default());
    text.parse::<PathAndQuery>().ok().map(Uri::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_behind_the_id() {
        assert_eq!(below("/_sandbox/ab/x/y", BASE), Some(("ab", "/x/y")));
        assert_eq!(below("/_SANDBOX/ab", BASE), Some(("ab", "/")));
        assert_eq!(below("/_sandboxes/ab", BASE), None);
        assert_eq!(
            below("/_emulator/sandboxes/ab/", CONTROL),
            Some(("ab", "/"))
        );
        let uri: Uri = "/a?b=c%20d".parse().unwrap();
        assert_eq!(
            target(&uri, "/_emulator", "/x").unwrap(),
            "/_emulator/x?b=c%20d"
        );
    }
}
