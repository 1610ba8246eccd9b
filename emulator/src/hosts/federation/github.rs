//! GitHub Actions: the endpoint where a job asks for a token about itself.
//!
//! Source: <https://docs.github.com/actions/reference/security/oidc>.

use axum::extract::{Path, State};
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Bearer, Environment, bearer, commit, identity_of, number, signed};
use crate::entra::app_state::AppState;
use crate::entra::endpoint::{Endpoint, any};
use crate::exchange::issued::Issued;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::config::{ConfigError, Issuer, Workflow};

pub(in crate::hosts) const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "github.id_token",
    methods: "GET",
    path: "/actions/{workflow}/idtoken",
    route: || any(id_token),
    about: "tokens of GitHub Actions about a job, for an `audience`",
}];

/// Returns the environment of a job of this workflow.
pub(crate) fn environment(state: &AppState, name: &str) -> Result<Environment, ConfigError> {
    let missing = || ConfigError::new(format!("there is no workflow `{name}`"));
    variables(state, name).ok_or_else(missing)
}

fn variables(state: &AppState, name: &str) -> Option<Environment> {
    let directory = state.directory().load();
    let mut workflows = directory.world().workflows.iter();
    let workflow = workflows.find(|one| one.name == name)?;
    let addresses = state.addresses();
    let mut found = vec![
        ("GITHUB_ACTIONS", "true".to_owned()),
        (
            // Callers add `&audience=` to it.
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            addresses.secure(&format!("/actions/{name}/idtoken?api-version=2.0")),
        ),
        (
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            workflow.request_token.expose().to_owned(),
        ),
        ("AZURE_AUTHORITY_HOST", addresses.https().to_owned()),
    ];
    found.extend(identity_of(&directory, &workflow.app)?);
    Some(found)
}

async fn id_token(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Incoming(call): Incoming,
) -> Response {
    let snapshot = state.snapshot(call.at);
    let mut workflows = snapshot.directory.world().workflows.iter();
    let found = workflows.find(|one| one.name.eq_ignore_ascii_case(&name));
    let known = found.filter(|one| bearer(&call, &one.request_token) == Bearer::Right);
    let Some(workflow) = known else {
        return unauthorized(&call);
    };
    if call.method != Method::GET {
        return reply::nothing_here(StatusCode::METHOD_NOT_ALLOWED, &call.method, &call.path);
    }
    let (now, jti) = (
        snapshot.now.unix_timestamp(),
        state.random().uuid().to_string(),
    );
    let audience = call.query("audience").filter(|it| !it.is_empty());
    let token = signed(&state, &snapshot.directory, &workflow.issuer, |issuer| {
        claims(workflow, issuer, audience, &jti, now)
    });
    let token = token.await.unwrap_or_default();
    call.note_issued(Issued::named("id_token", &token));
    reply::json(
        StatusCode::OK,
        &json!({ "count": token.len(), "value": token }),
    )
}

/// No source has the body of it.
fn unauthorized(call: &Call) -> Response {
    let text = format!(
        "{} needs the ACTIONS_ID_TOKEN_REQUEST_TOKEN of its job.",
        call.path
    );
    reply::json(StatusCode::UNAUTHORIZED, &json!({ "message": text }))
}

/// All values are texts but for the times. Good for five minutes, and for the ten before.
fn claims(
    workflow: &Workflow,
    issuer: &Issuer,
    audience: Option<&str>,
    jti: &str,
    now: i64,
) -> Value {
    let Workflow {
        name,
        repository,
        git_ref,
        ..
    } = workflow;
    let owner = repository.split('/').next().unwrap_or_default();
    let of_owner = format!("https://github.com/{owner}");
    let file = format!("{repository}/.github/workflows/{name}.yml@{git_ref}");
    let sha = commit(repository);
    let pull_request = workflow.event.starts_with("pull_request");
    let kind = if git_ref.starts_with("refs/tags/") {
        "tag"
    } else {
        "branch"
    };
    let mut claims = json!({
        "jti": jti,
        "sub": subject(workflow),
        "aud": audience.unwrap_or(&of_owner),
        "ref": git_ref,
        "sha": sha,
        "repository": repository,
        "repository_owner": owner,
        "repository_owner_id": owner_id(workflow),
        "run_id": number(&format!("run {repository} {name}")).to_string(),
        "run_number": "1",
        "run_attempt": "1",
        "repository_visibility": "private",
        "repository_id": repository_id(workflow),
        "actor_id": number("octocat").to_string(),
        "actor": "octocat",
        "workflow": name,
        "head_ref": if pull_request { "change" } else { "" },
        "base_ref": if pull_request { "main" } else { "" },
        "event_name": workflow.event,
        "ref_protected": "false",
        "ref_type": kind,
        "workflow_ref": file,
        "workflow_sha": sha,
        "job_workflow_ref": file,
        "job_workflow_sha": sha,
        "runner_environment": "github-hosted",
        "iss": issuer.url,
        "nbf": now - 600,
        "exp": now + 300,
        "iat": now,
    });
    if let Some(environment) = &workflow.environment {
        claims["environment"] = json!(environment);
    }
    claims
}

/// An environment says more than what started the job, and a pull request more than its branch.
fn subject(workflow: &Workflow) -> String {
    let repository = if workflow.immutable_subject {
        let (owner, name) = workflow.repository.split_once('/').unwrap_or_default();
        let (owner_id, id) = (owner_id(workflow), repository_id(workflow));
        format!("{owner}@{owner_id}/{name}@{id}")
    } else {
        workflow.repository.clone()
    };
    let context = match &workflow.environment {
        // A colon would look like the end of it.
        Some(environment) => format!("environment:{}", environment.replace(':', "%3A")),
        None if workflow.event == "pull_request" => "pull_request".to_owned(),
        None => format!("ref:{}", workflow.git_ref),
    };
    format!("repo:{repository}:{context}")
}

fn owner_id(workflow: &Workflow) -> String {
    let owner = workflow.repository.split('/').next().unwrap_or_default();
    number(&format!("owner {owner}")).to_string()
}

fn repository_id(workflow: &Workflow) -> String {
    number(&format!("repository {}", workflow.repository)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::config::World;

    #[test]
    fn a_subject_names_the_environment_the_pull_request_or_the_branch_in_this_order() {
        let mut workflow = World::basic().workflows.remove(0);
        assert_eq!(subject(&workflow), "repo:contoso/app:ref:refs/heads/main");
        workflow.git_ref = "refs/tags/v1".to_owned();
        assert_eq!(subject(&workflow), "repo:contoso/app:ref:refs/tags/v1");
        workflow.event = "pull_request".to_owned();
        assert_eq!(subject(&workflow), "repo:contoso/app:pull_request");
        workflow.environment = Some("prod:eu".to_owned());
        assert_eq!(subject(&workflow), "repo:contoso/app:environment:prod%3Aeu");
        workflow.immutable_subject = true;
        let (owner, repository) = (owner_id(&workflow), repository_id(&workflow));
        let wanted = format!("repo:contoso@{owner}/app@{repository}:environment:prod%3Aeu");
        assert_eq!(subject(&workflow), wanted);
    }
}
