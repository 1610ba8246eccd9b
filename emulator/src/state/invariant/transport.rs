//! How a request comes, whatever it is about.

use super::Scene;

/// Parameters that carry a secret. A code is not among them: it comes in a URL and is worth
/// nothing by itself.
const SECRETS: &[&str] = &[
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "password",
    "refresh_token",
];

pub(super) fn secret_in_url(scene: &Scene<'_>) -> Option<String> {
    let secret = |(name, value): &&(String, String)| {
        !value.is_empty() && SECRETS.iter().any(|one| one.eq_ignore_ascii_case(name))
    };
    let (name, _) = scene.seen.query.iter().find(secret)?;
    let method = scene.seen.method;
    Some(format!("`{name}` is in the URL of a {method} request"))
}

pub(super) fn plain_http(scene: &Scene<'_>) -> Option<String> {
    (scene.seen.scheme == "http").then(|| "the request came without TLS".to_owned())
}

pub(super) fn metadata_header_missing(scene: &Scene<'_>) -> Option<String> {
    match scene.header("metadata") {
        Some(value) if value.eq_ignore_ascii_case("true") => None,
        Some(_) => Some("the header `Metadata` says something else than `true`".to_owned()),
        None => Some("the header `Metadata` is missing".to_owned()),
    }
}

pub(super) fn forwarded_request(scene: &Scene<'_>) -> Option<String> {
    scene
        .header("x-forwarded-for")
        .map(|_| "the request has an `X-Forwarded-For`".to_owned())
}
