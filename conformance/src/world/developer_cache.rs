//! The token cache that Microsoft's developer tools share, with the user who is signed in to them.

use serde_json::{Map, Value, json};

/// The client id of the Azure CLI, one of the family of clients that share refresh tokens.
pub(super) const TOOL: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// The document with one user, whose authority is at `https`. Some libraries file accounts under
/// the host of an authority and some under host and port, so the document has both.
pub(super) fn document(
    https: &str,
    user: &str,
    tenant: &str,
    upn: &str,
    refresh_token: &str,
) -> String {
    let host_and_port = https.split("://").last().unwrap_or_default();
    let host = host_and_port.split(':').next().unwrap_or_default();
    let home = format!("{user}.{tenant}");
    let (mut accounts, mut refresh_tokens) = (Map::new(), Map::new());
    for environment in [host, host_and_port] {
        let account = json!({
            "home_account_id": home,
            "environment": environment,
            "realm": tenant,
            "local_account_id": user,
            "username": upn,
            "authority_type": "MSSTS",
        });
        accounts.insert(format!("{home}-{environment}-{tenant}"), account);
        let token = json!({
            "credential_type": "RefreshToken",
            "secret": refresh_token,
            "home_account_id": home,
            "environment": environment,
            "client_id": TOOL,
            "target": "https://management.azure.com/.default",
            "family_id": "1",
            "last_modification_time": "1700000000",
        });
        refresh_tokens.insert(format!("{home}-{environment}-refreshtoken-{TOOL}--"), token);
    }
    json!({ "Account": accounts, "RefreshToken": refresh_tokens }).to_string()
}

/// The name and value of the secret in a document.
pub(super) fn secret_of(document: &str) -> Option<(&'static str, String)> {
    let document: Value = serde_json::from_str(document).ok()?;
    let token = document["RefreshToken"].as_object()?.values().next()?;
    Some(("family_refresh_token", token["secret"].as_str()?.to_owned()))
}
