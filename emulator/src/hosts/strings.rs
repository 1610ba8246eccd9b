//! The answer most hosts give: strings all, in alphabetical order, for some clients take the last
//! of two fields they confuse.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::managed::LIFETIME;
use crate::exchange::request::Call;
use crate::state::managed_tokens::IssuedToken;

/// Returns the members that every such reply has of a token, and `more`, such as its identity.
pub(super) fn body(
    token: &IssuedToken,
    resource: &str,
    call: &Call,
    more: &[(&'static str, String)],
) -> Value {
    let left = token.expires_on - call.at.unix_timestamp();
    let mut members = BTreeMap::from([
        ("access_token", token.value.clone()),
        ("expires_in", left.to_string()),
        ("expires_on", token.expires_on.to_string()),
        ("ext_expires_in", LIFETIME.to_string()),
        ("not_before", token.not_before.to_string()),
        ("resource", resource.to_owned()),
        ("token_type", "Bearer".to_owned()),
    ]);
    members.extend(more.iter().cloned());
    json!(members)
}
