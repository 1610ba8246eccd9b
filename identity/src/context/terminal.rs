//! The user's terminal.

use std::fmt;

use crate::redact;

/// Tells the user what to do.
pub trait Terminal: fmt::Debug + Send + Sync {
    /// Shows `message`, a line or more.
    fn tell(&self, message: &str);
}

/// Standard error, which the user still sees when a program's output goes to a file or a pipe.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTerminal;

impl Terminal for SystemTerminal {
    #[expect(clippy::print_stderr, reason = "this is the port")]
    fn tell(&self, message: &str) {
        eprintln!("{}", redact::visible(message));
    }
}
