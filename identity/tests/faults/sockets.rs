//! All credentials with all faults, over real connections to the emulator.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use identity::context::{Context, ReqwestTransport};
use identity::{AccessToken, Error, ErrorKind, Options, Result, TokenCredential};
use identity_emulator::Rule;

use crate::scenes::{SCENES, Scene, Service};
use crate::scripted::{End, Fault, faults};
use crate::stage::{Props, Stage};
use crate::worlds::assert_discreet;

const SCOPES: &[&str] = &["https://vault.azure.net/.default"];

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_the_emulator_can_play_ends_in_the_documented_kind() {
    let props = Props::new();
    let played = SCENES
        .iter()
        .map(|scene| tokio::spawn(run_faults(scene, props.clone())));
    let wrong: Vec<_> = join_all(played)
        .await
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tries every fault with one credential, and returns the violations.
async fn run_faults(scene: &'static Scene, props: Props) -> Vec<String> {
    let mut stage = Stage::new(&props).await;
    let variables = stage.variables(scene.place).await;
    let mut wrong = Vec::new();
    for fault in faults(scene.secretive, stage.emulator.http()) {
        let trusting = stage.options(variables.clone());
        let options = impatient(scene, &fault, trusting.clone());
        stage.emulator.script().clear();
        let credential = scene.make(trusting, options).await;
        let rules = (scene.before)().into_iter().chain([Rule {
            times: Rule::ALWAYS,
            ..Rule::new(scene.asks, fault.reply.clone())
        }]);
        stage.emulator.script().extend(rules).unwrap();
        let outcome = tokio::time::timeout(FOR_EVER, credential.get_token(SCOPES)).await;
        let what = format!("{} and {}", scene.name, fault.name);
        match outcome {
            Ok(outcome) => wrong.extend(verdict(scene, &fault, &what, outcome)),
            Err(_) => wrong.push(format!("{what}: it hangs")),
        }
    }
    stage.emulator.stop().await;
    wrong
}

/// A time that no call takes, whatever happens.
const FOR_EVER: Duration = Duration::from_secs(100);

fn impatient(scene: &Scene, fault: &Fault, mut options: Options) -> Options {
    options.request_timeout = fault.patience();
    if (scene.service, fault.end) == (Service::Imds, End::Refused(410)) {
        // After 410 it is asked again for 70 s, which only virtual time makes short.
        options.retry.max_retries = Some(0);
    }
    options
}

/// Returns the violation in `outcome`, if there is one.
fn verdict(
    scene: &Scene,
    fault: &Fault,
    what: &str,
    outcome: Result<AccessToken>,
) -> Option<String> {
    let taken = fault.end == End::Taken && scene.gives_token;
    match outcome {
        Ok(token) => (!taken || token.token() != "t").then(|| format!("{what}: a token")),
        Err(error) if taken => Some(format!("{what}: {error}")),
        Err(error) => {
            assert_discreet(what, &error);
            let known = kinds(scene.service, fault.end).contains(&error.kind());
            (!known).then(|| format!("{what}: {:?}: {error}", error.kind()))
        }
    }
}

/// Returns the kinds of error that `end` may have at `service`.
fn kinds(service: Service, end: End) -> &'static [ErrorKind] {
    match (service, end) {
        (Service::Imds, End::Broken | End::Late) => &[ErrorKind::CredentialUnavailable],
        // A connection that cannot do better is not tried again.
        (Service::Polled, End::Broken) => &[ErrorKind::Timeout, ErrorKind::Transport],
        (Service::Polled, End::Late | End::Refused(408 | 429 | 500..)) => &[ErrorKind::Timeout],
        (_, End::Broken) => &[ErrorKind::Transport],
        (_, End::Late) => &[ErrorKind::Timeout],
        (_, End::Refused(_) | End::Taken) => &[
            ErrorKind::ClientAuthentication,
            ErrorKind::CredentialUnavailable,
        ],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untrusted_certificate_ends_the_call_at_once_and_gets_no_secret() {
    let props = Props::new();
    for scene in SCENES {
        let mut stage = Stage::new(&props).await;
        let variables = stage.variables(scene.place).await;
        let secure = |(name, value): (String, String)| {
            let value = match &*name {
                // It is neither the pinned certificate nor one of the named authority.
                "IDENTITY_SERVER_THUMBPRINT" => "0".repeat(40),
                "AZURE_KUBERNETES_CA_FILE" => return None,
                _ => value.replace(stage.emulator.http(), stage.emulator.https()),
            };
            Some((name, value))
        };
        let variables: Vec<_> = variables.into_iter().filter_map(secure).collect();
        let trusting = stage.options(variables);
        let options = Options {
            context: Context {
                transport: Arc::new(ReqwestTransport::new()),
                ..trusting.context.clone()
            },
            ..trusting.clone()
        };
        let credential = scene.make(trusting, options).await;
        let before = stage.emulator.journal().entries().len();
        let error = failure(scene.name, &*credential).await;
        let expected = kinds(scene.service, End::Broken);
        assert!(expected.contains(&error.kind()), "{}: {error}", scene.name);
        assert!(!error.to_string().contains("attempts"), "{error}");
        let after = stage.emulator.journal().entries().len();
        assert_eq!(after, before, "{}: nothing was asked", scene.name);
        stage.emulator.stop().await;
    }
}

async fn failure(what: &str, credential: &dyn TokenCredential) -> Error {
    let error = credential.get_token(SCOPES).await.expect_err(what);
    assert_discreet(what, &error);
    error
}
