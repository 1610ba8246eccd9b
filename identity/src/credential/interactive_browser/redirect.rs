//! The redirect URI to which the sign-in page sends its answer.

use http::Method;
use url::{Url, form_urlencoded};

use super::page;
use crate::cloud::is_loopback;
use crate::context::{BrowserRequest, Page};
use crate::error::{Error, Result};
use crate::redact;

/// A redirect URI on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redirect {
    url: Url,
    /// The text as given by the program: the token service compares it byte by byte with what is
    /// registered, and `url` may be written differently.
    uri: String,
}

impl Redirect {
    /// Reads a redirect URI.
    ///
    /// # Errors
    /// `InvalidArgument` unless `uri` is plain http to a port of this machine.
    pub(super) fn parse(uri: &str) -> Result<Self> {
        let url = Url::parse(uri).ok().filter(|url| {
            let is_plain =
                url.scheme() == "http" && url.query().is_none() && url.fragment().is_none();
            is_plain && is_loopback(url) && url.port().is_some() && url.username().is_empty()
        });
        let uri = uri.to_owned();
        match url {
            Some(url) => Ok(Self { url, uri }),
            None => Err(Error::invalid(format!(
                "the redirect URI must name this machine and a port, such as \
                 http://localhost:8400: {}",
                redact::argument(&uri)
            ))),
        }
    }

    /// The URI as it is sent to the page and the token service.
    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port to listen at; 0 means any free port.
    pub(super) fn port(&self) -> u16 {
        self.url.port().unwrap_or_default()
    }

    /// Returns the redirect URI with `port` in place of port 0.
    pub(super) fn at(self, port: u16) -> Self {
        if self.port() != 0 {
            return self;
        }
        let uri = format!("http://{}:{port}", self.host());
        Url::parse(&uri)
            .map(|url| Self { url, uri })
            .unwrap_or(self)
    }

    /// The fields of the page's answer, in a form or a query.
    ///
    /// # Errors
    /// The page to show when this is no answer: browsers ask for icons, too.
    pub(super) fn fields(&self, request: &BrowserRequest) -> Result<Vec<(String, String)>, Page> {
        let (path, query) = match request.target.split_once('?') {
            Some((path, query)) => (path, query),
            None => (&*request.target, ""),
        };
        if path != self.url.path() {
            return Err(page::nothing_here());
        }
        let is_form = request.content_type.as_deref().is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        let encoded = match request.method {
            Method::POST if is_form => &*request.body,
            Method::GET => query.as_bytes(),
            _ => return Err(page::nothing_here()),
        };
        let fields: Vec<_> = form_urlencoded::parse(encoded).into_owned().collect();
        let is_answer = fields
            .iter()
            .any(|(name, _)| matches!(&**name, "code" | "error"));
        is_answer.then_some(fields).ok_or_else(page::nothing_here)
    }
}

impl Default for Redirect {
    /// `http://localhost`, any port: it matches every port of a registered `http://localhost`.
    fn default() -> Self {
        let uri = "http://localhost:0".to_owned();
        match Url::parse(&uri) {
            Ok(url) => Self { url, uri },
            Err(_) => unreachable!("{uri} is a URL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn request(
        method: Method,
        target: &str,
        kind: Option<&str>,
        body: &'static str,
    ) -> BrowserRequest {
        let kind = kind.map(str::to_owned);
        BrowserRequest::new(method, target, kind, Bytes::from_static(body.as_bytes())).0
    }

    #[test]
    fn a_redirect_uri_names_a_port_of_this_machine_and_is_repeated_as_it_is() {
        for uri in [
            "http://localhost:8400",
            "http://localhost:8400/",
            "http://127.0.0.1:1/back",
            "http://[::1]:9",
        ] {
            let redirect = Redirect::parse(uri).unwrap();
            assert_eq!(redirect.clone().at(7).uri(), uri);
            assert_ne!(redirect.port(), 0);
        }
        for uri in [
            "http://localhost",
            "https://localhost:8400",
            "http://example.com:80",
            "localhost:8400",
            "http://localhost:1/?a=b",
            "http://me@localhost:1",
        ] {
            let error = Redirect::parse(uri).expect_err(uri);
            assert!(
                error.to_string().contains("this machine and a port"),
                "{error}"
            );
        }
        assert_eq!(Redirect::default().at(8400).uri(), "http://localhost:8400");
    }

    #[test]
    fn an_answer_is_a_form_or_a_query_at_the_right_path() {
        let redirect = Redirect::parse("http://localhost:8400/back").unwrap();
        let form = Some("application/x-www-form-urlencoded; charset=utf-8");
        let fields =
            |request: &BrowserRequest| redirect.fields(request).ok().map(|fields| fields.len());
        let get = |target| request(Method::GET, target, None, "");
        assert_eq!(fields(&get("/back?code=c&state=s")), Some(2));
        assert_eq!(
            fields(&request(Method::POST, "/back", form, "code=c&state=s")),
            Some(2)
        );
        assert_eq!(
            fields(&request(
                Method::POST,
                "/back",
                Some("text/plain"),
                "code=c"
            )),
            None
        );
        assert_eq!(fields(&request(Method::PUT, "/back", form, "code=c")), None);
        for target in [
            "/favicon.ico",
            "/?code=c",
            "/back",
            "/back?x=1",
            "/backward?code=c",
        ] {
            assert_eq!(fields(&get(target)), None, "{target}");
        }
    }
}
