//! Every request the official SDKs were recorded sending to Entra ID, to Azure Pipelines and to
//! managed identity hosts, sent again: the emulator has to answer each in the shape the SDK was
//! content with. `fixtures/wire/make.py` and `make_hosts.py` say what the fixtures are and how they
//! are made.

mod assertion;
mod filling;
mod fixture;
mod world;

use identity_emulator::Emulator;
use serde_json::Value;

use super::support::{Answer, encoded, send};
use filling::Filling;
use fixture::{Fixture, Request};

#[tokio::test]
async fn python_gets_every_recorded_shape() {
    replay(include_str!("../fixtures/wire/python.json"), 125, 0, 12).await;
}

#[tokio::test]
async fn javascript_gets_every_recorded_shape() {
    replay(include_str!("../fixtures/wire/js.json"), 80, 1, 4).await;
}

#[tokio::test]
async fn go_gets_every_recorded_shape() {
    replay(include_str!("../fixtures/wire/go.json"), 150, 37, 8).await;
}

#[tokio::test]
async fn java_gets_every_recorded_shape() {
    replay(include_str!("../fixtures/wire/java.json"), 101, 14, 2).await;
}

#[tokio::test]
async fn python_gets_every_recorded_shape_of_hosts() {
    replay(include_str!("../fixtures/wire/hosts_python.json"), 65, 0, 0).await;
}

#[tokio::test]
async fn javascript_gets_every_recorded_shape_of_hosts() {
    replay(include_str!("../fixtures/wire/hosts_js.json"), 19, 0, 0).await;
}

#[tokio::test]
async fn go_gets_every_recorded_shape_of_hosts() {
    replay(include_str!("../fixtures/wire/hosts_go.json"), 94, 49, 0).await;
}

#[tokio::test]
async fn java_gets_every_recorded_shape_of_hosts() {
    replay(include_str!("../fixtures/wire/hosts_java.json"), 38, 6, 0).await;
}

#[tokio::test]
async fn a_shape_that_is_not_there_is_noticed() {
    let text = include_str!("../fixtures/wire/java.json");
    let mut request = Fixture::read(text).requests.remove(0);
    let good = outcome(&request).await;
    request.status = 201;
    let status = outcome(&request).await;
    request.status = 200;
    request
        .members
        .insert("expires_in".to_owned(), "string".to_owned());
    let kind = outcome(&request).await;
    request.members = [("surprise".to_owned(), "string".to_owned())].into();
    let member = outcome(&request).await;
    assert!(good.is_ok(), "{good:?}");
    assert!(status.unwrap_err().contains("status 200"));
    assert!(kind.unwrap_err().contains("`expires_in` is a number"));
    assert!(member.unwrap_err().contains("`surprise` is missing"));
}

#[tokio::test]
async fn another_host_and_a_missing_challenge_are_noticed() {
    let text = include_str!("../fixtures/wire/hosts_python.json");
    let mut request = Fixture::read(text).requests.remove(0);
    assert!(outcome(&request).await.is_ok());
    request.challenge = true;
    assert!(outcome(&request).await.unwrap_err().contains("challenged"));
    request.on = Some("arc.token".to_owned());
    assert!(outcome(&request).await.unwrap_err().contains("imds.token"));
}

/// Replays a fixture and insists on how many requests it has: of them `scripted` get a recorded
/// fault from the script, and `skipped` more are left out for the reasons listed there.
async fn replay(text: &str, requests: usize, scripted: usize, skipped: usize) {
    let fixture = Fixture::read(text);
    let mut failures = Vec::new();
    for request in &fixture.requests {
        if let Err(problem) = outcome(request).await {
            failures.push(format!("{}\n    {problem}", request.of));
        }
    }
    let faults = fixture.requests.iter().filter(|one| one.scripted.is_some());
    let counts = (
        fixture.requests.len(),
        faults.count(),
        fixture.skipped.len(),
    );
    assert!(
        failures.is_empty(),
        "{} of {} requests of {} got another shape:\n{}",
        failures.len(),
        counts.0,
        fixture.sdk,
        failures.join("\n")
    );
    assert!(
        fixture
            .skipped
            .iter()
            .all(|one| !one.of.is_empty() && !one.reason.is_empty())
    );
    assert_eq!(
        counts,
        (requests, scripted, skipped),
        "requests, scripted and skipped"
    );
    #[expect(
        clippy::print_stdout,
        reason = "how much was replayed is for people to see"
    )]
    {
        println!(
            "{}: {requests} requests replayed ({scripted} with a scripted fault), {skipped} skipped",
            fixture.sdk
        );
    }
}

/// What came of one request, in an emulator of its own.
async fn outcome(request: &Request) -> Result<(), String> {
    let place = world::start().await;
    let emulator = &place.emulator;
    if let Some(rule) = request.rule() {
        emulator
            .script()
            .push(rule)
            .map_err(|error| error.to_string())?;
    }
    let mut filling = Filling::new(&place, request);
    let answer = sent(emulator, request, &mut filling).await?;
    if answer.status != request.status {
        let start: String = answer.body.chars().take(300).collect();
        return Err(format!(
            "status {} instead of {}: {start}",
            answer.status, request.status
        ));
    }
    check_host(emulator, request, &answer)?;
    if request.members.is_empty() {
        return Ok(());
    }
    let body: Value = serde_json::from_str(&answer.body).map_err(|_| "the body is no JSON")?;
    request
        .members
        .iter()
        .try_for_each(|(name, kind)| match body.get(name) {
            None => Err(format!("`{name}` is missing")),
            Some(value) if kind_of(value) == kind => Ok(()),
            Some(value) => Err(format!("`{name}` is a {} and not a {kind}", kind_of(value))),
        })
}

/// Whether a request to a host went there, and got the challenge it should get.
fn check_host(emulator: &Emulator, request: &Request, answer: &Answer) -> Result<(), String> {
    let entries = emulator.journal().entries();
    let reached = entries.last().map(|entry| entry.endpoint.as_str());
    if request.on.is_some() && request.on.as_deref() != reached {
        return Err(format!("it went to {reached:?}"));
    }
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    let named = challenge.starts_with("Basic realm=/var/opt/azcmagent/tokens/")
        && challenge.ends_with(".key");
    if request.challenge && !named {
        return Err(format!("it is challenged with `{challenge}`"));
    }
    Ok(())
}

async fn sent(
    emulator: &Emulator,
    request: &Request,
    filling: &mut Filling<'_>,
) -> Result<Answer, String> {
    let mut query = Vec::new();
    for (name, value) in &request.query {
        query.push((name.as_str(), filling.fill(value).await?));
    }
    let mut form = Vec::new();
    for (name, value) in &request.form {
        form.push((name.as_str(), filling.fill(value).await?));
    }
    let mut headers = Vec::new();
    for (name, value) in &request.headers {
        headers.push(format!("{name}: {}", filling.fill(value).await?));
    }
    if request.signed_in {
        headers.push(format!("cookie: {}", filling.session().await?));
    }
    let path = filling.fill(&request.path).await?;
    let line = format!("{} {path}{}", request.method, question(&query));
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    Ok(send(emulator, &line, &headers, &encoded(&borrowed(&form))).await)
}

fn question(query: &[(&str, String)]) -> String {
    if query.is_empty() {
        return String::new();
    }
    format!("?{}", encoded(&borrowed(query)))
}

fn borrowed<'a>(fields: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
