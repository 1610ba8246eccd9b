//! Faults of a reply on the wire, where neither a handler nor a client library has a say.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::script::{Drip, Reply};

/// The fault that the server makes of a reply on its way out; left in the extensions of the
/// response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::service) struct WireFault {
    /// Only this many bytes of the body are sent, of which the whole is announced.
    cut: Option<usize>,
    drip: Option<Drip>,
    /// Hangs up without an answer.
    swallow: bool,
    /// Whether the connection ends with a reset.
    reset: bool,
}

impl WireFault {
    /// That of a scripted answer, if there is any.
    pub(super) fn of(reply: &Reply) -> Option<Self> {
        let fault = Self {
            cut: reply.truncate,
            drip: reply.drip,
            swallow: reply.is_none(),
            reset: reply.reset,
        };
        (fault != Self::default()).then_some(fault)
    }

    /// Whether the client gets no answer.
    pub(in crate::service) fn swallows(&self) -> bool {
        self.swallow
    }

    /// The answer as it goes out; an error makes the server hang up.
    pub(in crate::service) async fn carry_out(
        self,
        response: Response,
        reset_switch: &ResetSwitch,
    ) -> Result<Response, io::Error> {
        if self.swallow {
            reset_switch.turn_on_if(self.reset);
            return Err(io::Error::other("scripted hang-up"));
        }
        let (mut parts, body) = response.into_parts();
        let whole = body.collect().await;
        let whole = whole.map(|body| body.to_bytes()).unwrap_or_default();
        let cut = self.cut.filter(|cut| *cut < whole.len());
        if cut.is_none() && self.drip.is_none() {
            return Ok(Response::from_parts(parts, Body::from(whole)));
        }
        let length = HeaderValue::from(whole.len());
        parts.headers.insert(CONTENT_LENGTH, length);
        let body = Piecemeal {
            left: whole.slice(..cut.unwrap_or(whole.len())),
            drip: self.drip,
            is_cut: cut.is_some(),
            reset_switch: self.reset.then(|| reset_switch.clone()),
            begun: false,
        };
        let frames = stream::unfold(Some(body), Piecemeal::next);
        Ok(Response::from_parts(
            parts,
            Body::new(StreamBody::new(frames)),
        ))
    }
}

/// A body that is sent in pieces, and perhaps not to its end.
struct Piecemeal {
    left: Bytes,
    drip: Option<Drip>,
    is_cut: bool,
    reset_switch: Option<ResetSwitch>,
    begun: bool,
}

impl Piecemeal {
    async fn next(this: Option<Self>) -> Option<(io::Result<Frame<Bytes>>, Option<Self>)> {
        let mut this = this?;
        if let (Some(drip), true) = (this.drip, this.begun) {
            tokio::time::sleep(Duration::from_millis(drip.every_ms)).await;
        }
        this.begun = true;
        if !this.left.is_empty() {
            let size = this.drip.map_or(this.left.len(), |drip| drip.bytes);
            let piece = this.left.split_to(size.min(this.left.len()));
            return Some((Ok(Frame::data(piece)), Some(this)));
        }
        if !this.is_cut {
            return None;
        }
        // The start is on its way before the connection breaks.
        tokio::time::sleep(Duration::from_millis(5)).await;
        if let Some(reset_switch) = &this.reset_switch {
            reset_switch.turn_on_if(true);
        }
        Some((Err(io::Error::other("scripted truncation")), None))
    }
}

/// A switch that makes a connection end with a reset, once it is on.
#[derive(Clone, Debug, Default)]
pub(in crate::service) struct ResetSwitch(Arc<AtomicBool>);

impl ResetSwitch {
    fn turn_on_if(&self, on: bool) {
        self.0.fetch_or(on, Ordering::Relaxed);
    }
}

/// A socket that is reset when it is dropped, if its switch is on.
#[derive(Debug)]
pub(in crate::service) struct ResettableStream {
    stream: TcpStream,
    reset_switch: ResetSwitch,
}

impl ResettableStream {
    pub(in crate::service) fn new(stream: TcpStream) -> (Self, ResetSwitch) {
        let reset_switch = ResetSwitch::default();
        let resettable = Self {
            stream,
            reset_switch: reset_switch.clone(),
        };
        (resettable, reset_switch)
    }
}

impl Drop for ResettableStream {
    fn drop(&mut self) {
        if self.reset_switch.0.load(Ordering::Relaxed) {
            // A socket that closes without lingering throws away what it holds and says so.
            drop(self.stream.set_zero_linger());
        }
    }
}

impl AsyncRead for ResettableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for ResettableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
