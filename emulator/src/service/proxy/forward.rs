//! Plain HTTP for another host, passed on and its answer passed back.

use std::io;

use axum::body::Body;
use axum::response::Response;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use crate::service::proxy::Target;
use crate::service::proxy::tunnel::connect;

/// Sends `request` where it is meant for. Nothing is added to it: some hosts refuse what a proxy
/// would usually say of itself.
pub(super) async fn forward(
    mut request: Request<Incoming>,
    target: &Target,
) -> io::Result<Response> {
    let stream = connect(target).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    // It ends with the answer's body.
    tokio::spawn(connection);
    for_its_server(&mut request, target)?;
    let mut response = sender
        .send_request(request)
        .await
        .map_err(io::Error::other)?;
    without_hops(response.headers_mut());
    Ok(response.map(Body::new))
}

/// As a client without a proxy would have sent it.
fn for_its_server(request: &mut Request<Incoming>, target: &Target) -> io::Result<()> {
    let host = match target.port {
        80 => target.host_in_url(),
        port => format!("{}:{port}", target.host_in_url()),
    };
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Uri::default, Uri::from);
    without_hops(request.headers_mut());
    let host = HeaderValue::from_str(&host).map_err(io::Error::other)?;
    request.headers_mut().insert(header::HOST, host);
    Ok(())
}

/// Removes what is about one connection only, and what `Connection` says is.
fn without_hops(headers: &mut HeaderMap) {
    let named = headers.get_all(header::CONNECTION).iter();
    let named = named.filter_map(|value| value.to_str().ok());
    let named: Vec<_> = named
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    named
        .into_iter()
        .for_each(|name| drop(headers.remove(name)));
    HOPS.iter().for_each(|name| drop(headers.remove(*name)));
}

const HOPS: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_about_the_connection_is_taken_out() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("proxy-authorization", "Basic x"),
            ("te", "trailers"),
            ("accept", "*/*"),
            ("transfer-encoding", "chunked"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        without_hops(&mut headers);
        let left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["accept", "transfer-encoding"]);
    }
}
