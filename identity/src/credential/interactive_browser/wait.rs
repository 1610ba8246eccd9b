//! Waits for what a sign-in page sends.

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

/// Listens where the page is to send its answer: at `redirect`, whose port is known then.
///
/// # Errors
/// `CredentialUnavailable` where that cannot be done.
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
        ))),
    }
}

/// One flow to the sign-in page, and how long it may take.
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
    /// What the page says went wrong; `CredentialUnavailable` without a browser, `Timeout` when the
    /// time is over.
    pub(super) async fn code(
        &self,
        mut listener: Box<dyn Listener>,
        context: &Context,
    ) -> Result<Secret> {
        let mut foreign = 0;
        let opened = async {
            match context.browser.open(self.url).await {
                Ok(()) => future::pending().await,
                Err(error) => no_browser(&error),
            }
        };
        let answered = self.answered(&mut *listener, &mut foreign);
        let ended = select(Box::pin(answered), Box::pin(opened));
        let outcome = match select(ended, context.clock.sleep(self.limit)).await {
            Either::Left((Either::Left((answer, _)), _)) => Some(answer),
            Either::Left((Either::Right((error, _)), _)) => Some(Err(error)),
            Either::Right(_) => None,
        };
        outcome.unwrap_or_else(|| Err(self.too_late(foreign)))
    }

    /// The answer of this sign-in's page. Others get theirs and are counted.
    async fn answered(&self, listener: &mut dyn Listener, foreign: &mut u32) -> Result<Secret> {
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
                    *foreign += 1;
                    request.answer(page::foreign()).await;
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

    /// Not transient: who tries again asks the user again.
    fn too_late(&self, foreign: u32) -> Error {
        let others = match foreign {
            0 => String::new(),
            1 => ". An answer of another sign-in (with another state) was ignored".to_owned(),
            _ => format!(". {foreign} answers of other sign-ins (with another state) were ignored"),
        };
        let text = format!(
            "Timed out after waiting {} seconds for the user to authenticate{others}",
            self.limit.as_secs_f32()
        );
        Error::new(ErrorKind::Timeout, text).with_transient(false)
    }
}

fn no_browser(error: &io::Error) -> Error {
    Error::unavailable(format!(
        "InteractiveBrowserCredential authentication unavailable. Failed to open a browser: \
         {error}. Use DeviceCodeCredential where there is none"
    ))
}
