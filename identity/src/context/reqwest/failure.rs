//! The errors of this crate for requests that got no answer.

use std::error::Error as StdError;
use std::io;

use crate::error::{Error, ErrorKind};

/// Returns the error for a request that reqwest could not complete.
pub(super) fn send_failure(error: ::reqwest::Error) -> Error {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Transport
    };
    let permanent = error.is_builder() || is_distrust(&error);
    // Without the URL: its query belongs in no log.
    Error::new(kind, with_causes(&error.without_url())).with_transient(!permanent)
}

/// Returns an error that another try cannot mend.
pub(super) fn permanent(message: &str) -> Error {
    Error::new(ErrorKind::Transport, message).with_transient(false)
}

/// Returns the text of an error and of its causes on one line. The cause that helps most, such as
/// "connection refused", is always the last.
pub(super) fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let cause_text = error.to_string();
        // Some errors repeat the text of their cause.
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        cause = error.source();
    }
    text
}

/// Whether the server's certificate was refused, which another try does not change.
fn is_distrust(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        // The error inside an I/O error is not its `source`, so it is taken out separately.
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
