//! The journal entries of requests that were for another host.

use http::{HeaderMap, Method};

use crate::exchange::completed::CompletedRequest;
use crate::service::proxy::{Proxy, Target, UnknownHosts};

impl Proxy {
    /// Notes that a request was passed on or refused, and nothing of what is in it.
    pub(super) fn note(&self, target: &Target, method: &Method) {
        let (endpoint, status) = match self.others {
            UnknownHosts::Refuse => ("proxy.refused", 403),
            UnknownHosts::Pass => ("proxy.passed", 0),
        };
        let headers = HeaderMap::new();
        let seen = CompletedRequest {
            at: self.state.clock().now(),
            elapsed_ms: 0,
            endpoint,
            scheme: "http",
            method: method.as_str(),
            path: &format!("{}:{}", target.host_in_url(), target.port),
            query: &[],
            headers: &headers,
            form: &[],
            status,
            reply_headers: &headers,
            reply_body: &[],
            issued: &[],
            scripted: false,
            error: None,
        };
        self.state.journal().write(&seen, &[], self.state.mask());
    }
}
