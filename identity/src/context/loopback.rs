//! A port that only this machine can reach, to which a web browser brings the answer of a sign-in.

#[cfg(feature = "interactive-browser")]
mod bind;
#[cfg(feature = "interactive-browser")]
mod system;

use std::fmt;
use std::io;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use http::Method;
use tokio::sync::oneshot;

#[cfg(feature = "interactive-browser")]
use self::system::listen;

/// Listens for browsers on this machine.
pub trait Loopback: fmt::Debug + Send + Sync {
    /// Listens on `port` of `host`, which is `localhost` or a loopback address. Port 0 stands for
    /// any free port. Nothing outside this machine may be able to connect.
    ///
    /// # Errors
    /// The error of the system; `AddrInUse` when another program listens there.
    fn listen<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Listener>>>;
}

/// A port that is listened on. Dropping it frees the port at once.
pub trait Listener: fmt::Debug + Send {
    /// Returns the number of the port.
    fn port(&self) -> u16;

    /// Waits for the next request.
    ///
    /// # Errors
    /// When there will never be another.
    fn next(&mut self) -> BoxFuture<'_, io::Result<BrowserRequest>>;
}

/// The loopback addresses of this machine. Listening needs a tokio runtime and the feature
/// `interactive-browser`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLoopback;

impl Loopback for SystemLoopback {
    fn listen<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Listener>>> {
        listen(host, port).boxed()
    }
}

#[cfg(not(feature = "interactive-browser"))]
async fn listen(_: &str, _: u16) -> io::Result<Box<dyn Listener>> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this build listens to no browser: enable the feature \"interactive-browser\" or set \
         Context::loopback",
    ))
}

/// A request of a browser.
pub struct BrowserRequest {
    /// The method.
    pub method: Method,
    /// The path, with its query if there is one.
    pub target: String,
    /// `Content-Type`, if it is there and text.
    pub content_type: Option<String>,
    /// The body, empty for `GET`.
    pub body: Bytes,
    answer: oneshot::Sender<(Page, oneshot::Sender<()>)>,
}

/// A page for a browser to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// The HTML.
    pub html: String,
}

/// The page that a [`BrowserRequest`] waits for; for those who write a [`Listener`].
#[derive(Debug)]
pub struct PendingPage(oneshot::Receiver<(Page, oneshot::Sender<()>)>);

impl BrowserRequest {
    /// Returns a request for `target`, and the page that will answer it.
    pub fn new(
        method: Method,
        target: impl Into<String>,
        content_type: Option<String>,
        body: Bytes,
    ) -> (Self, PendingPage) {
        let (answer, page) = oneshot::channel();
        let request = Self {
            method,
            target: target.into(),
            content_type,
            body,
            answer,
        };
        (request, PendingPage(page))
    }

    /// Answers the request with `page`, and waits until the browser has received it or is gone.
    pub async fn answer(self, page: Page) {
        let (delivered, wait) = oneshot::channel();
        if self.answer.send((page, delivered)).is_ok() {
            // The listener drops its end after the last byte, so an error is the normal end.
            let _ = wait.await;
        }
    }
}

/// Shows neither query nor body: they hold authorization codes.
impl fmt::Debug for BrowserRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        f.debug_struct("BrowserRequest")
            .field("method", &self.method)
            .field("path", &path)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl PendingPage {
    /// Waits for the page. The sender that comes with it is to be dropped when the browser has
    /// received the page. `None` means that there will be no page.
    pub async fn page(self) -> Option<(Page, oneshot::Sender<()>)> {
        self.0.await.ok()
    }
}
