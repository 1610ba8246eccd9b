//! A user at a keyboard, played at the emulator.

use identity_emulator::{Emulator, SignInAnswer};

use crate::case::UserAct;
use crate::loopback;
use crate::protocol::Prompt;

/// Does what a user does about a prompt.
pub(super) async fn act(emulator: &Emulator, act: &UserAct, prompt: &Prompt) -> Result<(), String> {
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
            deliver(answer.map_err(|error| error.to_string())?).await
        }
        UserAct::Cancel => deliver(cancelled(&prompt.url)?).await,
    }
}

/// Does what the browser does with the answer: takes it to the application.
async fn deliver(answer: SignInAnswer) -> Result<(), String> {
    let reply = match answer {
        SignInAnswer::Redirect(url) => loopback::get(&url).await,
        SignInAnswer::FormPost { action, fields } => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect();
            loopback::post(&action, &fields).await
        }
    };
    reply
        .map(drop)
        .map_err(|error| format!("the application does not listen: {error}"))
}

/// What the service answers when "Cancel" is pressed on its page.
fn cancelled(authorize_url: &str) -> Result<SignInAnswer, String> {
    let url = url::Url::parse(authorize_url).map_err(|error| error.to_string())?;
    let parameter = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let action = parameter("redirect_uri").ok_or("the address has no `redirect_uri`")?;
    let description = "AADSTS65004: User declined to consent to access the app.";
    let fields = [
        ("error", Some("access_denied".to_owned())),
        ("error_description", Some(description.to_owned())),
        ("error_subcode", Some("cancel".to_owned())),
        ("state", parameter("state")),
    ];
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let fields: Vec<_> = fields.collect();
    if parameter("response_mode").as_deref() == Some("form_post") {
        return Ok(SignInAnswer::FormPost { action, fields });
    }
    let mut url = url::Url::parse(&action).map_err(|error| error.to_string())?;
    url.query_pairs_mut().extend_pairs(fields);
    Ok(SignInAnswer::Redirect(url.into()))
}
