//! How Azure Pipelines says no.

use axum::response::Response;
use http::StatusCode;
use http::header::{HeaderName, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::exchange::reply;
use crate::exchange::request::Call;

/// Why there is no token.
#[derive(Debug)]
pub(super) enum PipelinesRefusal {
    /// Nobody's access token, or none; whether there was any `Authorization`.
    Stranger { sent: bool },
    /// Anything but POST.
    Method,
    /// No `api-version`.
    NoVersion,
    /// An `api-version` that does not exist.
    Version(String),
    /// A service connection the job does not use.
    Connection(String),
}

/// The newest version of the API.
const NEWEST: &str = "7.2";
/// Versions that have tokens, with or without `-preview` behind them.
const VERSIONS: [&str; 2] = ["7.1", NEWEST];

/// Refuses a request that names no version of the API with tokens.
pub(super) fn check_version(call: &Call) -> Result<(), PipelinesRefusal> {
    let accept = call.header("accept");
    let accepted = accept.and_then(|accept| accept.split_once("api-version="));
    let accepted = accepted.and_then(|(_, rest)| rest.split([';', ',']).next());
    let version = call.query("api-version").or(accepted);
    let Some(version) = version.filter(|version| !version.is_empty()) else {
        return Err(PipelinesRefusal::NoVersion);
    };
    let plain = version.split("-preview").next().unwrap_or_default();
    if VERSIONS.contains(&plain) {
        return Ok(());
    }
    Err(PipelinesRefusal::Version(version.to_owned()))
}

impl PipelinesRefusal {
    pub(super) fn reply(self, call: &Call) -> Response {
        match self {
            Self::Stranger { sent } => stranger(call, sent),
            Self::Method => {
                let method = &call.method;
                let text =
                    format!("The requested resource does not support http method '{method}'.");
                let body = json!({ "count": 1, "value": { "Message": text } });
                reply::json(StatusCode::METHOD_NOT_ALLOWED, &body)
            }
            Self::NoVersion => {
                let text = format!(
                    "No api-version was supplied for the \"{}\" request. The version must be \
                     supplied either as part of the Accept header (e.g. \"application/json; \
                     api-version=1.0\") or as a query parameter (e.g. \"?api-version=1.0\").",
                    call.method
                );
                error("VssVersionNotSpecifiedException", &text)
            }
            Self::Version(version) => {
                let text = format!(
                    "The requested REST API version of {version} is out of range for this server. \
                     The latest REST API version this server supports is {NEWEST}."
                );
                error("VssVersionOutOfRangeException", &text)
            }
            Self::Connection(id) => {
                let text = format!(
                    "There is no explicit reference to service connection {id} from current stage \
                     __default."
                );
                // A text is wrapped, with its length. No source has the status.
                let body = json!({ "count": text.chars().count(), "value": text });
                reply::json(StatusCode::NOT_FOUND, &body)
            }
        }
    }
}

/// Programs that ask for it get a status. Others are sent to sign in: at once if they name nobody,
/// by a page with a status of its own if the service cannot make sense of whom they name.
fn stranger(call: &Call, sent: bool) -> Response {
    let wanted = call.header(REDIRECT).unwrap_or_default();
    if wanted.eq_ignore_ascii_case("suppress") {
        let text = "TF400813: The user '' is not authorized to access this resource.";
        let body = vss("UnauthorizedRequestException", text);
        let mut response = reply::json(StatusCode::UNAUTHORIZED, &body);
        for challenge in CHALLENGES {
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().append(WWW_AUTHENTICATE, challenge);
        }
        return response;
    }
    if sent {
        return sign_in_page(StatusCode::NON_AUTHORITATIVE_INFORMATION);
    }
    let url = sign_in_url(call);
    let page = format!(
        "<html><head><title>Object moved</title></head><body>\r\n\
         <h2>Object moved to <a href=\"{}\">here</a>.</h2>\r\n</body></html>\r\n",
        url.replace('&', "&amp;")
    );
    let mut response = reply::html(StatusCode::FOUND, page);
    let headers = response.headers_mut();
    reply::set(headers, LOCATION, &url);
    reply::set(headers, HeaderName::from_static(REDIRECT), &url);
    response
}

const REDIRECT: &str = "x-tfs-fedauthredirect";
const CHALLENGES: [&str; 3] = [
    "Bearer",
    "Basic realm=\"https://dev.azure.com/\"",
    "TFS-Federated",
];

/// Here instead of `spsprodcus3.vssps.visualstudio.com`: tests are not to leave the machine.
fn sign_in_url(call: &Call) -> String {
    let back = format!("{}{}", call.origin, call.path);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("realm", "dev.azure.com")
        .append_pair("reply_to", &back)
        .finish();
    format!("{}/pipelines/_signin?{query}", call.origin)
}

pub(super) fn sign_in_page(status: StatusCode) -> Response {
    let page = "<!DOCTYPE html>\r\n<html lang=\"en-US\">\r\n\
        <head><title>Azure DevOps Services | Sign In</title></head>\r\n\
        <body><h1>Sign in</h1><p>This page is for people: the access token was not accepted.</p>\
        </body>\r\n</html>\r\n";
    reply::html(status, page.to_owned())
}

fn error(kind: &str, text: &str) -> Response {
    reply::json(StatusCode::BAD_REQUEST, &vss(kind, text))
}

/// An exception as the service writes it down.
fn vss(kind: &str, text: &str) -> Value {
    const SPACE: &str = "Microsoft.VisualStudio.Services.WebApi";
    json!({
        "$id": "1",
        "innerException": null,
        "message": text,
        "typeName": format!("{SPACE}.{kind}, {SPACE}"),
        "typeKey": kind,
        "errorCode": 0,
        "eventId": 3000,
    })
}
