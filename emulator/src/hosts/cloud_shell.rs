//! Azure Cloud Shell: tokens of the user who is signed in, for the audiences it knows.

use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::managed::{self, Renew};
use super::{Place, Row, error, metadata_rules, strings};
use crate::entra::app_state::{AppState, Snapshot};
use crate::entra::client_auth::Proof;
use crate::entra::endpoint::{Endpoint, any};
use crate::entra::token::{Audience, Delegated, Issue, Person, Subject};
use crate::exchange::error::Fault;
use crate::exchange::request::{Call, Incoming};
use crate::world::config::GroupClaims;
use crate::world::directory::Member;

pub(super) const ROW: Row = Row {
    name: "cloud-shell",
    about: "Azure Cloud Shell",
    endpoints: ENDPOINTS,
    environment,
};

const PATH: &str = "/oauth2/token";

const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "cloud_shell.token",
    methods: "POST, GET",
    path: PATH,
    route: || any(token),
    about: "tokens of the user whose shell it is; Java asks with GET",
}];

fn environment(place: &Place<'_>) -> Vec<(&'static str, String)> {
    vec![("MSI_ENDPOINT", place.http(PATH))]
}

async fn token(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    error::replied(&call, answer(&state, &call).await, |error| {
        (
            error.status(),
            told(error.error(), &error.description(&call)),
        )
    })
}

async fn answer(state: &AppState, call: &Call) -> Result<Value, Fault> {
    let refused = |status, code, text: &str| Fault::Json(status, told(code, text));
    let bad = |code, text: &str| refused(StatusCode::BAD_REQUEST, code, text);
    if !matches!(call.method, Method::GET | Method::POST) {
        let text = "The requested resource does not support the http method.";
        return Err(refused(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            text,
        ));
    }
    if !metadata_rules::has_metadata_header(call) {
        let text = "Required metadata header not specified";
        return Err(bad("bad_request_102", text));
    }
    let resource = call.field("resource").or_else(|| call.query("resource"));
    let resource = resource.filter(|value| !value.is_empty());
    let resource =
        resource.ok_or_else(|| bad("InvalidRequest", "The parameter 'resource' is missing."))?;
    if !is_supported(resource) {
        return Err(bad("AudienceNotSupported", &unsupported(resource)));
    }
    let snapshot = state.snapshot(call.at);
    let directory = &snapshot.directory;
    let user = directory.world().hosts.cloud_shell.user.as_deref();
    let member = user.and_then(|user| {
        let home = directory.tenant_by_name(&directory.user(user)?.tenant)?;
        directory.member(home, user)
    });
    let member = member.ok_or_else(|| {
        let text = "Nobody is signed in to this shell.";
        refused(StatusCode::UNAUTHORIZED, "Unauthorized", text)
    })?;
    let issue = issue(&snapshot, &member, resource)
        .ok_or_else(|| bad("AudienceNotSupported", &unsupported(resource)))?;
    let owner = member.object_id();
    let token = managed::kept(state, call, owner, &issue, Renew::No).await;
    Ok(strings::body(&token, resource, call, &[]))
}

fn issue(snapshot: &Snapshot, member: &Member<'_>, asked: &str) -> Option<Issue> {
    let resource = snapshot.directory.resource(member.tenant, asked)?;
    Some(Issue {
        tenant: member.tenant.id,
        tenant_created: member.tenant.created,
        cloud: member.tenant.cloud,
        audience: Audience::of(&resource, asked),
        subject: Subject {
            client_id: CLOUD_SHELL,
            object_id: member.object_id(),
            acr: Proof::Certificate.acr(),
            roles: Vec::new(),
            managed_identity: None,
        },
        lifetime: LIFETIME,
        cae: None,
        delegated: Some(Box::new(Delegated {
            person: Person::of(member),
            scp: SCOPE.to_owned(),
            scope: SCOPE.to_owned(),
            auth_time: snapshot.now,
            methods: vec!["pwd".to_owned()],
            session: None,
            context: None,
            implicit: false,
            memberships: GroupClaims::DirectoryRole,
            id_token: None,
            refresh_token: None,
            client_info: false,
            family: false,
        })),
    })
}

fn is_supported(resource: &str) -> bool {
    let bare = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
    AUDIENCES.iter().any(|known| bare(known) == bare(resource))
}

fn unsupported(resource: &str) -> String {
    let shown: String = resource.chars().take(256).collect();
    // Without a space, as the real one has it.
    format!(
        "Audience {shown} is not a supported MSI token audience.Supported audiences:{}",
        AUDIENCES.join(",")
    )
}

fn told(code: &str, text: &str) -> Value {
    json!({ "error": { "code": code, "message": text } })
}

/// The application the portal's shell signs users in to.
const CLOUD_SHELL: Uuid = uuid!("b677c290-cf4b-4a8e-a60e-91ba650a4abe");
const SCOPE: &str = "user_impersonation";
/// Tokens of users live an hour.
const LIFETIME: i64 = 3599;

const AUDIENCES: &[&str] = &[
    "https://management.core.windows.net/",
    "https://management.azure.com/",
    "https://graph.windows.net/",
    "https://vault.azure.net",
    "https://datalake.azure.net/",
    "https://graph.microsoft.com/",
    "https://batch.core.windows.net/",
    "https://storage.azure.com",
    "https://api.loganalytics.io",
    "https://ossrdbms-aad.database.windows.net",
    "https://database.windows.net",
];
