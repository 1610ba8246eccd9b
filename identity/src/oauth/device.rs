//! The device authorization endpoint (RFC 8628), which gives a code to type on another device.

use std::time::Duration;

use url::form_urlencoded::Serializer;

use crate::context::{Context, Request, Response, UnixTime};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::oauth::application::Application;
use crate::oauth::grant::user_scope;
use crate::oauth::success;
use crate::oauth::token_endpoint::{claims, correlation_id, identified};
use crate::redact;
use crate::secret::Secret;
use crate::token::TokenRequest;

/// The response of the endpoint: a code for the user and one for the device.
#[derive(Debug)]
pub(crate) struct DeviceAuthorization {
    pub(crate) code: Secret,
    pub(crate) user_code: String,
    pub(crate) verification_uri: String,
    /// The instruction for the user, in the words of the service.
    pub(crate) message: String,
    pub(crate) expires_on: UnixTime,
    /// The pause between two polls.
    pub(crate) interval: Duration,
}

/// The next step after a poll that brought no token.
#[derive(Debug)]
pub(crate) enum PollOutcome {
    /// Poll again after this pause.
    Retry(Duration),
    /// Stop: no later poll can succeed.
    Ended(Error),
}

/// The pause between two polls where the service names none (RFC 8628, section 3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// The time by which `slow_down` lengthens the pause (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// The longest pause after polls that brought no answer.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// The lifetime of the codes where the service names none: the quarter of an hour it mostly names.
const LIFETIME: Duration = Duration::from_secs(900);

/// Asks for the codes of a device that wants the token `request` describes.
pub(crate) async fn begin(
    application: &Application,
    request: &TokenRequest,
    context: &Context,
) -> Result<DeviceAuthorization> {
    let tenant = application.tenants.resolve(request.tenant_id())?;
    let endpoint = application
        .user_endpoint(tenant, "devicecode", context)
        .await?;
    let message = identified(
        Request::post_form(endpoint.url, form(application, request)),
        correlation_id(),
    );
    let response = exchange(message, &application.retry, context).await?;
    read(&response, context.clock.now()).map_err(|error| {
        let (kind, message) = (
            error.kind(),
            format!("Couldn't begin authentication: {error}"),
        );
        error.restated(kind, message)
    })
}

fn form(application: &Application, request: &TokenRequest) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("client_id", &application.client_id);
    form.append_pair("scope", &user_scope(request));
    if let Some(claims) = claims(request) {
        form.append_pair("claims", &claims);
    }
    form.finish()
}

fn read(response: &Response, now: UnixTime) -> Result<DeviceAuthorization> {
    let body = success::object_or_error(response, &[])?;
    let text = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| body.get(*name)?.as_str());
        found.find(|text| !text.is_empty()).map(str::to_owned)
    };
    // These are shown on a terminal, or where the program shows them.
    let shown = |names: &[&str]| text(names).map(|text| redact::visible(&text));
    let seconds = |name: &str| {
        let seconds = body
            .get(name)
            .and_then(success::seconds)
            .filter(|&it| it > 0);
        seconds.map(|it| Duration::from_secs(it.unsigned_abs()))
    };
    // The second name is that of Microsoft's older endpoint.
    let page = shown(&["verification_uri", "verification_url"]);
    let (Some(code), Some(user_code), Some(page)) =
        (text(&["device_code"]), shown(&["user_code"]), page)
    else {
        return Err(Error::rejected(
            "the answer of the token service has no device_code, user_code or verification_uri",
        ));
    };
    let message = shown(&["message"]).unwrap_or_else(|| {
        format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate.")
    });
    Ok(DeviceAuthorization {
        code: Secret::new(code),
        user_code,
        verification_uri: page,
        message,
        expires_on: now.plus(seconds("expires_in").unwrap_or(LIFETIME)),
        interval: seconds("interval").unwrap_or(INTERVAL),
    })
}

/// Returns the next step after a poll that ended in `error`, `interval` after the poll before.
pub(crate) fn poll_outcome(error: Error, interval: Duration) -> PollOutcome {
    match error.oauth_error() {
        Some("authorization_pending") => PollOutcome::Retry(interval),
        Some("slow_down") => PollOutcome::Retry(interval.saturating_add(SLOWER)),
        // The connection may come back while the user is busy. RFC 8628, section 3.5, asks for
        // exponential backoff; the pause never becomes shorter than the service asked.
        _ if error.is_transient() => {
            PollOutcome::Retry((interval * 2).min(MAX_PAUSE).max(interval))
        }
        _ => PollOutcome::Ended(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    fn of(body: &str) -> Result<DeviceAuthorization> {
        read(&Response::new(200, body.to_owned()), NOW)
    }

    #[test]
    fn codes_come_in_numbers_or_digits_and_without_an_interval_it_is_five_seconds() {
        let device = of(r#"{"device_code":"d","user_code":"U","verification_url":"https://p","expires_in":"60","message":"go"}"#).unwrap();
        assert_eq!(
            (device.code.expose(), &*device.user_code, &*device.message),
            ("d", "U", "go")
        );
        assert_eq!(
            (device.expires_on, device.interval),
            (NOW.plus(Duration::from_secs(60)), INTERVAL)
        );
        let device = of(
            r#"{"device_code":"d","user_code":"U","verification_uri":"https://p","interval":7}"#,
        )
        .unwrap();
        assert_eq!(device.interval, Duration::from_secs(7));
        assert!(device.message.contains("https://p") && device.message.contains("the code U"));
        assert!(!format!("{device:?}").contains("\"d\""), "{device:?}");
    }

    #[test]
    fn what_the_user_is_shown_cannot_move_the_cursor_or_reorder_text() {
        let device = of(
            r#"{"device_code":"d","user_code":"\u001b[8mU","verification_uri":"https://p\u202eq","message":"go\u001b]0;x\u0007 to\n\u2066https://p"}"#,
        )
        .unwrap();
        assert_eq!(device.user_code, "[8mU");
        assert_eq!(device.verification_uri, "https://pq");
        assert_eq!(device.message, "go]0;x to\nhttps://p");
    }

    #[test]
    fn a_response_without_a_user_code_is_an_error() {
        let error = of(r#"{"device_code":"d","user_code":""}"#).expect_err("no user code");
        assert!(
            error.to_string().contains("has no device_code, user_code"),
            "{error}"
        );
    }

    #[test]
    fn polls_continue_slow_down_or_end_as_the_error_says() {
        let refused = |oauth: &str| Error::rejected("no").with_oauth_error(Some(oauth));
        let wait = |error: Error| match poll_outcome(error, Duration::from_secs(5)) {
            PollOutcome::Retry(pause) => Some(pause.as_secs()),
            PollOutcome::Ended(_) => None,
        };
        assert_eq!(wait(refused("authorization_pending")), Some(5));
        assert_eq!(wait(refused("slow_down")), Some(10));
        assert_eq!(wait(Error::new(ErrorKind::Timeout, "no answer")), Some(10));
        assert_eq!(wait(refused("authorization_declined")), None);
        assert_eq!(wait(refused("expired_token")), None);
        let slow = Error::new(ErrorKind::Transport, "broken");
        assert!(
            matches!(poll_outcome(slow, Duration::from_secs(90)), PollOutcome::Retry(pause) if pause.as_secs() == 90)
        );
    }
}
