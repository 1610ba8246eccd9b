//! Requests to a token endpoint, each by itself.

use super::{Scene, quoted};

pub(super) fn password_grant(scene: &Scene<'_>) -> Option<String> {
    (scene.form("grant_type") == Some("password")).then(|| "`grant_type` is `password`".to_owned())
}

pub(super) fn v1_endpoint(scene: &Scene<'_>) -> Option<String> {
    let endpoint = scene.seen.endpoint;
    matches!(
        endpoint,
        "entra.token_v1" | "entra.authorize_v1" | "entra.device_code_v1"
    )
    .then(|| format!("the request is to `{endpoint}`"))
}

pub(super) fn retired_resource(scene: &Scene<'_>) -> Option<String> {
    const GONE: &[&str] = &[
        "https://graph.windows.net",
        "00000002-0000-0000-c000-000000000000",
    ];
    let asked = scene.form("scope").or_else(|| scene.form("resource"))?;
    let gone = |one: &&str| GONE.iter().any(|gone| one.starts_with(gone));
    let found = asked.split(' ').find(gone)?;
    Some(format!("the token is to be for `{}`", quoted(found)))
}

pub(super) fn two_proofs(scene: &Scene<'_>) -> Option<String> {
    let basic = scene.header("authorization");
    let basic = basic.is_some_and(|value| value.to_ascii_lowercase().starts_with("basic "));
    let proofs = [
        ("client_secret", scene.form("client_secret").is_some()),
        ("client_assertion", scene.form("client_assertion").is_some()),
        ("an Authorization header", basic),
    ];
    let mut sent = proofs.iter().filter(|(_, sent)| *sent);
    let (one, other) = (sent.next()?, sent.next()?);
    Some(format!("there is {} and {}", one.0, other.0))
}

pub(super) fn request_id_missing(scene: &Scene<'_>) -> Option<String> {
    const NAME: &str = "client-request-id";
    let sent = scene.header(NAME).or_else(|| scene.parameter(NAME));
    sent.is_none()
        .then(|| format!("there is no `{NAME}`, neither as a header nor as a parameter"))
}
