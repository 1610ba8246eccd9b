//! The addresses at which an emulator listens, and those it names in replies.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use crate::crypto::trust_files::TrustFiles;

/// The addresses of an emulator.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    /// Base URLs of the HTTPS listeners, the one that is told first.
    https: Vec<String>,
    /// Base URLs of the plain HTTP listeners, the one that is told first.
    http: Vec<String>,
    /// The addresses that the HTTPS listeners are bound to.
    https_sockets: Vec<SocketAddr>,
    /// The host names that were given for the certificate.
    names: Vec<String>,
    /// The address that programs know the authority by, where it is none of the listeners'.
    authority: Option<String>,
    pub(super) trust: Option<TrustFiles>,
    /// Path of all that is not found by its tenant: empty, or that of a sandbox.
    base: String,
}

impl Addresses {
    /// Creates the addresses of listeners at these URLs, the ones that are told first. Nothing else
    /// is known of them.
    pub(crate) fn new(https: Vec<String>, http: Vec<String>) -> Self {
        Self {
            https,
            http,
            ..Self::default()
        }
    }

    /// Adds how programs know and trust them: what the HTTPS listeners are bound to, the host names
    /// of their certificate, the address of the authority where it is none of the listeners', and
    /// the files with that certificate's authority.
    pub(crate) fn known_by(
        self,
        https_sockets: Vec<SocketAddr>,
        names: &[String],
        authority: Option<String>,
        trust: Option<TrustFiles>,
    ) -> Self {
        Self {
            https_sockets,
            names: names.to_vec(),
            authority,
            trust,
            ..self
        }
    }

    /// Returns the file with the authority's certificate, if a folder for it was given.
    pub(crate) fn ca_file(&self) -> Option<&Path> {
        self.trust.as_ref().map(|files| files.ca.as_path())
    }

    /// Returns the path before everything that is not found by its tenant: empty, or a sandbox's.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn https(&self) -> &str {
        self.https.first().map_or("", String::as_str)
    }

    pub(crate) fn http(&self) -> &str {
        self.http.first().map_or("", String::as_str)
    }

    /// Returns the address that programs know the authority by. A token that is asked for anywhere
    /// else, such as at a managed identity host, names it as its issuer, so that it is the issuer
    /// of the discovery document that the program's own APIs read.
    pub(crate) fn authority(&self) -> &str {
        self.authority.as_deref().unwrap_or_else(|| self.https())
    }

    /// The address of `path`, which has no tenant in it, with TLS.
    pub(crate) fn secure(&self, path: &str) -> String {
        format!("{}{}{path}", self.https(), self.base)
    }

    /// The same places for a world that has what is not found by its tenant below `base`.
    pub(super) fn below(&self, base: &str) -> Self {
        let http = self.http.iter().map(|url| format!("{url}{base}"));
        Self {
            http: http.collect(),
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// Whether `authority`, a host with its port, leads to an HTTPS listener: at `localhost`, at
    /// any loopback address, at a name that was given, and at whatever host leads to a listener on
    /// all addresses. Without a port, as MSAL for Python and Java ask, only the host counts.
    pub(in crate::entra) fn is_own(&self, authority: &str) -> bool {
        let port = authority.rsplit_once(':').and_then(|(host, port)| {
            let port: u16 = port.parse().ok()?;
            Some((host, port))
        });
        let (host, port) = port.map_or((authority, None), |(host, port)| (host, Some(port)));
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_local = host.eq_ignore_ascii_case("localhost")
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        let is_named = self
            .names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(host));
        self.https_sockets.iter().any(|socket| {
            let is_reached = is_local || is_named || socket.ip().is_unspecified();
            match port {
                Some(port) => is_reached && port == socket.port(),
                None => is_local || is_named,
            }
        })
    }

    /// The two that are told, then all others.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        [self.https(), self.http()].into_iter().chain(self.others())
    }

    pub(super) fn others(&self) -> impl Iterator<Item = &str> {
        let others = self.https.iter().skip(1).chain(self.http.iter().skip(1));
        others.map(String::as_str)
    }
}
