//! A small web server that receives the answer of one sign-in.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::AbortHandle;

use super::bind::bind;
use super::{BrowserRequest, Listener, Page};

/// The largest body of a request, in bytes. Real answers of a sign-in page have a few thousand.
const BODY_LIMIT: usize = 1 << 16;
/// How many connections are served at once. Browsers open some in advance and leave them idle.
const CONNECTION_LIMIT: usize = 32;
/// How long a connection may stay without a request, and a request may take.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(30);

/// As [`Loopback::listen`](super::Loopback::listen) says.
pub(super) async fn listen(host: &str, port: u16) -> io::Result<Box<dyn Listener>> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(io::Error::other("listening needs a tokio runtime"));
    }
    let sockets = bind(host, port).await?;
    let port = sockets[0].local_addr()?.port();
    // One at a time: the next request waits in its connection until this one is answered.
    let (requests, inbox) = mpsc::channel(1);
    let room = Arc::new(Semaphore::new(CONNECTION_LIMIT));
    let accepting = sockets.into_iter().map(|socket| {
        tokio::spawn(accept(socket, requests.clone(), Arc::clone(&room))).abort_handle()
    });
    let accepting = accepting.collect();
    Ok(Box::new(Server {
        port,
        inbox,
        accepting,
    }))
}

struct Server {
    port: u16,
    inbox: mpsc::Receiver<BrowserRequest>,
    accepting: Vec<AbortHandle>,
}

impl Listener for Server {
    fn port(&self) -> u16 {
        self.port
    }

    fn next(&mut self) -> BoxFuture<'_, io::Result<BrowserRequest>> {
        async {
            let next = self.inbox.recv().await;
            next.ok_or_else(|| io::Error::other("the listener has ended"))
        }
        .boxed()
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only accepting ends here. Connections end by themselves, so that a page that is on its
        // way still arrives.
        for task in &self.accepting {
            task.abort();
        }
    }
}

async fn accept(socket: TcpListener, requests: mpsc::Sender<BrowserRequest>, room: Arc<Semaphore>) {
    while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
        let Ok((stream, _)) = socket.accept().await else {
            return;
        };
        let serving = serve(stream, requests.clone());
        tokio::spawn(async move {
            // When a connection fails, the browser makes another, so the outcome does not matter.
            let _ = tokio::time::timeout(CONNECTION_TIMEOUT, serving).await;
            drop(permit);
        });
    }
}

/// Answers the one request of a connection.
async fn serve(stream: TcpStream, requests: mpsc::Sender<BrowserRequest>) {
    let (delivered, requests) = (std::sync::Mutex::new(None), &requests);
    let service = service_fn(|request| {
        let delivered = &delivered;
        async move {
            let (page, done) = page(request, requests).await;
            if let Ok(mut delivered) = delivered.lock() {
                *delivered = done;
            }
            Ok::<_, Infallible>(page)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // One request per connection: closing it shows that the page has arrived.
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let _ = connection.await;
    // `delivered` is dropped here, after the last byte. That tells the sender of the page that it
    // has arrived.
}

/// Dropped when the browser has received its page.
type Delivered = Option<oneshot::Sender<()>>;

async fn page(
    request: http::Request<Incoming>,
    requests: &mpsc::Sender<BrowserRequest>,
) -> (http::Response<Full<Bytes>>, Delivered) {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return (response(413, String::new()), None);
    };
    let content_type = parts.headers.get(CONTENT_TYPE);
    let content_type = content_type
        .and_then(|it| it.to_str().ok())
        .map(str::to_owned);
    let target = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    let (request, pending) =
        BrowserRequest::new(parts.method, target, content_type, body.to_bytes());
    let answered = match requests.send(request).await {
        Ok(()) => pending.page().await,
        Err(_) => None,
    };
    match answered {
        Some((Page { status, html }, done)) => (response(status, html), Some(done)),
        // The sign-in is over.
        None => (response(410, String::new()), None),
    }
}

/// Returns a page that runs no script, is cached nowhere and sends no `Referer`.
fn response(status: u16, html: String) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::from(html));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use http::Method;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn exchange(host: &str, port: u16, request: String) -> String {
        let mut stream = TcpStream::connect((host, port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_request_comes_in_and_a_page_goes_out_past_connections_that_say_nothing() {
        let mut listener = listen("localhost", 0).await.unwrap();
        let port = listener.port();
        let _idle = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let form = "POST /back?x=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b\r\nContent-Length: 6\r\n\r\ncode=c";
        let browser = tokio::spawn(exchange("127.0.0.1", port, form.to_owned()));
        let request = listener.next().await.unwrap();
        assert_eq!(
            (&request.method, &*request.target),
            (&Method::POST, "/back?x=1")
        );
        assert_eq!(
            (request.content_type.as_deref(), &*request.body),
            (Some("a/b"), &b"code=c"[..])
        );
        assert!(!format!("{request:?} {listener:?}").contains("x=1"));
        let html = "<p>done".to_owned();
        request.answer(Page { status: 400, html }).await;
        let answer = browser.await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("\r\n\r\n<p>done"),
            "{answer}"
        );
        assert!(answer.contains("cache-control: no-store"), "{answer}");
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_an_error_and_free_again_when_its_listener_is_gone() {
        let listener = listen("localhost", 0).await.unwrap();
        let port = listener.port();
        let taken = listen("localhost", port).await.expect_err("taken");
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
        drop(listener);
        let again = async {
            // The tasks that held the sockets end at their next turn.
            loop {
                tokio::task::yield_now().await;
                if let Ok(listener) = listen("127.0.0.1", port).await {
                    return listener;
                }
            }
        };
        assert_eq!(again.await.port(), port);
    }

    #[tokio::test]
    async fn nothing_but_this_machine_can_be_listened_on() {
        for host in ["0.0.0.0", "[::]", "192.0.2.1", "example.com"] {
            let error = listen(host, 0).await.expect_err(host);
            assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable, "{host}");
        }
    }

    #[tokio::test]
    async fn a_flood_is_cut_off_and_a_sign_in_that_is_over_answers_nobody() {
        let listener = listen("127.0.0.1", 0).await.unwrap();
        let port = listener.port();
        let length = BODY_LIMIT + 1;
        let flood = format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{}",
            "a".repeat(length)
        );
        assert!(
            exchange("127.0.0.1", port, flood)
                .await
                .starts_with("HTTP/1.1 413 ")
        );
        let late = tokio::spawn(exchange(
            "127.0.0.1",
            port,
            "GET / HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(),
        ));
        let mut listener = listener;
        drop(listener.next().await.unwrap());
        assert!(late.await.unwrap().starts_with("HTTP/1.1 410 "));
    }
}
