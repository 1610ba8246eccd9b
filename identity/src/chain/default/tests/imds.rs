//! The default chain and what answers, or does not, at the address of IMDS.

use super::*;
use crate::context::{Context, UnixTime};
use crate::testing::Programs;

/// The answer of IMDS to a request without the header `Metadata`.
const NO_HEADER: &str =
    r#"{"error":"invalid_request","error_description":"Required metadata header not specified"}"#;

/// A machine whose IMDS, or what is at its address, behaves like this.
#[derive(Debug)]
struct Machine {
    clock: VirtualClock,
    connects: bool,
    /// The time from a connection to its answer.
    delay: Duration,
    /// The time at which the service starts.
    starts: UnixTime,
    /// The answer to the check and to the request for a token.
    answers: [(u16, &'static str); 2],
}

impl Machine {
    fn answering(check: (u16, &'static str), token: (u16, &'static str)) -> Self {
        Self {
            clock: VirtualClock::new(START),
            connects: true,
            delay: Duration::ZERO,
            starts: START,
            answers: [check, token],
        }
    }

    fn of_azure() -> Self {
        Self::answering((400, NO_HEADER), (200, TOKEN))
    }
}

impl Transport for Machine {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        let failed = |kind, text: &str| Err(Error::new(kind, text));
        async move {
            if self.clock.now() < self.starts {
                return failed(ErrorKind::Transport, "connection refused");
            }
            if !self.connects {
                let limit = request.connect_timeout.unwrap_or(Duration::from_secs(2));
                self.clock.sleep(limit).await;
                return failed(ErrorKind::Timeout, "no connection");
            }
            self.clock.sleep(self.delay).await;
            let is_real = request.headers.contains_key("metadata");
            let (status, body) = self.answers[usize::from(is_real)];
            Ok(Response::new(status, body))
        }
        .boxed()
    }
}

/// The default chain on `machine`, where somebody is signed in to `az`, with these variables.
fn chain(machine: Machine, variables: &[(&str, &str)]) -> (DefaultAzureCredential, VirtualClock) {
    let clock = machine.clock.clone();
    let az = r#"{"accessToken":"of az","expires_on":4070908800}"#;
    let context = Context {
        processes: Programs::new(&["az"], move |_| (0, az, "")) as _,
        ..world(&clock, variables, Arc::new(machine))
    };
    let options = Options {
        context,
        ..Options::default()
    };
    let options = DefaultAzureCredentialOptions {
        options,
        ..Default::default()
    };
    (
        DefaultAzureCredential::with_options(options).unwrap(),
        clock,
    )
}

/// The outcome of a call, and the seconds it took.
async fn outcome(
    (credential, clock): &(DefaultAzureCredential, VirtualClock),
) -> (Result<String, Error>, f64) {
    let began = clock.now();
    let token = drive(clock, credential.get_token(&["https://r/.default"])).await;
    let took = clock.now().since(began).as_secs_f64();
    (token.map(|token| token.token().to_owned()), took)
}

const PROD: &[(&str, &str)] = &[(SELECTION, "prod")];

#[tokio::test]
async fn whatever_is_not_imds_at_its_address_is_passed_over_at_once() {
    for (status, body) in [
        (404, "<html>404 - Not Found</html>"),
        (404, "404 Not Found\n\nThe resource could not be found.\n"),
        (404, ""),
        (404, r#"{"message":"no such page"}"#),
        (401, "<html>401 - Unauthorized</html>"),
        (403, "<html>Forbidden</html>"),
        (
            403,
            "connecting to 169.254.169.254:80: connectex: Det ble forsøkt",
        ),
        (
            403,
            r#"{"error":"connecting to 169.254.169.254:80: Det ble forsøkt"}"#,
        ),
        (200, "<html>spam</html>"),
        (410, ""),
        (429, ""),
        (503, "<html>Service Unavailable</html>"),
    ] {
        let dev = chain(Machine::answering((status, body), (status, body)), &[]);
        let (token, took) = outcome(&dev).await;
        assert_eq!(token.unwrap(), "of az", "{status} {body}");
        assert!(took < 0.01, "{status} {body}: {took} s");
        let prod = chain(Machine::answering((status, body), (status, body)), PROD);
        let error = outcome(&prod).await.0.expect_err(body);
        let error = error.attempts()[2].error();
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable, "{error}");
        let text = error.to_string();
        assert!(
            text.contains("169.254.169.254") && text.contains(&format!("HTTP {status}")),
            "{text}"
        );
        assert!(!text.contains("proxy"), "{text}");
    }
}

#[tokio::test]
async fn an_answer_that_only_the_real_request_gets_is_judged_by_who_sent_it() {
    // A gateway that answers in JSON, and IMDS itself that fails.
    let foreign = Machine::answering((400, NO_HEADER), (404, "<html>404</html>"));
    assert_eq!(outcome(&chain(foreign, &[])).await.0.unwrap(), "of az");
    let failing = r#"{"error":"server_error","error_description":"try later"}"#;
    let own = Machine::answering((400, NO_HEADER), (500, failing));
    let error = outcome(&chain(own, &[]))
        .await
        .0
        .expect_err("ends the chain");
    assert_eq!(error.kind(), ErrorKind::ClientAuthentication);
    assert!(
        error.is_transient() && error.attempts().len() == 3,
        "{error}"
    );
}

#[tokio::test]
async fn a_slow_imds_is_waited_for_and_a_missing_one_is_not() {
    for (seconds, variables, token) in [
        (0.5, &[][..], Some("t")),
        (1.5, &[], Some("t")),
        (4.0, &[], Some("t")),
        (6.0, &[], Some("of az")),
        (4.0, PROD, Some("t")),
        (20.0, PROD, Some("t")),
        (60.0, PROD, None),
    ] {
        let mut machine = Machine::of_azure();
        machine.delay = Duration::from_secs_f64(seconds);
        let (result, _) = outcome(&chain(machine, variables)).await;
        match token {
            Some(token) => assert_eq!(result.unwrap(), token, "{seconds} s"),
            None => {
                let text = result.expect_err("too slow").to_string();
                assert!(text.contains("answer_timeout of imds_probe"), "{text}");
            }
        }
    }
    for variables in [&[][..], PROD] {
        let mut machine = Machine::of_azure();
        machine.connects = false;
        let (result, took) = outcome(&chain(machine, variables)).await;
        assert!(took <= 0.9, "{took} s");
        assert_eq!(result.is_ok(), variables.is_empty());
    }
}

#[tokio::test]
async fn an_imds_that_starts_late_is_found_by_a_later_call() {
    let mut machine = Machine::of_azure();
    machine.starts = START.plus(Duration::from_secs(2));
    let chain = chain(machine, PROD);
    assert!(outcome(&chain).await.0.is_err(), "not there yet");
    chain.1.advance(Duration::from_secs(1));
    let (again, took) = outcome(&chain).await;
    let text = again.expect_err("remembered").to_string();
    assert!(text.contains("connection refused") && took == 0.0, "{text}");
    chain.1.advance(Duration::from_secs(4));
    assert_eq!(outcome(&chain).await.0.unwrap(), "t");
}
