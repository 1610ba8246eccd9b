//! The trait of everything that can be asked for a token, and its implementations.

mod in_process;
pub mod mount;
mod patience;
mod process;
mod rust;

pub use in_process::InProcess;
pub use mount::Mount;
pub use patience::Patience;
pub use process::{ProcessDriver, Spawn};
pub use rust::RustDriver;

use futures_util::future::BoxFuture;

use crate::observation::Ending;
use crate::protocol::{Reply, Request};

/// A driver that was started for one case.
pub trait Driver: Send {
    /// Sends one request and waits for its reply, or returns how the driver failed.
    fn call<'a>(&'a mut self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Ending>>;

    /// Waits for the next reply to a request that was answered with a prompt.
    fn wait<'a>(&'a mut self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Ending>>;

    /// Ends the driver, as the end of stdin does, and returns what it had written to stderr.
    fn finish(self: Box<Self>) -> BoxFuture<'static, Exit>;
}

/// The end of a driver.
#[derive(Debug, Clone, Default)]
pub struct Exit {
    /// The text it wrote to stderr.
    pub stderr: String,
    /// How it failed to end, if it did.
    pub ending: Option<Ending>,
}

/// Checks that a reply answers the request that was sent, with the one thing it asked for.
fn accept(request: &Request, reply: Reply) -> Result<Reply, Ending> {
    if reply.id != request.id() {
        let text = format!(
            "it answered request {} instead of {}",
            reply.id,
            request.id()
        );
        return Err(Ending::Crash(text));
    }
    if let Some(capability) = reply.unsupported {
        return Err(Ending::Unsupported(capability));
    }
    if reply.prompt.is_some() && !matches!(request, Request::Hello { .. }) {
        return Ok(reply);
    }
    let answered = match request {
        Request::Hello { .. } => reply.driver.is_some() && reply.can.is_some(),
        Request::Token { .. } => reply.token.is_some() != reply.error.is_some(),
        Request::Later { .. } => reply.token.is_none() && reply.error.is_none(),
        Request::Tokens { n, .. } => match &reply.tokens {
            Some(tokens) => tokens.len() == *n as usize && reply.error.is_none(),
            None => reply.error.is_some(),
        },
    };
    if answered {
        return Ok(reply);
    }
    Err(Ending::Crash(
        "its reply is not an answer to what was asked".to_owned(),
    ))
}
