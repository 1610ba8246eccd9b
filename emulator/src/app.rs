//! The whole route table.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use http::Request;
use http::request::Parts;
use tower::ServiceExt as _;

use crate::call::{Call, Incoming, Listener};
use crate::cors;
use crate::endpoint::{Endpoint, Plain, Route, any, plain};
use crate::endpoint_names::UNKNOWN;
use crate::federation;
use crate::host;
use crate::play::play;
use crate::record::{BODY_TIMEOUT, is_control, record};
use crate::reply;
use crate::route::check_session::check_session;
use crate::route::kerberos::kerberos;
use crate::route::logout::logout;
use crate::route::native_client::native_client;
use crate::route::userinfo::userinfo;
use crate::route::{
    authorize, control, device_code, discovery, error_page, issuer, token, unknown, user_realm,
};
use crate::state::AppState;

/// How long a client may take over the head of a request, the pause before it included, unless the
/// builder says otherwise.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// The token service. Hosts of managed identities bring tables of their own.
#[rustfmt::skip]
const ENTRA: &[Endpoint] = &[
    Endpoint { name: "entra.token", methods: "POST", path: "/{tenant}/oauth2/v2.0/token",
        route: || plain(token::v2), about: "tokens, v2" },
    Endpoint { name: "entra.token_v1", methods: "POST", path: "/{tenant}/oauth2/token",
        route: || plain(token::v1), about: "tokens, v1" },
    Endpoint { name: "entra.discovery.openid", methods: "GET", path: "/{tenant}/v2.0/.well-known/openid-configuration",
        route: || plain(discovery::openid_v2), about: "OpenID discovery, v2" },
    Endpoint { name: "entra.discovery.openid_v1", methods: "GET", path: "/{tenant}/.well-known/openid-configuration",
        route: || plain(discovery::openid_v1), about: "OpenID discovery, v1" },
    Endpoint { name: "entra.keys", methods: "GET", path: "/{tenant}/discovery/v2.0/keys",
        route: || plain(discovery::keys_v2), about: "keys that sign tokens, with their issuers" },
    Endpoint { name: "entra.keys_v1", methods: "GET", path: "/{tenant}/discovery/keys",
        route: || plain(discovery::keys_v1), about: "keys that sign tokens" },
    Endpoint { name: "entra.discovery.instance", methods: "GET", path: "/common/discovery/instance",
        route: || plain(discovery::instance), about: "which hosts are the same cloud" },
    Endpoint { name: "entra.device_code", methods: "POST", path: "/{tenant}/oauth2/v2.0/devicecode",
        route: || plain(device_code::v2), about: "codes for devices without a browser, v2" },
    Endpoint { name: "entra.device_code_v1", methods: "GET, POST", path: "/{tenant}/oauth2/devicecode",
        route: || plain(device_code::v1), about: "codes for devices without a browser, v1" },
    Endpoint { name: "entra.user_realm", methods: "GET", path: "/common/userrealm/{upn}",
        route: || plain(user_realm::v1), about: "who signs a user name in, v1" },
    Endpoint { name: "entra.user_realm_v2", methods: "GET", path: "/common/userrealm",
        route: || plain(user_realm::v2), about: "who signs a user name in, v2" },
    Endpoint { name: "entra.user_realm_srf", methods: "GET", path: "/getuserrealm.srf",
        route: || plain(user_realm::srf), about: "the same, in its oldest form" },
    Endpoint { name: "entra.credential_type", methods: "POST", path: "/common/getcredentialtype",
        route: || any(user_realm::credential_type), about: "whether a user name exists" },
    Endpoint { name: "issuer.discovery", methods: "GET", path: "/issuers/{name}/.well-known/openid-configuration",
        route: || any(issuer::discovery), about: "another issuer, for federated credentials" },
    Endpoint { name: "issuer.keys", methods: "GET", path: "/issuers/{name}/keys",
        route: || any(issuer::keys), about: "keys of another issuer" },
    Endpoint { name: "entra.authorize", methods: "GET, POST", path: "/{tenant}/oauth2/v2.0/authorize",
        route: || plain(authorize::v2), about: "sign-in in a browser, v2" },
    Endpoint { name: "entra.authorize_v1", methods: "GET, POST", path: "/{tenant}/oauth2/authorize",
        route: || plain(authorize::v1), about: "sign-in in a browser, v1" },
    Endpoint { name: "entra.login", methods: "POST", path: "/{tenant}/login",
        route: || plain(authorize::login), about: "the forms of the sign-in pages" },
    Endpoint { name: "entra.device_login", methods: "GET", path: "/common/oauth2/deviceauth",
        route: || plain(authorize::device), about: "the page where a device's code is typed" },
    Endpoint { name: "entra.device_login", methods: "GET", path: "/devicelogin",
        route: || plain(authorize::device), about: "the same, by its short name" },
    Endpoint { name: "entra.admin_consent", methods: "GET", path: "/{tenant}/v2.0/adminconsent",
        route: || plain(authorize::admin_v2), about: "an administrator's consent for everybody, v2" },
    Endpoint { name: "entra.admin_consent_v1", methods: "GET", path: "/{tenant}/adminconsent",
        route: || plain(authorize::admin_v1), about: "an administrator's consent for everybody, v1" },
    Endpoint { name: "entra.logout", methods: "GET, POST", path: "/{tenant}/oauth2/v2.0/logout",
        route: || plain(logout), about: "signing out, v2" },
    Endpoint { name: "entra.logout_v1", methods: "GET, POST", path: "/{tenant}/oauth2/logout",
        route: || plain(logout), about: "signing out, v1" },
    Endpoint { name: "entra.check_session", methods: "GET", path: "/{tenant}/oauth2/checksession",
        route: || plain(check_session), about: "a frame that says whether a session has changed" },
    Endpoint { name: "entra.native_client", methods: "GET", path: "/common/oauth2/nativeclient",
        route: || plain(native_client), about: "where sign-ins in a view of a desktop application end" },
    Endpoint { name: "entra.kerberos", methods: "GET, POST", path: "/{tenant}/kerberos",
        route: || plain(kerberos), about: "the Kerberos proxy that discovery announces; it knows no tickets" },
    Endpoint { name: "entra.userinfo", methods: "GET, POST", path: "/oidc/userinfo",
        route: || plain(userinfo), about: "who a token is about; Microsoft Graph's in the real world" },
    Endpoint { name: "entra.userinfo", methods: "GET, POST", path: "/{tenant}/openid/userinfo",
        route: || plain(userinfo), about: "who a token is about, by the v1 document" },
    Endpoint { name: "entra.error", methods: "GET", path: "/error",
        route: || any(error_page::lookup), about: "what an error number means" },
];

/// Every endpoint of the services that are played, whoever answers.
pub(crate) fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    ENTRA
        .iter()
        .chain(host::endpoints())
        .chain(federation::endpoints())
}

/// The emulator as one service: the journal outside, scripted answers inside it, handlers within.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: AppState,
    /// Which endpoint a path belongs to. The layers around a handler ask here, once: as layers of
    /// each route they would cost three boxed futures a request.
    played: matchit::Router<Played>,
    routes: Router,
    patience: Option<Duration>,
}

/// What a path leads to.
#[derive(Clone)]
struct Played {
    name: &'static str,
    plain: Option<Plain>,
}

impl App {
    /// `patience` is how long a client may take over a head, and over a body; `None` for the
    /// usual.
    pub(crate) fn new(state: AppState, patience: Option<Duration>) -> Self {
        let mut played = matchit::Router::new();
        let mut routes = Router::new();
        for endpoint in endpoints() {
            let Route { routed, plain } = (endpoint.route)();
            routes = routes.route(endpoint.path, routed);
            let name = endpoint.name;
            let added = played.insert(endpoint.path, Played { name, plain });
            added.expect("paths of the table differ, or the router refuses them");
        }
        let routes = routes
            .merge(control::routes())
            .fallback(unknown)
            .with_state(state.clone());
        Self(Arc::new(Inner {
            state,
            played,
            routes,
            patience,
        }))
    }

    /// What is rare on the way from here is boxed: a future is as large as the largest thing it may
    /// wait for, and is moved more than once.
    pub(crate) async fn answer(&self, mut request: Request<Body>, by: &Listener) -> Response {
        let sandboxes = self.0.state.sandboxes();
        if let Some(sandbox) = sandboxes.claim(&self.0.state, &mut request) {
            return Box::pin(sandbox.answer_here(request, by)).await;
        }
        self.answer_here(request, by).await
    }

    async fn answer_here(&self, request: Request<Body>, by: &Listener) -> Response {
        let state = &self.0.state;
        let patience = self.0.patience.unwrap_or(BODY_TIMEOUT);
        let answer = async |call, parts, body| self.play(call, parts, body).await;
        let mut response = record(state, patience, request, by, answer).await;
        reply::date(&mut response, state.clock().now());
        response
    }

    pub(crate) fn head_timeout(&self) -> Duration {
        self.0.patience.unwrap_or(HEAD_TIMEOUT)
    }

    /// `parts` has the path of `call` in lower case and without a slash at its end.
    async fn play(&self, call: Arc<Call>, parts: Parts, body: Bytes) -> Response {
        if is_control(parts.uri.path()) {
            return match control::guard::refusal(&call) {
                Some(refusal) => refusal,
                None => Box::pin(self.handle(&call, parts, body)).await,
            };
        }
        let state = &self.0.state;
        let found = self.0.played.at(parts.uri.path());
        let found = found.ok().map(|found| found.value);
        let endpoint = found.map_or(UNKNOWN, |found| found.name);
        call.note_endpoint(endpoint);
        // Pinned here: handed on by value, each of the layers would hold it once for every way it may
        // go on, and so would the next.
        let genuine = pin!(async {
            match found.and_then(|found| found.plain.as_ref()) {
                Some(plain) => plain(state.clone(), call.clone()).await,
                None => Box::pin(self.handle(&call, parts, body)).await,
            }
        });
        let played = pin!(play(state, endpoint, &call, genuine));
        cors::open(endpoint, &call, played).await
    }

    async fn handle(&self, call: &Arc<Call>, mut parts: Parts, body: Bytes) -> Response {
        parts.extensions.insert(Incoming(call.clone()));
        let request = Request::from_parts(parts, Body::from(body));
        // A router of handlers without errors of their own cannot fail.
        let Ok(response) = self.0.routes.clone().oneshot(request).await;
        response
    }
}

impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint_names::ENDPOINT_NAMES;

    #[test]
    fn the_names_that_rules_may_be_about_are_those_of_the_table() {
        let mut names: Vec<_> = endpoints().map(|endpoint| endpoint.name).collect();
        names.push(UNKNOWN);
        names.sort_unstable();
        names.dedup();
        assert_eq!(ENDPOINT_NAMES, names);
    }
}
