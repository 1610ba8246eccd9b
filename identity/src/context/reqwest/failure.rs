//! What goes wrong on the way to an answer, as an error of ours.

use std::error::Error as StdError;
use std::io;

use crate::error::{Error, ErrorKind};

/// An exchange that broke off.
pub(super) fn broken(error: ::reqwest::Error) -> Error {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Transport
    };
    let permanent = error.is_builder() || is_distrust(&error);
    // The URL's query belongs in no log.
    Error::new(kind, story(&error.without_url())).with_transient(!permanent)
}

/// What will be the same next time.
pub(super) fn permanent(message: &str) -> Error {
    Error::new(ErrorKind::Transport, message).with_transient(false)
}

/// An error and its causes, on one line: "connection refused" is always the last.
pub(super) fn story(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

/// Whether the server's certificate was refused: it will be the same next time.
fn is_distrust(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        // An I/O error is not the source of what it wraps.
        let wrapped = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        let tls = wrapped.and_then(|wrapped| wrapped.downcast_ref());
        if let Some(rustls::Error::InvalidCertificate(_) | rustls::Error::General(_)) = tls {
            return true;
        }
        next = match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => cause.source(),
        };
    }
    false
}
