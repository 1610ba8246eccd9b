//! The errors of this crate for requests that got no answer.

use std::error::Error as StdError;
use std::io;

use crate::error::{Error, ErrorKind};

/// Returns the error for a request that reqwest could not complete.
pub(super) fn send_failure(error: ::reqwest::Error, proxy: Option<String>) -> Error {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Transport
    };
    let is_distrust = is_distrust(&error);
    let permanent = error.is_builder() || is_distrust;
    // Without the URL: its query belongs in no log.
    let error = error.without_url();
    let mut message = with_causes(&error);
    if is_distrust {
        message.push_str(
            ". If it is the right server, trust its issuer: by SSL_CERT_FILE, or \
             ReqwestTransport::builder().root_certificate_pem",
        );
    }
    if let Some(proxy) = proxy {
        message.push_str(&format!(" ({proxy})"));
    }
    Error::new(kind, message)
        .with_transient(!permanent)
        .with_source(error)
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
