//! Where a web browser brings its answer: a port of this machine that only this machine reaches.

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
    /// Listens on `port` of `host`, which is `localhost` or a loopback address; on any free port
    /// when that is 0. Nothing outside this machine may be able to connect.
    ///
    /// # Errors
    /// What the system says; `AddrInUse` when somebody else listens there.
    fn listen<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Listener>>>;
}

/// A port that is listened on; dropped, it is free again at once.
pub trait Listener: fmt::Debug + Send {
    /// Its number.
    fn port(&self) -> u16;

    /// The next request.
    ///
    /// # Errors
    /// When there will never be another.
    fn next(&mut self) -> BoxFuture<'_, io::Result<BrowserRequest>>;
}

/// The loopback addresses of this machine. Needs a tokio runtime, and the feature
/// `interactive-browser`, without which it cannot listen.
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

/// What a browser asks.
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

/// What a browser gets to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// The HTML.
    pub html: String,
}

/// The end of a [`BrowserRequest`] at which its page comes out; for a [`Listener`] of your own.
#[derive(Debug)]
pub struct PendingPage(oneshot::Receiver<(Page, oneshot::Sender<()>)>);

impl BrowserRequest {
    /// A request for `target`, and where the page for it will come out.
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

    /// Has the browser show `page`, and waits until it has it, or is gone.
    pub async fn answer(self, page: Page) {
        let (shown, wait) = oneshot::channel();
        if self.answer.send((page, shown)).is_ok() {
            // An error is a browser that is gone, which is just as well.
            let _ = wait.await;
        }
    }
}

/// Shows neither query nor body: they hold codes.
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
    /// The page, and what to drop when the browser has it; `None` when nobody will answer.
    pub async fn page(self) -> Option<(Page, oneshot::Sender<()>)> {
        self.0.await.ok()
    }
}
