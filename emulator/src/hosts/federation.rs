//! Issuers that give tokens to programs without a secret: clusters, pipelines, workflows.

pub(crate) mod github;
pub(crate) mod kubernetes;
pub(crate) mod pipelines;

use aws_lc_rs::digest;
use serde_json::Value;
use uuid::Uuid;

use crate::base::secret::Secret;
use crate::entra::app_state::AppState;
use crate::entra::endpoint::Endpoint;
use crate::exchange::request::Call;
use crate::world::config::Issuer;
use crate::world::directory::Directory;

/// Variables of an environment: names and values.
pub type Environment = Vec<(&'static str, String)>;

/// The audience of tokens that prove an application.
const TOKEN_EXCHANGE: &str = "api://AzureADTokenExchange";

/// Returns the endpoints of all of them.
pub(crate) fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    pipelines::ENDPOINTS
        .iter()
        .chain(github::ENDPOINTS)
        .chain(kubernetes::token_proxy::ENDPOINTS)
}

/// A token of the issuer with this name, with the claims that `claims` finds for it. A checked
/// world has every issuer that it names.
async fn signed(
    state: &AppState,
    directory: &Directory,
    issuer: &str,
    claims: impl FnOnce(&Issuer) -> Value,
) -> Option<String> {
    let mut issuers = directory.world().issuers.iter();
    let issuer = issuers.find(|one| one.name == issuer)?;
    let key = state.issuers().key(&issuer.url).await;
    let header =
        serde_json::json!({ "typ": "JWT", "alg": "RS256", "x5t": key.kid, "kid": key.kid });
    Some(key.token(&header, &claims(issuer)))
}

/// Returns the variables that name an application, for programs that act as it.
fn identity_of(directory: &Directory, app: &str) -> Option<[(&'static str, String); 2]> {
    let app = directory.world().apps.iter().find(|one| one.name == app)?;
    let tenant = directory.home_of(app)?;
    Some([
        ("AZURE_CLIENT_ID", app.client_id.to_string()),
        ("AZURE_TENANT_ID", tenant.id.to_string()),
    ])
}

/// Whether the call has a bearer token, and whether it is this one.
fn bearer(call: &Call, secret: &Secret) -> Bearer {
    let sent = call.header("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    });
    match sent {
        None => Bearer::Missing,
        Some(token) if secret.matches(token) => Bearer::Right,
        Some(_) => Bearer::Wrong,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bearer {
    Missing,
    Wrong,
    Right,
}

/// A number that a service would have counted up to, the same in every run.
fn number(of: &str) -> u32 {
    let hash = digest::digest(&digest::SHA256, of.as_bytes());
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&hash.as_ref()[..4]);
    u32::from_be_bytes(bytes)
}

/// An id that is the same in every run.
fn id(of: &str) -> Uuid {
    let hash = digest::digest(&digest::SHA256, of.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The id of a commit, the same in every run.
fn commit(of: &str) -> String {
    let hash = digest::digest(&digest::SHA256, of.as_bytes());
    let hex = hash.as_ref()[..20].iter().map(|byte| format!("{byte:02x}"));
    hex.collect()
}
