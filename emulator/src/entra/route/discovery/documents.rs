//! The OpenID discovery documents, members in the order of the wire.

use serde_json::{Value, json};

use crate::entra::sign_in::with_query;
use crate::world::authority::{Authority, CONSUMERS};
use crate::world::cloud::{self, CloudNames};

/// Returns the document of the v2 endpoints.
pub(super) fn v2(origin: &str, authority: &Authority<'_>) -> Value {
    let names = names(origin, authority);
    let base = format!("{origin}/{}", segment(authority));
    let document = json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": v2_issuer(origin, authority),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": userinfo(origin, names),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
        ],
        "kerberos_endpoint": format!("{base}/kerberos"),
        "tenant_region_scope": region(authority),
    });
    with_names(document, names)
}

/// Returns the document of the v1 endpoints; the keys are always those of `common`.
pub(super) fn v1(origin: &str, authority: &Authority<'_>) -> Value {
    let names = names(origin, authority);
    let base = format!("{origin}/{}", segment(authority));
    let document = json!({
        "token_endpoint": format!("{base}/oauth2/token"),
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "jwks_uri": format!("{origin}/common/discovery/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "token id_token", "token"],
        "scopes_supported": ["openid"],
        "issuer": names.v1_issuer(issuer_segment(authority)),
        "microsoft_multi_refresh_token": true,
        "authorization_endpoint": format!("{base}/oauth2/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{base}/oauth2/logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "amr", "nonce", "email", "given_name", "family_name", "nickname",
        ],
        "check_session_iframe": format!("{base}/oauth2/checksession"),
        "userinfo_endpoint": format!("{base}/openid/userinfo"),
        "kerberos_endpoint": format!("{base}/kerberos"),
        "tenant_region_scope": region(authority),
    });
    with_names(document, names)
}

/// The document of one application, which has its keys where the address names it. No application
/// here has keys of its own.
pub(super) fn of_app(document: &mut Value, app: &str) {
    if let Some(uri) = document["jwks_uri"].as_str() {
        document["jwks_uri"] = json!(with_query(uri, &[("appid", app.to_owned())]));
    }
}

/// `issuer` of the v2 document, and byte for byte of v2 tokens where it names one tenant.
pub(super) fn v2_issuer(origin: &str, authority: &Authority<'_>) -> String {
    let origin = cloud::issuing_origin(origin);
    format!("{origin}/{}/v2.0", issuer_segment(authority))
}

/// Returns the names of the tenant's cloud, or of the cloud that is asked where no tenant is named.
pub(super) fn names(origin: &str, authority: &Authority<'_>) -> &'static CloudNames {
    CloudNames::of(match authority {
        Authority::Tenant(tenant) => tenant.cloud,
        Authority::Common | Authority::Organizations | Authority::Consumers => {
            cloud::national(origin.strip_prefix("https://").unwrap_or_default())
        }
    })
}

/// Returns `document` with the names of its cloud at the end.
fn with_names(mut document: Value, names: &CloudNames) -> Value {
    for (name, value) in names.members() {
        document[name] = json!(value);
    }
    document
}

/// Returns the address of the user info. It is Microsoft Graph's where the client knows the service
/// by its real name, and ours where it knows the emulator by its own.
fn userinfo(origin: &str, names: &CloudNames) -> String {
    let host = origin.strip_prefix("https://").unwrap_or_default();
    match cloud::signs_in(host) {
        true => format!("https://{}/oidc/userinfo", names.microsoft_graph),
        false => format!("{origin}/oidc/userinfo"),
    }
}

const AUTH_METHODS: [&str; 3] = [
    "client_secret_post",
    "private_key_jwt",
    "client_secret_basic",
];

/// A domain becomes the tenant's id; an alias stays.
fn segment(authority: &Authority<'_>) -> String {
    match authority {
        Authority::Tenant(tenant) => tenant.id.to_string(),
        Authority::Common => "common".to_owned(),
        Authority::Organizations => "organizations".to_owned(),
        Authority::Consumers => "consumers".to_owned(),
    }
}

/// Returns the tenant in an issuer. For an address of many tenants it is the service's template as
/// it is, braces included.
fn issuer_segment(authority: &Authority<'_>) -> String {
    match authority {
        Authority::Tenant(tenant) => tenant.id.to_string(),
        Authority::Common | Authority::Organizations => "{tenantid}".to_owned(),
        Authority::Consumers => CONSUMERS.to_string(),
    }
}

fn region<'a>(authority: &'a Authority<'_>) -> Option<&'a str> {
    match authority {
        Authority::Tenant(tenant) => Some(&tenant.region),
        Authority::Common | Authority::Organizations | Authority::Consumers => None,
    }
}
