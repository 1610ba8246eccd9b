//! The responses of a token service about the users of a test.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::Result;
use identity::context::Response;
use serde_json::{Value, json};

pub(crate) const TENANT: &str = "11111111-0000-4000-8000-000000000001";
pub(crate) const APP: &str = "22222222-0000-4000-8000-000000000001";

/// Returns a successful response about `user`; `nonce` is that of the sign-in.
pub(crate) fn tokens(user: &str, nonce: Option<&str>) -> Value {
    let claims = json!({
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "aud": APP,
        "sub": format!("sub-{user}"), "oid": user, "tid": TENANT,
        "preferred_username": format!("{user}@x.example"), "nonce": nonce,
    });
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    json!({
        "access_token": format!("access-{user}"), "expires_in": 3600, "token_type": "Bearer",
        "refresh_token": format!("refresh-{user}"), "id_token": format!("e30.{}.c2ln", encoded(&claims)),
        "client_info": encoded(&json!({"uid": user, "utid": TENANT})),
    })
}

pub(crate) fn ok(body: &Value) -> Result<Response> {
    Ok(Response::new(200, body.to_string()))
}

pub(crate) fn refused(oauth: &str) -> Result<Response> {
    let body = json!({"error": oauth, "error_description": format!("AADSTS1: {oauth}.")});
    Ok(Response::new(400, body.to_string()))
}
