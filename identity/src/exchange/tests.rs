//! Tests of exchanges on a clock that takes no time.

use std::sync::Arc;

use url::Url;

use super::*;
use crate::context::VirtualClock;
use crate::retry::RetryOptions;
use crate::testing::{Answers, START, drive, world};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Runs one exchange and returns its outcome, the number of attempts and the seconds it took.
async fn run(
    policy: &RetryPolicy,
    answer: impl Fn(usize) -> Option<Result<Response>> + Send + Sync + 'static,
) -> (Result<Response>, usize, f64) {
    let clock = VirtualClock::new(START);
    let answers = Answers::new(move |n, _: &Request| answer(n));
    let context = world(&clock, &[], Arc::clone(&answers) as _);
    let request = Request::get(Url::parse("https://h/p?secret=1").unwrap());
    let outcome = drive(&clock, exchange(request, policy, &context)).await;
    let elapsed = context.clock.now().since(START).as_secs_f64();
    (outcome, answers.seen().len(), elapsed)
}

fn status(status: u16) -> Option<Result<Response>> {
    Some(Ok(Response::new(status, "")))
}

fn standard() -> RetryPolicy {
    RetryPolicy::standard(&RetryOptions::default(), TIMEOUT)
}

fn imds() -> RetryPolicy {
    RetryPolicy::imds(&RetryOptions::default(), TIMEOUT)
}

#[tokio::test]
async fn an_outage_is_retried_three_times_with_growing_waits() {
    let (outcome, attempts, elapsed) = run(&standard(), |_| status(503)).await;
    assert_eq!((outcome.unwrap().status, attempts), (503, 4));
    let waits = 0.8 + 1.6 + 3.2;
    assert!(
        elapsed > waits * 0.79 && elapsed < waits * 1.21,
        "{elapsed}"
    );
}

#[tokio::test]
async fn a_refusal_is_not_retried_and_a_late_success_ends_the_retries() {
    let (outcome, attempts, elapsed) = run(&standard(), |_| status(400)).await;
    assert_eq!((outcome.unwrap().status, attempts, elapsed), (400, 1, 0.0));
    let (outcome, attempts, _) = run(&standard(), |n| status(if n < 2 { 429 } else { 200 })).await;
    assert_eq!((outcome.unwrap().status, attempts), (200, 3));
    let (_, attempts, _) = run(&standard(), |_| status(404)).await;
    assert_eq!(attempts, 1, "404 is final outside IMDS");
}

#[tokio::test]
async fn silence_ends_each_attempt_at_its_deadline_and_the_exchange_as_a_timeout() {
    let (outcome, attempts, elapsed) = run(&standard(), |_| None).await;
    let error = outcome.expect_err("silence");
    assert_eq!((error.kind(), attempts), (ErrorKind::Timeout, 4));
    assert!(
        elapsed > 4.0 * 30.0 && elapsed < 4.0 * 30.0 + 6.8,
        "{elapsed}"
    );
    assert!(error.to_string().ends_with("(after 4 attempts)") && error.is_transient());
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn a_broken_connection_is_retried_and_a_permanent_failure_is_not() {
    let broken = |transient| {
        move |_| {
            let error = Error::new(ErrorKind::Transport, "broken");
            Some(Err(error.with_transient(transient)))
        }
    };
    assert_eq!(run(&standard(), broken(true)).await.1, 4);
    assert_eq!(
        run(&imds(), broken(true)).await.1,
        4,
        "where IMDS is not, it stays away"
    );
    assert_eq!(run(&standard(), broken(false)).await.1, 1);
}

#[tokio::test]
async fn imds_is_given_five_retries_and_seventy_seconds_while_it_is_gone() {
    assert_eq!(run(&imds(), |_| status(404)).await.1, 6);
    for _ in 0..20 {
        let (outcome, _, elapsed) = run(&imds(), |_| status(410)).await;
        assert_eq!(outcome.unwrap().status, 410);
        assert!((70.0..=80.0).contains(&elapsed), "{elapsed}");
    }
    let (outcome, ..) = run(&imds(), |n| status(if n < 8 { 410 } else { 200 })).await;
    assert_eq!(outcome.unwrap().status, 200, "back within 70 s");
    let (_, attempts, _) = run(&RetryPolicy::once(TIMEOUT), |_| status(410)).await;
    assert_eq!(attempts, 1);
}

#[tokio::test]
async fn a_request_names_this_library_in_user_agent() {
    let clock = VirtualClock::new(START);
    let answers = Answers::new(|_, _: &Request| status(200));
    let context = world(&clock, &[], Arc::clone(&answers) as _);
    let request = Request::get(Url::parse("https://h").unwrap());
    exchange(request, &standard(), &context).await.unwrap();
    let sent = answers.seen()[0].headers["user-agent"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        sent.starts_with("azsdk-rust-identity/0.") && sent.ends_with(')'),
        "{sent}"
    );
}

#[test]
fn random_fractions_stay_in_their_interval_and_vary() {
    let numbers: Vec<f64> = (0..1000).map(|_| random_fraction()).collect();
    assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
    let mean = numbers.iter().sum::<f64>() / 1000.0;
    assert!((0.4..0.6).contains(&mean), "{mean}");
}
