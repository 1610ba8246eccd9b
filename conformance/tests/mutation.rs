//! The checks are tested by damaging the recording of a case that passed: exactly the check that
//! looks at the damaged place must turn red. No broken client has to be written for that.

use std::path::Path;
use std::sync::OnceLock;

use identity_conformance::case::{Case, CaseFile, Matcher, Step, StepExpect};
use identity_conformance::check;
use identity_conformance::implementation::Implementation;
use identity_conformance::observation::{Ending, Exchange, Observation, StepAnswer};
use identity_conformance::run::Launcher;
use identity_conformance::run::{CaseRun, run_case};
use identity_conformance::world::Shared;

/// Asserts something about every part of a request, and about both ends of a step.
const CASE: &str = r#"
title  = "everything that can be asserted"
source = ["https://example.com/"]
level  = "must"

[[step]]
do         = "token"
credential = { kind = "client_secret", tenant_id = "{tenant}", client_id = "{client_id}", client_secret = "{client_secret}" }
scopes     = ["https://vault.azure.net/.default"]
expect     = { token = { issued_by = "entra.token", expires_within = 90000, expires_after = 60, claims = { tid = "{tenant}" } } }

[[step]]
do     = "token"
scopes = ["https://vault.azure.net/.default"]
expect = { token = { same_as = "step.1" } }

[[step]]
do     = "token"
scopes = ["https://storage.azure.com/.default"]
expect = { token = { issued_by = "entra.token", differs_from = "step.1" } }

[[step]]
do         = "token"
credential = { kind = "client_secret", tenant_id = "{tenant}", client_id = "{client_id}", client_secret = "wrong-secret-for-tests-only" }
scopes     = ["https://vault.azure.net/.default"]
expect     = { error = { kind = "rejected", aadsts = 7000215 } }

[[expect.request]]
to     = "entra.token"
count  = 3
method = "POST"
query  = { client_id = { absent = true } }
header = { content-type = { contains = "application/x-www-form-urlencoded" } }
form   = { grant_type = "client_credentials", client_id = "{client_id}", scope = { present = true } }
"#;

fn passed_run() -> &'static CaseRun {
    static PLAYED: OnceLock<CaseRun> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = CaseFile::parse("all", Path::new("all.toml"), CASE)
            .expect("a case")
            .remove(0);
        let rust =
            Implementation::read(&root.join("impls"), "rust").expect("the rust implementation");
        let launcher = Launcher::new(rust, None, root.to_owned()).expect("a driver");
        let shared = Shared::new(None);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime
            .block_on(run_case(&shared, &launcher, &file))
            .expect("a case that ran")
    })
}

/// The ids of the checks that are red after `damage`.
fn red_after(damage: impl FnOnce(&mut Observation)) -> Vec<String> {
    let CaseRun {
        case,
        observation,
        secrets,
    } = passed_run();
    let mut observation = observation.clone();
    damage(&mut observation);
    let checks = check::all(case, &observation, secrets);
    checks
        .into_iter()
        .filter(|check| !check.passed)
        .map(|check| check.id)
        .collect()
}

#[test]
fn the_undamaged_journal_is_green() {
    assert_eq!(red_after(|_| {}), [""; 0]);
}

#[test]
fn every_check_has_an_explanation() {
    let CaseRun {
        case,
        observation,
        secrets,
    } = passed_run();
    let mut ids: Vec<String> = check::all(case, observation, secrets)
        .into_iter()
        .map(|check| check.id)
        .collect();
    assert!(ids.len() > 20, "{ids:?}");
    ids.extend(
        [
            "driver.hang",
            "finding.password_grant",
            "invariant.password_grant",
            "entra.token#2.count",
            "imds.token[2].gap_ms",
            "cli.az[1].option.--resource",
            "step.1.prompt",
        ]
        .map(str::to_owned),
    );
    for id in &ids {
        assert!(check::explain(id).is_some(), "{id}");
    }
    for text in [
        "",
        "step.x.result",
        "invariant.none",
        "entra.token[a].form.x",
    ] {
        assert_eq!(check::explain(text), None, "{text}");
    }
}

#[test]
fn each_asserted_field_that_goes_missing_turns_its_check_red_and_no_other() {
    let case: &Case = &passed_run().case;
    let expect = &case.expect.request[0];
    let parts = [
        ("header", &expect.header),
        ("form", &expect.form),
        ("query", &expect.query),
    ];
    let mut damaged = 0;
    for (part, matchers) in parts {
        for (name, matcher) in matchers {
            for index in 0..passed_run().observation.exchanges.len() {
                let red = red_after(|observation| {
                    let fields = fields(&mut observation.exchanges[index], part);
                    match matcher {
                        Matcher::Absent => fields.push((name.clone(), "here".to_owned())),
                        _ => fields.retain(|(key, _)| key != name),
                    }
                });
                assert_eq!(red, [format!("entra.token[{}].{part}.{name}", index + 1)]);
                damaged += 1;
            }
        }
    }
    assert_eq!(damaged, 3 * 5);
}

#[test]
fn a_field_that_is_sent_twice_turns_its_check_red() {
    let red = red_after(|observation| {
        let form = &mut observation.exchanges[1].form;
        let scope = form.iter().find(|(key, _)| key == "scope").cloned();
        form.extend(scope);
    });
    assert_eq!(red, ["entra.token[2].form.scope"]);
}

#[test]
fn another_method_turns_its_check_red() {
    let red = red_after(|observation| observation.exchanges[2].method = "GET".to_owned());
    assert_eq!(red, ["entra.token[3].method"]);
}

#[test]
fn a_request_that_goes_missing_turns_the_count_red() {
    for index in 0..3 {
        let mut red = red_after(|observation| drop(observation.exchanges.remove(index)));
        // Without the request there is no issuer of its token either.
        red.retain(|id| !id.ends_with(".issued_by"));
        assert_eq!(red, ["entra.token.count"]);
    }
}

#[test]
fn one_request_too_many_turns_the_count_red() {
    let red = red_after(|observation| {
        let again = observation.exchanges[0].clone();
        observation.exchanges.push(again);
    });
    assert_eq!(red, ["entra.token.count"]);
}

#[test]
fn a_request_to_another_endpoint_is_noticed() {
    let red = red_after(|observation| {
        let mut other = observation.exchanges[0].clone();
        other.endpoint = "imds.token".to_owned();
        observation.exchanges.push(other);
    });
    assert_eq!(red, ["requests.others"]);
}

#[test]
fn an_error_the_emulator_found_is_noticed_and_a_warning_is_not() {
    let found = |rule: &str| {
        red_after(|observation| {
            let finding = (rule.to_owned(), "another tenant".to_owned());
            observation.exchanges[0].findings.push(finding);
        })
    };
    assert_eq!(
        found("assertion_audience"),
        ["invariant.assertion_audience"]
    );
    assert_eq!(
        found("of_a_later_version"),
        ["invariant.of_a_later_version"]
    );
    assert_eq!(found("token_again"), [""; 0]);
}

#[test]
fn an_expected_finding_must_be_there_and_fails_no_case() {
    let CaseRun {
        case,
        observation,
        secrets,
    } = passed_run();
    let mut case = case.clone();
    case.expect.findings = vec!["plain_http".to_owned()];
    let red = |observation: &Observation| -> Vec<_> {
        let checks = check::all(&case, observation, secrets).into_iter();
        checks
            .filter(|check| !check.passed)
            .map(|check| check.id)
            .collect()
    };
    assert_eq!(red(observation), ["finding.plain_http"]);
    let mut observation = observation.clone();
    let finding = ("plain_http".to_owned(), "no TLS".to_owned());
    observation.exchanges[1].findings.push(finding);
    assert_eq!(red(&observation), [""; 0]);
}

#[test]
fn a_token_the_emulator_never_issued_is_noticed() {
    let red = red_after(|observation| observation.exchanges[0].issued.clear());
    assert_eq!(red, ["step.1.token.issued_by"]);
}

#[test]
fn a_token_that_should_be_the_same_and_is_not_is_noticed() {
    let red = red_after(|observation| observation.steps[1] = observation.steps[2].clone());
    assert_eq!(red, ["step.2.token.same_as"]);
    let red = red_after(|observation| observation.steps[2] = observation.steps[0].clone());
    assert_eq!(red, ["step.3.token.differs_from"]);
}

#[test]
fn a_wrong_expiry_is_noticed() {
    for (end, wanted) in [(0, &["within", "after"][..]), (i64::MAX / 2, &["within"])] {
        let red = red_after(|observation| {
            let StepAnswer::Tokens { tokens, .. } = &mut observation.steps[0] else {
                panic!("a token")
            };
            tokens[0].expires_on = end;
        });
        let wanted = wanted.iter();
        let wanted: Vec<_> = wanted
            .map(|end| format!("step.1.token.expires_{end}"))
            .collect();
        assert_eq!(red, wanted);
    }
}

#[test]
fn a_token_where_an_error_should_be_is_noticed_and_the_other_way_round() {
    assert_eq!(
        red_after(|observation| observation.steps[3] = observation.steps[0].clone()),
        ["step.4.result"]
    );
    let mut red = red_after(|observation| observation.steps[0] = observation.steps[3].clone());
    // The steps that compare themselves with step 1 have nothing to compare with.
    red.retain(|id| !id.ends_with("same_as") && !id.ends_with("differs_from"));
    assert_eq!(red, ["step.1.result"]);
}

#[test]
fn a_missing_answer_turns_its_check_red_unless_the_case_allows_to_wait() {
    let waits = |or_waits_ms| {
        let CaseRun {
            case,
            observation,
            secrets,
        } = passed_run();
        let (mut case, mut observation) = (case.clone(), observation.clone());
        let Some(Step::Token {
            expect: StepExpect::Error(expect),
            ..
        }) = case.steps.last_mut()
        else {
            panic!("an error")
        };
        expect.or_waits_ms = or_waits_ms;
        observation.steps[3] = StepAnswer::Waiting;
        let checks = check::all(&case, &observation, secrets).into_iter();
        let red = checks.filter(|check| !check.passed);
        red.map(|check| check.id).collect::<Vec<_>>()
    };
    assert_eq!(waits(None), ["step.4.result"]);
    assert_eq!(waits(Some(1)), [""; 0]);
}

#[test]
fn an_error_of_another_kind_or_number_is_noticed() {
    let red = red_after(|observation| {
        let StepAnswer::Error(failure) = &mut observation.steps[3] else {
            panic!("an error")
        };
        failure.kind = identity_conformance::protocol::FailureKind::Unavailable;
        failure.aadsts = vec![700_016];
    });
    assert_eq!(red, ["step.4.error.kind", "step.4.error.aadsts"]);
}

#[test]
fn secrets_and_tokens_in_stderr_or_errors_are_noticed() {
    let red = red_after(|observation| {
        observation
            .stderr
            .push_str("debug: wrong-secret-for-tests-only");
    });
    assert_eq!(red, ["leak.stderr"]);
    let red = red_after(|observation| {
        let StepAnswer::Tokens { tokens, .. } = &observation.steps[0] else {
            panic!("a token")
        };
        observation.stderr = format!("got {}", tokens[0].value);
    });
    assert_eq!(red, ["leak.stderr"]);
    let red = red_after(|observation| {
        let StepAnswer::Error(failure) = &mut observation.steps[3] else {
            panic!("an error")
        };
        failure.text.push_str("daemon-secret-for-tests-only");
    });
    assert_eq!(red, ["leak.step.4"]);
}

#[test]
fn secrets_and_signatures_in_the_journal_are_noticed() {
    let red = red_after(|observation| observation.journal.push_str("daemon-secret-for-tests-only"));
    assert_eq!(red, ["leak.journal"]);
    let red = red_after(|observation| {
        let StepAnswer::Tokens { tokens, .. } = &observation.steps[0] else {
            panic!("a token")
        };
        let (_, signature) = tokens[0].value.rsplit_once('.').unwrap();
        observation.journal = format!("signed {signature}");
    });
    assert_eq!(red, ["leak.journal"]);
}

#[test]
fn a_case_that_broke_off_has_no_checks_of_steps_it_never_ran() {
    let red = red_after(|observation| {
        observation.ending = Some(Ending::Crash("it ended with exit code 3".to_owned()));
        observation.steps.truncate(1);
        observation.exchanges.clear();
    });
    assert_eq!(red, ["driver.crash"]);
}

fn fields<'a>(exchange: &'a mut Exchange, part: &str) -> &'a mut Vec<(String, String)> {
    match part {
        "query" => &mut exchange.query,
        "header" => &mut exchange.headers,
        _ => &mut exchange.form,
    }
}
