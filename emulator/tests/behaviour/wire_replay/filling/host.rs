//! What a managed identity host tells its programs.

use std::path::Path;

use identity_emulator::{Emulator, IdentityHost};
use url::Url;

use super::super::super::support::send;

/// The path of each host's endpoint, `app_service`, and the secret to be shown there,
/// `app_service_secret`.
pub(super) fn facts(emulator: &Emulator) -> impl Iterator<Item = (String, String)> {
    IdentityHost::all().flat_map(|host| {
        let name = host.name().replace('-', "_");
        let fact = move |(variable, value): (&str, String)| match variable {
            "IDENTITY_ENDPOINT" | "MSI_ENDPOINT" => {
                Some((name.clone(), Url::parse(&value).unwrap().path().to_owned()))
            }
            "IDENTITY_HEADER" | "MSI_SECRET" => Some((format!("{name}_secret"), value)),
            _ => None,
        };
        let variables = emulator.environment(host).into_iter();
        variables.filter_map(fact).collect::<Vec<_>>()
    })
}

/// What stands in the key file of a fresh challenge.
pub(super) async fn key(emulator: &Emulator, keys: &Path) -> Result<String, String> {
    let line = "GET /arc/metadata/identity/oauth2/token?api-version=2020-06-01&resource=x";
    let answer = send(emulator, line, &["Metadata: true"], "").await;
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    let name = challenge.rsplit('/').next().unwrap_or_default();
    std::fs::read_to_string(keys.join(name)).map_err(|error| error.to_string())
}
