//! Sign-ins with a device code: the polls, and the ways in which they end.

use std::time::Duration;

use identity::{
    DeviceCodeCredential, DeviceCodeCredentialOptions, Error, ErrorKind, Result, context::Response,
};
use serde_json::json;

use crate::service::{APP, TENANT, ok, refused, tokens};
use crate::user_machine::UserMachine;

const SCOPE: &str = "https://r.example/.default";

fn codes() -> serde_json::Value {
    json!({
        "device_code": "dev1ce", "user_code": "USERCODE1", "verification_uri": "https://page.example",
        "expires_in": 900, "interval": 5, "message": "Go there and type it.",
    })
}

/// Returns a machine whose service gives codes and answers the polls by their number.
fn polled(poll: impl Fn(usize) -> Result<Response> + Send + Sync + 'static) -> UserMachine {
    UserMachine::answering(move |_, number, _| match number {
        0 => ok(&codes()),
        poll_number => poll(poll_number),
    })
}

fn credential(machine: &UserMachine, timeout: Option<u64>) -> DeviceCodeCredential {
    DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
        client_id: Some(APP.into()),
        tenant_id: Some(TENANT.into()),
        timeout: timeout.map(Duration::from_secs),
        options: machine.options(),
        ..Default::default()
    })
    .unwrap()
}

fn times(machine: &UserMachine) -> Vec<u64> {
    machine.sent().iter().skip(1).map(|(at, _)| *at).collect()
}

/// The Python library caches a token of this flow only if the response repeats its scopes.
#[tokio::test]
async fn a_token_is_cached_though_its_answer_names_no_scope() {
    let machine = polled(|_| ok(&tokens("u", None)));
    let credential = credential(&machine, None);
    for _ in 0..2 {
        let token = machine
            .finish(credential.get_token(&[SCOPE]))
            .await
            .unwrap();
        assert_eq!(token.token(), "access-u");
    }
    assert_eq!(machine.sent().len(), 2, "a code and its token");
}

#[tokio::test]
async fn polls_keep_the_pause_and_slow_down_when_told() {
    let machine = polled(|number| match number {
        1 | 2 | 4 => refused("authorization_pending"),
        3 => refused("slow_down"),
        _ => ok(&tokens("u", None)),
    });
    let token = machine
        .finish(credential(&machine, None).get_token(&[SCOPE]))
        .await
        .unwrap();
    assert_eq!(token.token(), "access-u");
    assert_eq!(times(&machine), [0, 5, 10, 20, 30]);
    assert_eq!(machine.messages(), ["Go there and type it."]);
    let (_, asked) = &machine.sent()[0];
    assert_eq!(
        asked["scope"],
        format!("{SCOPE} openid profile offline_access")
    );
    let (_, poll) = &machine.sent()[1];
    assert_eq!((&*poll["device_code"], poll.get("scope")), ("dev1ce", None));
}

#[tokio::test]
async fn waiting_for_a_user_ends_with_the_lifetime_of_the_code_or_sooner() {
    for (timeout, end) in [(None, 900), (Some(12), 12), (Some(10_000), 900)] {
        let machine = polled(|_| refused("authorization_pending"));
        let error = machine
            .finish(credential(&machine, timeout).get_token(&[SCOPE]))
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
        assert_eq!(machine.elapsed(), end);
    }
}

#[tokio::test]
async fn a_decision_of_the_user_or_the_service_ends_the_waiting_at_once() {
    for (oauth, kind) in [
        ("authorization_declined", ErrorKind::ClientAuthentication),
        ("bad_verification_code", ErrorKind::ClientAuthentication),
        ("expired_token", ErrorKind::Timeout),
    ] {
        let machine = polled(move |_| refused(oauth));
        let error = machine
            .finish(credential(&machine, None).get_token(&[SCOPE]))
            .await
            .expect_err(oauth);
        assert_eq!((error.kind(), error.oauth_error()), (kind, Some(oauth)));
        assert_eq!((machine.elapsed(), times(&machine).len()), (0, 1));
    }
}

#[tokio::test]
async fn a_connection_that_is_lost_and_comes_back_loses_nothing() {
    let machine = polled(|number| match number {
        1..=4 => Err(Error::new(ErrorKind::Transport, "connection lost")),
        _ => ok(&tokens("u", None)),
    });
    let token = machine
        .finish(credential(&machine, None).get_token(&[SCOPE]))
        .await
        .unwrap();
    assert_eq!(token.token(), "access-u");
}

#[tokio::test]
async fn a_service_that_gives_no_code_says_why() {
    let machine = UserMachine::answering(|_, _, _| refused("unauthorized_client"));
    let error = machine
        .finish(credential(&machine, None).get_token(&[SCOPE]))
        .await
        .expect_err("no code");
    assert!(
        error
            .to_string()
            .starts_with("Couldn't begin authentication: "),
        "{error}"
    );
    assert_eq!(error.oauth_error(), Some("unauthorized_client"));
    assert!(machine.messages().is_empty());
}

#[tokio::test]
async fn a_call_that_is_dropped_polls_no_more() {
    let machine = polled(|_| refused("authorization_pending"));
    let credential = credential(&machine, None);
    let mut call = Box::pin(credential.get_token(&[SCOPE]));
    assert!(machine.settle(&mut call).await.is_none());
    assert_eq!(times(&machine), [0]);
    drop(call);
    machine.pass(60);
    tokio::task::yield_now().await;
    assert_eq!(times(&machine), [0]);
}

#[tokio::test]
async fn callers_of_other_scopes_share_a_refusal_and_are_not_asked_in_series() {
    let machine = polled(|_| refused("authorization_declined"));
    let credential = credential(&machine, None);
    let scopes = ["a", "b", "c"].map(|scope| [scope]);
    let calls = scopes.iter().map(|scopes| credential.get_token(scopes));
    for outcome in machine.finish(futures_util::future::join_all(calls)).await {
        assert_eq!(
            outcome.expect_err("declined").oauth_error(),
            Some("authorization_declined")
        );
    }
    assert_eq!(machine.messages().len(), 1);
}
