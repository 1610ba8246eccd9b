//! One request as the rooms behind the door see it: read once, parsed once.

mod notes;

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::extract::FromRequestParts;
use http::header::{self, HeaderMap};
use http::request::Parts;
use http::{Method, StatusCode};
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

use crate::base::random::Random;
use crate::exchange::form::pairs;
use notes::Notes;

/// The listener by which a request came in.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    pub(crate) scheme: &'static str,
    pub(crate) address: SocketAddr,
    /// The name the client asked for in TLS.
    pub(crate) sni: Option<Arc<str>>,
}

#[cfg(test)]
impl Listener {
    /// Plain HTTP on this machine.
    pub(crate) const LOCAL: Self = Self {
        scheme: "http",
        address: SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 80),
        sni: None,
    };
}

/// A request, with what its handlers leave for the journal.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) scheme: &'static str,
    /// The name the client asked for in TLS.
    pub(crate) sni: Option<Arc<str>>,
    /// Scheme and authority the client used, which every URL in a reply repeats.
    pub(crate) origin: String,
    /// Whether the client named an authority (`Host`, or an absolute target) that is none.
    pub(crate) has_bad_authority: bool,
    pub(crate) method: Method,
    /// As sent, before case is folded for routing.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    /// Empty unless the body claims to be a form, or claims nothing.
    pub(crate) form: Vec<(String, String)>,
    pub(crate) at: OffsetDateTime,
    pub(crate) trace_id: Uuid,
    pub(crate) correlation_id: Uuid,
    notes: Mutex<Notes>,
}

impl Call {
    /// Takes the headers out of `parts`, for only the call is asked for them.
    pub(crate) fn new(
        parts: &mut Parts,
        body: &[u8],
        by: &Listener,
        at: OffsetDateTime,
        random: &Random,
    ) -> Self {
        let scheme = by.scheme;
        let origin = origin(parts, by);
        let form = if is_form(&parts.headers) {
            pairs(body)
        } else {
            Vec::new()
        };
        let query = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        let [trace_id, fresh] = random.uuids();
        let correlation_id = correlation_id(parts, &query, &form).unwrap_or(fresh);
        Self {
            scheme,
            sni: by.sni.clone(),
            has_bad_authority: origin.is_none(),
            origin: origin.unwrap_or_else(|| format!("{}://{}", by.scheme, by.address)),
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            headers: std::mem::take(&mut parts.headers),
            at,
            trace_id,
            correlation_id,
            query,
            form,
            notes: Mutex::default(),
        }
    }

    /// The same request as it goes on to another place.
    pub(crate) fn forwarded(&self, origin: &str, path: &str, form: Vec<(String, String)>) -> Self {
        Self {
            scheme: self.scheme,
            sni: self.sni.clone(),
            origin: origin.to_owned(),
            has_bad_authority: self.has_bad_authority,
            method: self.method.clone(),
            path: path.to_owned(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            form,
            at: self.at,
            trace_id: self.trace_id,
            correlation_id: self.correlation_id,
            notes: Mutex::default(),
        }
    }

    /// A header's value, if it is there and readable.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first value of a query key.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a form key.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.form.iter();
        let found = fields.find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The first segment of the path, decoded: the tenant at every Entra endpoint.
    pub(crate) fn tenant_segment(&self) -> String {
        let segment = self
            .path
            .trim_start_matches('/')
            .split('/')
            .next()
            .unwrap_or_default();
        decoded(segment).into_owned()
    }

    /// `YYYY-MM-DD HH:MM:SSZ`, the form of error replies.
    pub(crate) fn timestamp(&self) -> String {
        let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
        self.at.format(&form).unwrap_or_default()
    }

    /// Whether the client used a real-looking host name, not loopback, an address or a bare name.
    pub(in crate::exchange) fn has_public_origin(&self) -> bool {
        if self.scheme != "https" {
            return false;
        }
        let url = url::Url::parse(&self.origin);
        let host = url.as_ref().ok().and_then(url::Url::host);
        matches!(host, Some(url::Host::Domain(name)) if name.contains('.'))
    }

    /// Whether the answer shall repeat the correlation id: asked for by a header, or, as some
    /// clients do, by a parameter.
    pub(in crate::exchange) fn wants_its_request_id(&self) -> bool {
        const NAME: &str = "return-client-request-id";
        let parameter = || self.query(NAME);
        let asked = self.header(NAME).or_else(parameter);
        asked.is_some_and(|asked| asked.eq_ignore_ascii_case("true"))
    }
}

/// Handlers take the call that the journal put into the request.
#[derive(Clone, Debug)]
pub(crate) struct Incoming(pub(crate) Arc<Call>);

impl<S: Sync> FromRequestParts<S> for Incoming {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Java posts forms without a content type; JSON and the like count as no parameters at all.
fn is_form(headers: &HeaderMap) -> bool {
    const FORM: &[u8] = b"application/x-www-form-urlencoded";
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_none_or(|kind| {
        let start = kind.as_bytes().get(..FORM.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(FORM))
    })
}

/// Returns scheme and authority by an absolute-form target or the `Host` header, or by the listener
/// where neither was sent; `None` for an authority that is none.
fn origin(parts: &Parts, by: &Listener) -> Option<String> {
    let host = parts.headers.get(header::HOST);
    let sent = match parts.uri.authority() {
        Some(authority) => authority.as_str(),
        None => match host.map(|host| host.to_str()) {
            None => "",
            Some(Err(_)) => return None,
            Some(Ok(host)) => host.trim(),
        },
    };
    if sent.is_empty() {
        return Some(format!("{}://{}", by.scheme, by.address));
    }
    let is_part =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if !sent.chars().all(is_part) {
        return None;
    }
    let mut origin = [by.scheme, "://", sent].concat();
    origin.make_ascii_lowercase();
    if let Some(port) = missing_port(sent, by) {
        origin.push_str(&format!(":{port}"));
    }
    Some(origin)
}

/// Returns the port of the listener, where a client on this machine left it out. RFC 9110 lets a
/// careless client do that, and without it addresses in replies would lead nowhere. A real name
/// without a port is meant so: it comes by the proxy.
fn missing_port(sent: &str, by: &Listener) -> Option<u16> {
    let usual = if by.scheme == "https" { 443 } else { 80 };
    let port = by.address.port();
    let is_loopback = match sent.trim_start_matches('[').strip_suffix(']') {
        Some(address) => address == "::1",
        None => {
            sent.eq_ignore_ascii_case("localhost")
                || sent
                    .parse::<Ipv4Addr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    };
    (by.address.ip().is_loopback() && port != usual && is_loopback).then_some(port)
}

fn correlation_id(
    parts: &Parts,
    query: &[(String, String)],
    form: &[(String, String)],
) -> Option<Uuid> {
    const NAME: &str = "client-request-id";
    let header = parts
        .headers
        .get(NAME)
        .and_then(|value| value.to_str().ok());
    let field = || query.iter().chain(form).find(|(key, _)| key == NAME);
    let sent = header.or_else(|| field().map(|(_, value)| value.as_str()));
    sent.and_then(|sent| Uuid::parse_str(sent.trim()).ok())
}

/// A path segment without its percent escapes.
pub(crate) fn decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    // A plus is itself in a path, unlike in a form.
    let escaped = segment.replace('+', "%2B");
    let mut fields = url::form_urlencoded::parse(escaped.as_bytes());
    Cow::Owned(fields.next().map_or_else(String::new, |(key, value)| {
        if value.is_empty() {
            key.into_owned()
        } else {
            format!("{key}={value}")
        }
    }))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn call(request: http::request::Builder) -> Call {
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        Call::new(
            &mut parts,
            b"a=b%20c&a=d",
            &Listener::LOCAL,
            OffsetDateTime::UNIX_EPOCH,
            &Random::new(Some(1)),
        )
    }

    #[test]
    fn the_origin_is_the_one_the_client_used() {
        let by_header = call(Request::get("/x").header("host", "Localhost:8443"));
        assert_eq!(by_header.origin, "http://localhost:8443");
        let absolute = call(Request::get("http://169.254.169.254/x").header("host", "other"));
        assert_eq!(absolute.origin, "http://169.254.169.254");
        assert!(!absolute.has_bad_authority);
    }

    #[test]
    fn an_authority_that_is_none_is_not_taken_for_the_listeners() {
        for host in ["a\"><script>", "a~b.evil.example", "a b"] {
            assert!(
                call(Request::get("/x").header("host", host)).has_bad_authority,
                "{host}"
            );
        }
    }

    #[test]
    fn the_port_of_a_loopback_listener_is_added_where_a_client_left_it_out() {
        let by = Listener {
            address: "127.0.0.1:8080".parse().unwrap(),
            ..Listener::LOCAL
        };
        let origin = |host: &str| {
            let (parts, ()) = Request::get("/x")
                .header("host", host)
                .body(())
                .unwrap()
                .into_parts();
            origin(&parts, &by).unwrap()
        };
        assert_eq!(origin("localhost"), "http://localhost:8080");
        assert_eq!(origin("127.0.0.2"), "http://127.0.0.2:8080");
        assert_eq!(origin("[::1]"), "http://[::1]:8080");
        assert_eq!(origin("localhost:1"), "http://localhost:1");
        assert_eq!(origin("169.254.169.254"), "http://169.254.169.254");
        assert_eq!(
            origin("login.microsoftonline.com"),
            "http://login.microsoftonline.com"
        );
    }

    #[test]
    fn a_correlation_id_is_echoed_only_if_it_is_a_guid() {
        let id = "11111111-2222-4333-8444-555555555555";
        let sent = call(Request::get("/x").header("client-request-id", id));
        assert_eq!(sent.correlation_id.to_string(), id);
        let junk = call(Request::get("/x").header("client-request-id", "abc"));
        assert_ne!(junk.correlation_id, Uuid::nil());
    }

    #[test]
    fn json_bodies_hold_no_parameters_and_untyped_ones_do() {
        assert!(
            call(Request::post("/x").header("content-type", "application/json"))
                .form
                .is_empty()
        );
        let untyped = call(Request::post("/x"));
        assert_eq!(untyped.form[0], ("a".to_owned(), "b c".to_owned()));
        assert_eq!(untyped.timestamp(), "1970-01-01 00:00:00Z");
    }

    #[test]
    fn the_tenant_is_the_first_segment_decoded() {
        assert_eq!(
            call(Request::get("/a%20b+c/oauth2")).tenant_segment(),
            "a b+c"
        );
    }
}
