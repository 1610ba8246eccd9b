//! Managed identity: which host the SDKs believe to be on, and where they look for it.

use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::surroundings::{Surroundings, same_place};

const NAME: &str = "host";
const METADATA: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

/// Whether managed identities come from the emulator.
pub(super) fn check(around: &Surroundings) -> Vec<Finding> {
    let Ok(ready) = &around.emulator else {
        return Vec::new();
    };
    let own = |url: &str| {
        let all = ready.also.iter().chain([&ready.http, &ready.https]);
        all.into_iter().any(|listener| same_place(listener, url))
    };
    // Every SDK looks for these first.
    for name in ["IDENTITY_ENDPOINT", "MSI_ENDPOINT"] {
        if let Some(url) = around.variable(name) {
            return vec![if own(url) {
                Finding::ok(
                    NAME,
                    format!("{name} is the emulator, and comes before all else"),
                )
            } else {
                let text = format!("{name} leads elsewhere, and comes before all else");
                Finding::problem(NAME, text).fixed_by(format!("unset {name}"))
            }];
        }
    }
    match around.variable(METADATA) {
        Some(url) if own(url) => {
            vec![
                Finding::ok(NAME, format!("{METADATA} is the emulator")),
                fixed_address(around),
            ]
        }
        Some(_) => {
            let text = format!("{METADATA} is not this emulator");
            vec![Finding::problem(NAME, text).fixed_by(format!("{METADATA}={}", ready.http))]
        }
        None => {
            let text = format!("{METADATA} is not set: SDKs look for the real metadata service");
            let warning = Finding::warning(NAME, text).of(&["Python", "Node", "Java", ".NET"]);
            vec![
                warning.fixed_by(format!("{METADATA}={}", ready.http)),
                fixed_address(around),
            ]
        }
    }
}

/// Some SDKs know one address only.
fn fixed_address(around: &Surroundings) -> Finding {
    const SDKS: &[&str] = &["Go", "Rust (azure_identity)"];
    if around
        .proxy("HTTP_PROXY")
        .is_some_and(|url| around.is_emulator(url))
    {
        return Finding::ok(NAME, "169.254.169.254 is the emulator, through HTTP_PROXY").of(SDKS);
    }
    let text = "these look for the metadata service at 169.254.169.254 and nowhere else";
    let warning = Finding::warning(NAME, text).of(SDKS);
    match &around.emulator {
        Ok(ready) => warning.fixed_by(format!("HTTP_PROXY={}", ready.http)),
        Err(_) => warning,
    }
}
