//! Azure Pipelines: the endpoint where a job asks for a token of a service connection.
//!
//! Sources: the REST reference of `Oidctoken - Create`, and what the Azure SDKs' troubleshooting
//! guides and issues quote of its refusals. In the real world it is at `dev.azure.com`.

mod refusal;

use axum::extract::{Path, State};
use axum::response::Response;
use http::header::HeaderName;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Bearer, Environment, TOKEN_EXCHANGE, bearer, id, identity_of, number, signed};
use crate::entra::app_state::{AppState, Snapshot};
use crate::entra::endpoint::{Endpoint, any};
use crate::exchange::issued::Issued;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::config::{ConfigError, Pipeline, ServiceConnection};
use refusal::PipelinesRefusal;

#[rustfmt::skip]
pub(in crate::hosts) const ENDPOINTS: &[Endpoint] = &[
    Endpoint { name: "pipelines.oidc_token", methods: "POST",
        path: "/pipelines/{organization}/{project}/_apis/distributedtask/hubs/{hub}/plans/{plan}/jobs/{job}/oidctoken",
        route: || any(oidc_token), about: "tokens of Azure Pipelines, for a service connection or the pipeline itself" },
    Endpoint { name: "pipelines.sign_in", methods: "GET", path: "/pipelines/_signin",
        route: || any(sign_in), about: "where Azure Pipelines sends those it does not know" },
];

/// Seconds a token is good for, and for which it was good already when it was made.
const LIFETIME: i64 = 600;

/// Returns the environment of a job of this pipeline; the connection is the first it may use.
pub(crate) fn environment(state: &AppState, name: &str) -> Result<Environment, ConfigError> {
    let missing = || ConfigError::new(format!("there is no pipeline `{name}`"));
    variables(state, name).ok_or_else(missing)
}

fn variables(state: &AppState, name: &str) -> Option<Environment> {
    let directory = state.directory().load();
    let mut pipelines = directory.world().pipelines.iter();
    let pipeline = pipelines.find(|one| one.name == name)?;
    let addresses = state.addresses();
    let Pipeline {
        organization,
        project,
        access_token,
        ..
    } = pipeline;
    let (plan, job) = (id(&format!("plan {name}")), id(&format!("job {name}")));
    let escaped = |part: &str| {
        url::form_urlencoded::byte_serialize(part.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    let (organization, project) = (escaped(organization), escaped(project));
    let mut found = vec![
        (
            "SYSTEM_OIDCREQUESTURI",
            addresses.secure(&format!(
                "/pipelines/{organization}/{project}/_apis/distributedtask/hubs/build\
                 /plans/{plan}/jobs/{job}/oidctoken"
            )),
        ),
        ("SYSTEM_ACCESSTOKEN", access_token.expose().to_owned()),
        ("AZURE_AUTHORITY_HOST", addresses.https().to_owned()),
    ];
    if let Some(connection) = pipeline.service_connections.first() {
        let [(_, client), (_, tenant)] = identity_of(&directory, &connection.app)?;
        found.push(("AZURESUBSCRIPTION_CLIENT_ID", client));
        found.push(("AZURESUBSCRIPTION_TENANT_ID", tenant));
        let connection = connection.id.to_string();
        found.push(("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", connection));
    }
    Some(found)
}

async fn oidc_token(
    State(state): State<AppState>,
    Path(place): Path<Vec<(String, String)>>,
    Incoming(call): Incoming,
) -> Response {
    let snapshot = state.snapshot(call.at);
    let mut response = match decide(&snapshot, &place, &call) {
        Err(refusal) => refusal.reply(&call),
        Ok((pipeline, connection)) => {
            let token = token(&state, &snapshot, pipeline, connection).await;
            let token = token.unwrap_or_default();
            call.note_issued(Issued::named("oidc_token", &token));
            reply::json(StatusCode::OK, &json!({ "oidcToken": token }))
        }
    };
    // What the SDKs quote when they report a refusal.
    let headers = response.headers_mut();
    let trace = call.trace_id.to_string();
    reply::set(headers, HeaderName::from_static("x-vss-e2eid"), &trace);
    let edge = format!(
        "Ref A: {} Ref B: EMULATOR Ref C: {}",
        call.trace_id.simple(),
        call.timestamp()
    );
    reply::set(headers, HeaderName::from_static("x-msedge-ref"), &edge);
    response
}

/// Decides about a request: the caller is checked before the connection. Without a connection the
/// token is about the pipeline.
fn decide<'a>(
    snapshot: &'a Snapshot,
    place: &[(String, String)],
    call: &Call,
) -> Result<(&'a Pipeline, Option<&'a ServiceConnection>), PipelinesRefusal> {
    let part = |name: &str| {
        place
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    };
    let (organization, project) = (part("organization"), part("project"));
    let world = snapshot.directory.world();
    let here = world.pipelines.iter().filter(|one| {
        one.organization.eq_ignore_ascii_case(organization)
            && one.project.eq_ignore_ascii_case(project)
    });
    let known: Vec<_> = here
        .map(|one| (bearer(call, &one.access_token), one))
        .collect();
    let Some((_, pipeline)) = known.iter().find(|(bearer, _)| *bearer == Bearer::Right) else {
        let sent = call.headers.contains_key("authorization");
        return Err(PipelinesRefusal::Stranger { sent });
    };
    if call.method != Method::POST {
        return Err(PipelinesRefusal::Method);
    }
    refusal::check_version(call)?;
    let Some(wanted) = call
        .query("serviceConnectionId")
        .filter(|it| !it.is_empty())
    else {
        return Ok((pipeline, None));
    };
    let mut connections = pipeline.service_connections.iter();
    let found = connections.find(|one| one.id.to_string().eq_ignore_ascii_case(wanted));
    let connection = found.ok_or_else(|| PipelinesRefusal::Connection(wanted.to_owned()))?;
    Ok((pipeline, Some(connection)))
}

async fn token(
    state: &AppState,
    snapshot: &Snapshot,
    pipeline: &Pipeline,
    connection: Option<&ServiceConnection>,
) -> Option<String> {
    let now = snapshot.now.unix_timestamp();
    let jti = state.random().uuid();
    signed(state, &snapshot.directory, &pipeline.issuer, |issuer| {
        let mut claims =
            json!({ "jti": jti, "sub": subject(pipeline, connection), "aud": TOKEN_EXCHANGE });
        if connection.is_none() {
            about_the_run(&mut claims, pipeline);
        }
        claims["iss"] = json!(issuer.url);
        claims["nbf"] = json!(now - LIFETIME);
        claims["exp"] = json!(now + LIFETIME);
        claims["iat"] = json!(now);
        claims
    })
    .await
}

fn subject(pipeline: &Pipeline, connection: Option<&ServiceConnection>) -> String {
    let place = format!("{}/{}", pipeline.organization, pipeline.project);
    match connection {
        Some(connection) => format!("sc://{place}/{}", connection.name),
        None => format!("p://{place}/{}", pipeline.name),
    }
}

/// Adds the claims that only the token of a pipeline has.
fn about_the_run(claims: &mut Value, pipeline: &Pipeline) {
    let Pipeline {
        name,
        organization,
        project,
        ..
    } = pipeline;
    claims["org_id"] = json!(id(&format!("organization {organization}")));
    claims["prj_id"] = json!(id(&format!("project {organization}/{project}")));
    claims["def_id"] = json!(number(&format!("definition {name}")).to_string());
    claims["rpo_id"] = json!(id(&format!("repository {organization}/{project}")));
    claims["rpo_uri"] = json!(format!(
        "https://dev.azure.com/{organization}/{project}/_git/{project}"
    ));
    claims["rpo_ver"] = json!(super::commit(&format!("{organization}/{project}")));
    claims["rpo_ref"] = json!("refs/heads/main");
    claims["run_id"] = json!(number(&format!("run {name}")).to_string());
}

/// A page for people: a program that was led here has missed that it was refused.
async fn sign_in(Incoming(call): Incoming) -> Response {
    match call.method {
        Method::GET | Method::HEAD => refusal::sign_in_page(StatusCode::OK),
        _ => reply::nothing_here(StatusCode::METHOD_NOT_ALLOWED, &call.method, &call.path),
    }
}
