//! Requests for a sign-in.

use url::{Host, Url};

use super::{Scene, quoted};

pub(super) fn redirect_uri_http(scene: &Scene<'_>) -> Option<String> {
    let uri = scene.parameter("redirect_uri")?;
    let url = Url::parse(uri).ok().filter(|url| url.scheme() == "http")?;
    let local = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let host = quoted(url.host_str()?);
    (!local).then(|| format!("the redirect URI goes to `{host}` without TLS"))
}

pub(super) fn pkce_missing(scene: &Scene<'_>) -> Option<String> {
    let challenge = scene.parameter("code_challenge");
    (wants(scene, "code") && challenge.is_none()).then(|| "there is no `code_challenge`".to_owned())
}

pub(super) fn pkce_plain(scene: &Scene<'_>) -> Option<String> {
    scene.parameter("code_challenge")?;
    match scene.parameter("code_challenge_method") {
        Some("S256") => None,
        Some(other) => Some(format!("`code_challenge_method` is `{}`", quoted(other))),
        None => Some("`code_challenge_method` is missing, which means `plain`".to_owned()),
    }
}

pub(super) fn state_missing(scene: &Scene<'_>) -> Option<String> {
    scene.parameter("response_type")?;
    let state = scene.parameter("state");
    state.is_none().then(|| "there is no `state`".to_owned())
}

pub(super) fn implicit_grant(scene: &Scene<'_>) -> Option<String> {
    wants(scene, "token").then(|| "`response_type` asks for `token`".to_owned())
}

fn wants(scene: &Scene<'_>, kind: &str) -> bool {
    let kinds = scene.parameter("response_type").unwrap_or_default();
    kinds.split(' ').any(|one| one == kind)
}
