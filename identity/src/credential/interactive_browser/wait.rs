//! The wait for the answer of a sign-in page.

use std::io;
use std::time::Duration;

use futures_util::future::{self, Either, select};
use url::Url;

use super::page;
use super::redirect::Redirect;
use crate::context::{Context, Listener};
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::authorize::{AuthorizationFlow, AuthorizationResponse};
use crate::secret::Secret;

/// Listens at the address of `redirect`, and returns the redirect URI with the listener's port.
///
/// # Errors
/// `CredentialUnavailable` when the port cannot be had.
pub(super) async fn listen(
    redirect: Redirect,
    context: &Context,
) -> Result<(Redirect, Box<dyn Listener>)> {
    let listening = context.loopback.listen(redirect.host(), redirect.port());
    match listening.await {
        Ok(listener) => Ok((redirect.at(listener.port()), listener)),
        Err(error) => Err(Error::unavailable(format!(
            "InteractiveBrowserCredential authentication unavailable. Couldn't start an HTTP \
             server on {}: {error}",
            redirect.uri()
        ))
        .with_source(error)),
    }
}

/// One sign-in in the browser, and how long it may take.
pub(super) struct Wait<'a> {
    pub(super) url: &'a Url,
    pub(super) flow: &'a AuthorizationFlow,
    pub(super) redirect: &'a Redirect,
    pub(super) limit: Duration,
}

impl Wait<'_> {
    /// Opens the page and waits for the code it sends.
    ///
    /// # Errors
    /// The error that the page reports; `CredentialUnavailable` without a browser, `Timeout` when
    /// the time is over.
    pub(super) async fn code(
        &self,
        mut listener: Box<dyn Listener>,
        context: &Context,
    ) -> Result<Secret> {
        let mut unrelated = 0;
        // Opening the browser and waiting for the answer run together: the answer may come before
        // the program that opens the browser has ended.
        let opened = async {
            match context.browser.open(self.url).await {
                Ok(()) => future::pending().await,
                Err(error) => no_browser(error),
            }
        };
        let answered = self.answered(&mut *listener, &mut unrelated);
        let ended = select(Box::pin(answered), Box::pin(opened));
        let outcome = match select(ended, context.clock.sleep(self.limit)).await {
            Either::Left((Either::Left((answer, _)), _)) => Some(answer),
            Either::Left((Either::Right((error, _)), _)) => Some(Err(error)),
            Either::Right(_) => None,
        };
        outcome.unwrap_or_else(|| Err(self.timed_out(unrelated)))
    }

    /// Waits for the answer that has this sign-in's `state`. Answers with another one are shown an
    /// error page and counted, so that the error after a timeout can mention them.
    async fn answered(&self, listener: &mut dyn Listener, unrelated: &mut u32) -> Result<Secret> {
        loop {
            let request = listener.next().await.map_err(|error| {
                Error::unavailable(format!(
                    "InteractiveBrowserCredential authentication unavailable. The listener at {} \
                     ended: {error}",
                    self.redirect.uri()
                ))
            })?;
            let fields = match self.redirect.fields(&request) {
                Ok(fields) => fields,
                Err(page) => {
                    request.answer(page).await;
                    continue;
                }
            };
            match self.flow.answer(&fields) {
                AuthorizationResponse::Unrelated => {
                    *unrelated += 1;
                    request.answer(page::unrelated()).await;
                }
                AuthorizationResponse::Code(code) => {
                    request.answer(page::signed_in()).await;
                    return Ok(code);
                }
                AuthorizationResponse::Refused(error) => {
                    request.answer(page::refused(&error)).await;
                    return Err(error);
                }
            }
        }
    }

    /// Returns the error after `limit`. It is not transient: trying again would bother the user
    /// again.
    fn timed_out(&self, unrelated: u32) -> Error {
        let ignored = match unrelated {
            0 => String::new(),
            1 => ". An answer of another sign-in (with another state) was ignored".to_owned(),
            _ => {
                format!(". {unrelated} answers of other sign-ins (with another state) were ignored")
            }
        };
        let text = format!(
            "Timed out after waiting {} seconds for the user to authenticate{ignored}",
            self.limit.as_secs_f32()
        );
        Error::new(ErrorKind::Timeout, text).with_transient(false)
    }
}

fn no_browser(error: io::Error) -> Error {
    Error::unavailable(format!(
        "InteractiveBrowserCredential authentication unavailable. Failed to open a browser: \
         {error}. Use DeviceCodeCredential where there is none"
    ))
    .with_source(error)
}
