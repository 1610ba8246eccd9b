//! The user at a keyboard, who acts at the emulator.

use std::time::Duration;

use identity_emulator::{Emulator, SignInAnswer};

use super::loopback::Loopback;
use crate::case::UserAct;
use crate::protocol::Prompt;

/// Reacts to a prompt as a user does.
pub(super) async fn act(
    emulator: &Emulator,
    act: &UserAct,
    prompt: &Prompt,
    browser: Loopback,
) -> Result<(), String> {
    let code = prompt.user_code.as_deref().ok_or("it has no `user_code`");
    match act {
        UserAct::Approve(user) => {
            let approved = emulator.approve_device(code?, user).await;
            approved.map_err(|error| error.to_string())
        }
        UserAct::Decline => emulator
            .decline_device(code?)
            .map_err(|error| error.to_string()),
        UserAct::SignIn(user) => {
            let answer = emulator.sign_in(&prompt.url, user).await;
            deliver(browser, answer.map_err(|error| error.to_string())?).await
        }
        UserAct::Cancel => deliver(browser, cancelled(&prompt.url)?).await,
        UserAct::Close => Ok(()),
        UserAct::Oversleep => {
            emulator.clock().advance(Duration::from_secs(1200));
            Ok(())
        }
        UserAct::SignInAfterForgery(user) => {
            deliver(browser, forged(&prompt.url)?).await?;
            let answer = emulator.sign_in(&prompt.url, user).await;
            deliver(browser, answer.map_err(|error| error.to_string())?).await
        }
    }
}

/// Takes an answer to the application, as the browser does.
async fn deliver(browser: Loopback, answer: SignInAnswer) -> Result<(), String> {
    let reply = match answer {
        SignInAnswer::Redirect(url) => browser.get(&url).await,
        SignInAnswer::FormPost { action, fields } => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect();
            browser.post(&action, &fields).await
        }
    };
    reply
        .map(drop)
        .map_err(|error| format!("the application does not listen: {error}"))
}

/// The answer of an attacker who knows the port, but neither `state` nor a code.
fn forged(authorize_url: &str) -> Result<SignInAnswer, String> {
    let fields = [
        ("code", Some("a-code-that-somebody-made-up".to_owned())),
        ("state", Some("a-guess".to_owned())),
    ];
    answer(authorize_url, fields)
}

/// The answer of the service when "Cancel" is pressed on its page.
fn cancelled(authorize_url: &str) -> Result<SignInAnswer, String> {
    let description = "AADSTS65004: User declined to consent to access the app.";
    let fields = [
        ("error", Some("access_denied".to_owned())),
        ("error_description", Some(description.to_owned())),
        ("error_subcode", Some("cancel".to_owned())),
        ("state", parameter(authorize_url, "state")),
    ];
    answer(authorize_url, fields)
}

/// An answer to the page at `authorize_url`, in the way it asks for.
fn answer<const N: usize>(
    authorize_url: &str,
    fields: [(&'static str, Option<String>); N],
) -> Result<SignInAnswer, String> {
    let action = parameter(authorize_url, "redirect_uri");
    let action = action.ok_or("the address has no `redirect_uri`")?;
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let fields: Vec<_> = fields.collect();
    if parameter(authorize_url, "response_mode").as_deref() == Some("form_post") {
        return Ok(SignInAnswer::FormPost { action, fields });
    }
    let mut url = url::Url::parse(&action).map_err(|error| error.to_string())?;
    url.query_pairs_mut().extend_pairs(fields);
    Ok(SignInAnswer::Redirect(url.into()))
}

fn parameter(authorize_url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(authorize_url).ok()?;
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}
