//! The faults of a response, as scripts of the emulator.

use std::time::Duration;

use identity_emulator::{Drip, Reply};
use serde_json::{Value, json};

use crate::worlds::SECRET;

/// The effect of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// No complete response arrives.
    Broken,
    /// No response arrives in time.
    Late,
    /// The response, with this status, is a refusal or has no meaning.
    Refused(u16),
    /// The response still has a good token.
    Taken,
}

pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) reply: Reply,
    pub(crate) end: End,
}

impl Fault {
    /// Returns how long to wait for a response.
    pub(crate) fn patience(&self) -> Duration {
        match self.end {
            End::Late => Duration::from_millis(50),
            _ => Duration::from_secs(20),
        }
    }
}

/// Returns the text that an indiscreet service repeats: a token, and the secret it was sent.
fn echo(secretive: bool) -> String {
    let secret = if secretive { SECRET } else { "" };
    format!("\u{0}{secret} eyJ{SECRET}")
}

const STATUSES: [u16; 20] = [
    201, 204, 400, 401, 403, 404, 405, 407, 408, 409, 410, 413, 418, 422, 429, 500, 501, 502, 503,
    504,
];

/// Returns all faults of a service that may have been sent a secret. Redirects lead to `elsewhere`.
pub(crate) fn faults(secretive: bool, elsewhere: &str) -> Vec<Fault> {
    let echo = echo(secretive);
    let mut all = connections();
    all.extend(answers(&echo));
    all.extend(STATUSES.map(|number| status(number, &echo)));
    all.extend([301, 302, 303, 307, 308].map(|status| redirect(status, elsewhere)));
    all
}

/// Returns the faults of the connection.
fn connections() -> Vec<Fault> {
    let plain = Reply::default;
    let drip = |bytes, every_ms| Some(Drip { bytes, every_ms });
    vec![
        fault(
            "an end without an answer",
            End::Broken,
            Reply {
                drop: true,
                ..plain()
            },
        ),
        fault(
            "a reset",
            End::Broken,
            Reply {
                reset: true,
                ..plain()
            },
        ),
        fault(
            "half an answer",
            End::Broken,
            Reply {
                truncate: Some(10),
                ..text(&"x".repeat(100))
            },
        ),
        fault(
            "a reset in the middle",
            End::Broken,
            Reply {
                truncate: Some(10),
                reset: true,
                ..text(&"x".repeat(100))
            },
        ),
        fault("a huge answer", End::Broken, text(&"x".repeat(2 << 20))),
        fault(
            "silence",
            End::Late,
            Reply {
                silent: true,
                ..plain()
            },
        ),
        fault(
            "an answer in a minute",
            End::Late,
            Reply {
                delay_ms: 60_000,
                ..plain()
            },
        ),
        fault(
            "a drip",
            End::Late,
            Reply {
                drip: drip(1, 40),
                ..text(&"x".repeat(1000))
            },
        ),
    ]
}

/// Returns the faults of the content.
fn answers(echo: &str) -> Vec<Fault> {
    let page = |status| Reply {
        status: Some(status),
        html: Some(format!("<html>{echo}")),
        ..Reply::default()
    };
    let typed = |kind: &str| Reply {
        headers: [("content-type".to_owned(), kind.to_owned())].into(),
        ..text(&token(json!({})).to_string())
    };
    vec![
        fault("garbage", End::Refused(200), text(echo)),
        fault("nothing", End::Refused(200), text("")),
        fault("another kind of JSON", End::Refused(200), said(json!([7]))),
        fault(
            "no token",
            End::Refused(200),
            said(json!({ "expires_in": 3600 })),
        ),
        fault(
            "an old token",
            End::Refused(200),
            said(token(json!({ "expires_in": 0, "oidcToken": "" }))),
        ),
        fault(
            "an error that says it is none",
            End::Refused(200),
            said(token(json!({ "error": echo, "oidcToken": "" }))),
        ),
        fault("a page", End::Refused(200), page(200)),
        fault("a page of a proxy", End::Refused(502), page(502)),
        fault("a refusal", End::Refused(400), refusal(echo)),
        fault(
            "a token that is no JSON by its type",
            End::Taken,
            typed("text/html"),
        ),
        fault("a token without a type", End::Taken, typed("x")),
        fault(
            "a clock long ago",
            End::Taken,
            said(token(json!({ "expires_on": 1 }))),
        ),
        fault(
            "a clock far ahead",
            End::Taken,
            said(token(json!({ "expires_on": 4_102_444_800_u64 }))),
        ),
    ]
}

fn refusal(echo: &str) -> Reply {
    Reply {
        status: Some(400),
        ..said(json!({ "error": "invalid_request", "error_description": echo }))
    }
}

fn status(status: u16, echo: &str) -> Fault {
    let reply = Reply {
        status: Some(status),
        ..text(if status == 204 { "" } else { echo })
    };
    fault(&format!("status {status}"), End::Refused(status), reply)
}

fn redirect(status: u16, elsewhere: &str) -> Fault {
    let reply = Reply {
        status: Some(status),
        headers: [("location".to_owned(), elsewhere.to_owned())].into(),
        ..Reply::default()
    };
    fault(&format!("redirect {status}"), End::Refused(status), reply)
}

/// Returns a good response for any request, with `changes` made to it.
fn token(changes: Value) -> Value {
    let mut answer = json!({
        "access_token": "t",
        "expires_in": 3600,
        "token_type": "Bearer",
        "oidcToken": "o",
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        answer[name] = value.clone();
    }
    answer
}

fn fault(name: &str, end: End, reply: Reply) -> Fault {
    let name = name.to_owned();
    Fault { name, reply, end }
}

fn text(text: &str) -> Reply {
    Reply {
        body: Some(text.to_owned()),
        ..Reply::default()
    }
}

fn said(answer: Value) -> Reply {
    Reply {
        json: Some(answer),
        ..Reply::default()
    }
}
