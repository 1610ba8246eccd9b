//! Device codes: polls, and what ends them.

use std::time::Duration;

use identity::{
    DeviceCodeCredential, DeviceCodeCredentialOptions, Error, ErrorKind, Result, context::Response,
};
use serde_json::json;

use crate::desk::Desk;
use crate::service::{APP, TENANT, ok, refused, tokens};

const SCOPE: &str = "https://r.example/.default";

fn codes() -> serde_json::Value {
    json!({
        "device_code": "dev1ce", "user_code": "USERCODE1", "verification_uri": "https://page.example",
        "expires_in": 900, "interval": 5, "message": "Go there and type it.",
    })
}

/// A service that gives codes and answers the polls after that by their number.
fn polled(poll: impl Fn(usize) -> Result<Response> + Send + Sync + 'static) -> Desk {
    Desk::answering(move |_, number, _| match number {
        0 => ok(&codes()),
        poll_number => poll(poll_number),
    })
}

fn credential(desk: &Desk, timeout: Option<u64>) -> DeviceCodeCredential {
    DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
        client_id: Some(APP.into()),
        tenant_id: Some(TENANT.into()),
        timeout: timeout.map(Duration::from_secs),
        options: desk.options(),
        ..Default::default()
    })
    .unwrap()
}

fn times(desk: &Desk) -> Vec<u64> {
    desk.sent().iter().skip(1).map(|(at, _)| *at).collect()
}

/// Python keeps a token of this flow only if the answer repeats its scopes.
#[tokio::test]
async fn a_token_is_kept_though_its_answer_names_no_scope() {
    let desk = polled(|_| ok(&tokens("u", None)));
    let credential = credential(&desk, None);
    for _ in 0..2 {
        let token = desk.finish(credential.get_token(&[SCOPE])).await.unwrap();
        assert_eq!(token.token(), "access-u");
    }
    assert_eq!(desk.sent().len(), 2, "a code and its token");
}

#[tokio::test]
async fn polls_keep_the_pause_and_slow_down_when_told() {
    let desk = polled(|number| match number {
        1 | 2 | 4 => refused("authorization_pending"),
        3 => refused("slow_down"),
        _ => ok(&tokens("u", None)),
    });
    let token = desk
        .finish(credential(&desk, None).get_token(&[SCOPE]))
        .await
        .unwrap();
    assert_eq!(token.token(), "access-u");
    assert_eq!(times(&desk), [0, 5, 10, 20, 30]);
    assert_eq!(desk.told(), ["Go there and type it."]);
    let (_, asked) = &desk.sent()[0];
    assert_eq!(
        asked["scope"],
        format!("{SCOPE} openid profile offline_access")
    );
    let (_, poll) = &desk.sent()[1];
    assert_eq!((&*poll["device_code"], poll.get("scope")), ("dev1ce", None));
}

#[tokio::test]
async fn a_user_who_does_not_come_ends_the_waiting_with_the_code_or_sooner() {
    for (timeout, end) in [(None, 900), (Some(12), 12), (Some(10_000), 900)] {
        let desk = polled(|_| refused("authorization_pending"));
        let error = desk
            .finish(credential(&desk, timeout).get_token(&[SCOPE]))
            .await
            .expect_err("nobody");
        assert_eq!(
            error.to_string(),
            "Timed out waiting for user to authenticate"
        );
        assert_eq!(
            (error.kind(), error.is_transient()),
            (ErrorKind::Timeout, false)
        );
        assert_eq!(desk.elapsed(), end);
    }
}

#[tokio::test]
async fn what_the_user_and_the_service_decide_ends_the_waiting_at_once() {
    for (oauth, kind) in [
        ("authorization_declined", ErrorKind::ClientAuthentication),
        ("bad_verification_code", ErrorKind::ClientAuthentication),
        ("expired_token", ErrorKind::Timeout),
    ] {
        let desk = polled(move |_| refused(oauth));
        let error = desk
            .finish(credential(&desk, None).get_token(&[SCOPE]))
            .await
            .expect_err(oauth);
        assert_eq!((error.kind(), error.oauth_error()), (kind, Some(oauth)));
        assert_eq!((desk.elapsed(), times(&desk).len()), (0, 1));
    }
}

#[tokio::test]
async fn a_connection_that_is_lost_and_comes_back_loses_nothing() {
    let desk = polled(|number| match number {
        1..=4 => Err(Error::new(ErrorKind::Transport, "connection lost")),
        _ => ok(&tokens("u", None)),
    });
    let token = desk
        .finish(credential(&desk, None).get_token(&[SCOPE]))
        .await
        .unwrap();
    assert_eq!(token.token(), "access-u");
}

#[tokio::test]
async fn a_service_that_gives_no_code_says_why() {
    let desk = Desk::answering(|_, _, _| refused("unauthorized_client"));
    let error = desk
        .finish(credential(&desk, None).get_token(&[SCOPE]))
        .await
        .expect_err("no code");
    assert!(
        error
            .to_string()
            .starts_with("Couldn't begin authentication: "),
        "{error}"
    );
    assert_eq!(error.oauth_error(), Some("unauthorized_client"));
    assert!(desk.told().is_empty());
}

#[tokio::test]
async fn a_call_that_is_dropped_polls_no_more() {
    let desk = polled(|_| refused("authorization_pending"));
    let credential = credential(&desk, None);
    let mut call = Box::pin(credential.get_token(&[SCOPE]));
    assert!(desk.settle(&mut call).await.is_none());
    assert_eq!(times(&desk), [0]);
    drop(call);
    desk.pass(60);
    tokio::task::yield_now().await;
    assert_eq!(times(&desk), [0]);
}

#[tokio::test]
async fn callers_of_other_scopes_share_a_refusal_and_are_not_asked_in_series() {
    let desk = polled(|_| refused("authorization_declined"));
    let credential = credential(&desk, None);
    let scopes = ["a", "b", "c"].map(|scope| [scope]);
    let calls = scopes.iter().map(|scopes| credential.get_token(scopes));
    for outcome in desk.finish(futures_util::future::join_all(calls)).await {
        assert_eq!(
            outcome.expect_err("declined").oauth_error(),
            Some("authorization_declined")
        );
    }
    assert_eq!(desk.told().len(), 1);
}
