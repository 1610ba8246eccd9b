//! Tests of cache, sharing and refresh with a clock that takes no time.

mod interleavings;
mod model;
mod rig;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{BoxFuture, FutureExt, join_all};

use self::rig::{HOUR, LATENCY, Rig};
use crate::context::{Clock, Context, Spawn};
use crate::error::{ErrorKind, Result};
use crate::testing::{START, drive};
use crate::token::{AccessToken, TokenRequest, TokenRequestOptions};

async fn stampede(rig: &Rig) -> Vec<Result<AccessToken>> {
    let arrived = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..10_000)
        .map(|_| {
            let (pipeline, arrived) = (rig.pipeline.clone(), Arc::clone(&arrived));
            tokio::spawn(async move {
                arrived.fetch_add(1, Ordering::SeqCst);
                pipeline.get_token(&["s"]).await
            })
        })
        .collect();
    while arrived.load(Ordering::SeqCst) < 10_000 {
        tokio::task::yield_now().await;
    }
    let ended = drive(&rig.clock, join_all(tasks)).await;
    ended.into_iter().map(|task| task.unwrap()).collect()
}

#[tokio::test]
async fn ten_thousand_callers_make_one_request_and_share_its_token() {
    let rig = Rig::new(HOUR);
    assert!(
        stampede(&rig)
            .await
            .iter()
            .all(|t| t.as_ref().is_ok_and(|t| t.token() == "t0"))
    );
    assert_eq!(rig.calls(), 1);
}

#[tokio::test]
async fn ten_thousand_callers_make_one_request_and_share_its_failure() {
    let rig = Rig::new(HOUR);
    rig.fail(true);
    let failed = |t: &Result<AccessToken>| t.as_ref().is_err_and(|e| e.to_string() == "failure 0");
    assert!(stampede(&rig).await.iter().all(failed));
    assert_eq!(rig.calls(), 1);
    assert_eq!(rig.text().await, "failure 1", "a later caller asks again");
}

#[tokio::test]
async fn no_caller_joins_a_fetch_that_has_ended_even_while_another_has_yet_to_look() {
    let rig = Rig::new(HOUR);
    rig.fail(true);
    let mut late = Box::pin(rig.pipeline.get_token(&["s"]));
    assert!(futures_util::poll!(&mut late).is_pending());
    assert_eq!(rig.text().await, "failure 0");
    assert_eq!(rig.text().await, "failure 1");
    assert_eq!(late.await.expect_err("shared").to_string(), "failure 0");
}

#[tokio::test]
async fn when_the_caller_that_drives_leaves_another_goes_on_with_the_same_request() {
    let rig = Rig::new(HOUR);
    let mut driver = Box::pin(rig.pipeline.get_token(&["s"]));
    assert!(futures_util::poll!(&mut driver).is_pending());
    let mut follower = Box::pin(rig.pipeline.get_token(&["s"]));
    assert!(futures_util::poll!(&mut follower).is_pending());
    drop(driver);
    assert_eq!(drive(&rig.clock, follower).await.unwrap().token(), "t0");
    assert_eq!(rig.calls(), 1);
    assert_eq!(rig.clock.now().since(START), LATENCY, "nothing began anew");
}

#[tokio::test]
async fn when_everybody_leaves_the_request_is_dropped() {
    let rig = Rig::new(HOUR);
    let mut only = Box::pin(rig.pipeline.get_token(&["s"]));
    assert!(futures_util::poll!(&mut only).is_pending());
    drop(only);
    assert_eq!(
        rig.clock.advance_to_next(),
        None,
        "no one waits for an answer any more"
    );
    assert_eq!(rig.text().await, "t1");
}

#[tokio::test]
async fn past_half_of_a_long_life_one_refresh_runs_behind_the_valid_token() {
    let rig = Rig::new(24 * HOUR);
    assert_eq!(rig.text().await, "t0");
    rig.pass(13 * HOUR);
    for _ in 0..100 {
        let token = rig
            .pipeline
            .get_token(&["s"])
            .now_or_never()
            .expect("no waiting");
        assert_eq!(token.unwrap().token(), "t0");
    }
    rig.idle().await;
    assert_eq!((rig.text().await.as_str(), rig.calls()), ("t1", 2));
}

#[tokio::test]
async fn a_failing_refresh_keeps_the_valid_token_and_is_not_tried_again_for_thirty_seconds() {
    let rig = Rig::new(24 * HOUR);
    assert_eq!(rig.text().await, "t0");
    rig.pass(13 * HOUR);
    rig.fail(true);
    for round in 1..=3 {
        for _ in 0..10 {
            assert_eq!(rig.text().await, "t0");
            rig.idle().await;
        }
        assert_eq!(rig.calls(), 1 + round);
        rig.pass(31);
    }
    rig.pass(12 * HOUR);
    assert!(
        rig.text().await.starts_with("failure"),
        "an expired token is not served"
    );
}

#[tokio::test]
async fn in_the_last_five_minutes_callers_wait_and_get_the_valid_token_if_that_fails() {
    let rig = Rig::new(HOUR);
    assert_eq!(rig.text().await, "t0");
    rig.pass(HOUR - 200);
    rig.fail(true);
    assert_eq!((rig.text().await.as_str(), rig.calls()), ("t0", 2));
    assert_eq!(
        (rig.text().await.as_str(), rig.calls()),
        ("t0", 2),
        "it is not tried again yet"
    );
    rig.pass(31);
    rig.fail(false);
    assert_eq!(
        (rig.text().await.as_str(), rig.calls()),
        ("t2", 3),
        "waited for"
    );
}

#[tokio::test]
async fn a_short_token_is_served_to_its_end_without_a_stampede() {
    let rig = Rig::new(60);
    for second in 0..60 {
        assert!(rig.text().await.starts_with('t'), "{second}");
        rig.pass(1);
    }
    assert!(rig.calls() <= 3, "{} requests in a minute", rig.calls());
}

#[tokio::test]
async fn without_a_runtime_the_caller_refreshes_itself_and_still_gets_a_valid_token() {
    #[derive(Debug)]
    struct Nowhere;
    impl Spawn for Nowhere {
        fn spawn(&self, task: BoxFuture<'static, ()>) -> Option<BoxFuture<'static, ()>> {
            Some(task)
        }
    }
    let nowhere = |context| Context {
        spawn: Arc::new(Nowhere),
        ..context
    };
    let rig = Rig::with(24 * HOUR, false, nowhere);
    assert_eq!(rig.text().await, "t0");
    rig.pass(13 * HOUR);
    assert_eq!(rig.text().await, "t1");
    rig.pass(13 * HOUR);
    rig.fail(true);
    assert_eq!(rig.text().await, "t1");
}

#[tokio::test]
async fn one_scope_does_not_wait_for_another() {
    let rig = Rig::new(HOUR);
    assert_eq!(rig.get("a").await.unwrap(), "t0");
    let mut slow = Box::pin(rig.pipeline.get_token(&["b"]));
    assert!(futures_util::poll!(&mut slow).is_pending());
    let cached = rig
        .pipeline
        .get_token(&["a"])
        .now_or_never()
        .expect("at once");
    assert_eq!(cached.unwrap().token(), "t0");
    assert_eq!(drive(&rig.clock, slow).await.unwrap().token(), "t1");
}

#[tokio::test]
async fn a_panic_is_an_error_for_all_callers_and_has_a_kind_of_its_own() {
    let rig = Rig::with(HOUR, true, |context| context);
    let (a, b) = (
        rig.pipeline.get_token(&["s"]),
        rig.pipeline.get_token(&["s"]),
    );
    let (a, b) = drive(&rig.clock, futures_util::future::join(a, b)).await;
    for error in [a.expect_err("panicked"), b.expect_err("panicked")] {
        assert!(
            error.to_string().starts_with("FakeCredential: a panic"),
            "{error}"
        );
        assert_eq!(error.kind(), ErrorKind::Panicked);
    }
}

#[tokio::test]
async fn a_token_for_claims_replaces_the_one_without_but_not_another_tenants() {
    let rig = Rig::new(HOUR);
    let with = |tenant: Option<&str>, claims: Option<&str>| {
        let (tenant_id, claims) = (tenant.map(str::to_owned), claims.map(str::to_owned));
        let options = TokenRequestOptions {
            tenant_id,
            claims,
            ..Default::default()
        };
        TokenRequest::with_options(&["s"], options).unwrap()
    };
    let get = async |request| {
        drive(&rig.clock, rig.pipeline.get_token_with(&request))
            .await
            .unwrap()
            .token()
            .to_owned()
    };
    assert_eq!(get(with(None, None)).await, "t0");
    assert_eq!(get(with(Some("x"), None)).await, "t1");
    assert_eq!(get(with(None, Some("{}"))).await, "t2");
    assert_eq!(get(with(None, Some("{}"))).await, "t2");
    assert_eq!(get(with(None, None)).await, "t2");
    assert_eq!(get(with(Some("x"), None)).await, "t1");
}

#[tokio::test]
async fn a_malformed_request_reaches_no_source() {
    let rig = Rig::new(HOUR);
    for scopes in [&[][..], &[""], &["a b"]] {
        let error = rig.pipeline.get_token(scopes).await.expect_err("malformed");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(rig.calls(), 0);
}

#[tokio::test]
async fn a_token_of_seconds_is_replaced_before_its_end_and_kept_if_that_fails() {
    let rig = Rig::new(20);
    assert_eq!(rig.text().await, "t0");
    rig.pass(9);
    assert_eq!((rig.text().await.as_str(), rig.calls()), ("t0", 1));
    rig.fail(true);
    rig.pass(1);
    assert_eq!((rig.text().await.as_str(), rig.calls()), ("t0", 2));
    rig.pass(11);
    assert_eq!(rig.text().await, "failure 2", "it has expired");
}
