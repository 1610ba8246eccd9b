//! The plain HTTP listener as a proxy: clients that are told nothing but `HTTPS_PROXY` reach the
//! hosts that are played, by their real names.

mod forward;
mod journal;
mod tunnel;

use std::net::IpAddr;
use std::sync::Mutex;

use axum::response::Response;
use http::uri::Authority;
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use rustls::pki_types::ServerName;
use serde_json::json;
use url::Url;

use crate::base::sync::lock;
use crate::crypto::pki::Pki;
use crate::entra::app_state::AppState;
use crate::exchange::reply;
use crate::exchange::request::Listener;
use crate::world::cloud;

pub(in crate::service) use tunnel::{End, Tunnel};

/// A way to treat requests for hosts that are not played, where the emulator is used as a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownHosts {
    /// They are refused with 403, so that a test cannot reach the network unseen.
    #[default]
    Refuse,
    /// They are passed on to where they are meant for.
    Pass,
}

/// The facts that a proxy needs; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    state: AppState,
    pki: Pki,
    others: UnknownHosts,
}

/// The tunnel that the proxy of one connection opens once its reply is out.
#[derive(Debug, Default)]
pub(in crate::service) struct PendingTunnel(Mutex<Option<Tunnel>>);

/// A request, after a look at whom it is for.
#[derive(Debug)]
pub(in crate::service) enum Routed {
    /// It is for the emulator, by whatever name.
    Ours(Request<Incoming>),
    /// It is not, and this is the answer.
    Answered(Response),
}

impl Proxy {
    pub(crate) fn new(state: AppState, pki: Pki, others: UnknownHosts) -> Self {
        Self { state, pki, others }
    }

    pub(in crate::service) fn pki(&self) -> &Pki {
        &self.pki
    }

    /// Looks at whom a request is for; what is not for the emulator is dealt with here.
    pub(in crate::service) async fn route(
        &self,
        request: Request<Incoming>,
        listener: &Listener,
        desk: &PendingTunnel,
    ) -> Routed {
        let connecting = request.method() == Method::CONNECT;
        let Some(target) = Target::of(&request, connecting) else {
            return Routed::Ours(request);
        };
        let ours = self.plays(&target, listener);
        if ours && !connecting {
            return Routed::Ours(request);
        }
        if !ours {
            self.note(&target, request.method());
        }
        Routed::Answered(match (ours, self.others) {
            (true, _) => desk.leave(Tunnel::to_us(request, &target)),
            (false, UnknownHosts::Refuse) => refused(&target),
            (false, UnknownHosts::Pass) if connecting => {
                match Box::pin(Tunnel::elsewhere(request, &target)).await {
                    Ok(tunnel) => desk.leave(tunnel),
                    Err(error) => unreachable(&target, &error),
                }
            }
            (false, UnknownHosts::Pass) => Box::pin(forward::forward(request, &target))
                .await
                .unwrap_or_else(|error| unreachable(&target, &error)),
        })
    }

    /// Whether this is a host of the real service, or the emulator by a name of its own.
    fn plays(&self, target: &Target, listener: &Listener) -> bool {
        let mut ports = self.state.addresses().all().filter_map(port);
        let own_port = listener.address.port() == target.port;
        cloud::is_played(&target.host)
            || (own_port && target.may_be(listener))
            || (target.is_loopback() && ports.any(|port| port == target.port))
    }
}

impl PendingTunnel {
    /// Takes what is to be done, if anything is.
    pub(in crate::service) fn take(&self) -> Option<Tunnel> {
        lock(&self.0).take()
    }

    /// The tunnel opens once its answer, which is this, is out.
    fn leave(&self, tunnel: Tunnel) -> Response {
        *lock(&self.0) = Some(tunnel);
        Response::default()
    }
}

/// Whom a request to a proxy is for.
#[derive(Clone, Debug)]
struct Target {
    /// In lower case; an IPv6 address without brackets.
    host: String,
    port: u16,
}

impl Target {
    /// None of a request that names no host, as if to a server.
    fn of(request: &Request<Incoming>, connecting: bool) -> Option<Self> {
        let usual = if connecting { 443 } else { 80 };
        let uri = request.uri();
        let plain = connecting || uri.scheme_str() == Some("http");
        uri.authority()
            .filter(|_| plain)
            .map(|authority| Self::parse(authority, usual))
    }

    fn parse(authority: &Authority, usual: u16) -> Self {
        Self {
            host: authority
                .host()
                .trim_matches(['[', ']'])
                .to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(usual),
        }
    }

    /// Whoever names our port has found us, by whatever name a container or a tunnel gave us; but
    /// port 80 is everybody's.
    fn may_be(&self, listener: &Listener) -> bool {
        let here = self.host.parse() == Ok(listener.address.ip());
        self.port != 80 || here || self.is_loopback() || !self.host.contains('.')
    }

    fn is_loopback(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    fn host_in_url(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }

    fn name(&self) -> Option<ServerName<'static>> {
        ServerName::try_from(self.host.clone()).ok()
    }
}

fn port(url: &str) -> Option<u16> {
    Url::parse(url).ok()?.port_or_known_default()
}

fn refused(target: &Target) -> Response {
    let text = format!(
        "The emulator does not play {}, and passes no request on. Start it with `--others pass` to \
         let programs reach other hosts.",
        target.host
    );
    reply::json(StatusCode::FORBIDDEN, &said("forbidden", &text))
}

fn unreachable(target: &Target, error: &std::io::Error) -> Response {
    let text = format!("{} cannot be reached: {error}.", target.host);
    reply::json(StatusCode::BAD_GATEWAY, &said("bad_gateway", &text))
}

fn said(error: &str, text: &str) -> serde_json::Value {
    json!({ "error": error, "error_description": text })
}
