//! Tokens of other issuers, to order: client assertions for federated credentials.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::entra::app_state::AppState;
use crate::world::config::ConfigError;

/// A token to make: what an issuer says of a workload.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerTokenRequest {
    pub(crate) subject: String,
    #[serde(default = "token_exchange")]
    pub(crate) audience: String,
    /// Claims on top of, or instead of, the usual ones.
    #[serde(default)]
    pub(crate) claims: Map<String, Value>,
}

/// A token of the issuer with this name, good for ten minutes.
pub(crate) async fn federated_token(
    state: &AppState,
    issuer: &str,
    order: &IssuerTokenRequest,
) -> Result<String, ConfigError> {
    let Some(url) = state.issuer_url(issuer) else {
        return Err(ConfigError::new(format!("there is no issuer `{issuer}`")));
    };
    let key = state.issuers().key(&url).await;
    let at = state.clock().now().unix_timestamp();
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(url));
    put("sub", json!(order.subject));
    put("aud", json!(order.audience));
    put("iat", json!(at));
    put("nbf", json!(at));
    put("exp", json!(at + 600));
    claims.extend(order.claims.clone());
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key.kid });
    Ok(key.token(&header, &Value::Object(claims)))
}

fn token_exchange() -> String {
    "api://AzureADTokenExchange".to_owned()
}
