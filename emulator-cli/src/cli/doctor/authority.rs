//! The checks of the authority and of the identity a program would sign in with.

use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::surroundings::{SIGN_IN_HOST, Surroundings, same_place};

const VARIABLE: &str = "AZURE_AUTHORITY_HOST";
const ENV: &str = "run `eval \"$(identity-emulator env)\"`, or the program under `identity-emulator \
    exec`";

/// Whether the SDKs go to the emulator.
pub(super) fn address(around: &Surroundings) -> Vec<Finding> {
    const NAME: &str = "authority";
    let Ok(ready) = &around.emulator else {
        return Vec::new();
    };
    let proxied = around
        .proxy("HTTPS_PROXY")
        .is_some_and(|url| around.is_emulator(url));
    let known_host = proxied || around.sign_in_is_ours;
    let Some(authority) = around.variable(VARIABLE) else {
        return vec![if known_host {
            Finding::ok(NAME, format!("{SIGN_IN_HOST} leads to the emulator"))
        } else {
            let text = format!("{VARIABLE} is not set, so the SDKs go to the real {SIGN_IN_HOST}");
            Finding::problem(NAME, text).fixed_by(ENV)
        }];
    };
    let ours = ready
        .also
        .iter()
        .chain([&ready.https])
        .any(|url| same_place(url, authority));
    if authority.starts_with("http://") {
        let text = format!("{VARIABLE} is {authority}, and the SDKs accept none but https");
        return vec![Finding::problem(NAME, text).fixed_by(format!("use {}", ready.https))];
    }
    if !ours {
        let text = format!("{VARIABLE} is {authority}, which is not this emulator");
        return vec![Finding::problem(NAME, text).fixed_by(format!("use {}", ready.https))];
    }
    vec![
        Finding::ok(NAME, format!("{VARIABLE} is the emulator")),
        discovery(known_host),
    ]
}

/// Says how the SDKs treat an authority that they do not know.
fn discovery(known_host: bool) -> Finding {
    const NAME: &str = "discovery";
    if known_host {
        return Finding::ok(
            NAME,
            format!("{SIGN_IN_HOST}, which vouches for it, is the emulator"),
        );
    }
    let text =
        format!("before they trust that authority, SDKs ask the real {SIGN_IN_HOST} about it");
    Finding::warning(NAME, text)
        .of(&["Python", "Node", "Java", ".NET", "Go"])
        .fixed_by(
            "switch instance discovery off in the code (`disable_instance_discovery=True` in \
             Python), or use `exec --proxy`, which needs no change",
        )
}

/// Whether the variables that say who one is go together.
pub(super) fn application(around: &Surroundings) -> Vec<Finding> {
    const NAME: &str = "application";
    let is_set = |name: &str| around.variable(name).is_some();
    let proofs = [
        "AZURE_CLIENT_SECRET",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_USERNAME",
    ];
    let empty = proofs
        .into_iter()
        .find(|name| around.variables.get(*name).is_some_and(String::is_empty));
    if let Some(name) = empty {
        let text = format!("{name} is set to nothing, which counts as a value");
        return vec![
            Finding::problem(NAME, text)
                .of(&["Python", "Java"])
                .fixed_by(format!("unset {name}")),
        ];
    }
    let proven = proofs.into_iter().any(is_set);
    match (is_set("AZURE_CLIENT_ID"), proven) {
        (true, false) => {
            let text = "AZURE_CLIENT_ID is set without a secret, certificate or token file: \
                DefaultAzureCredential asks the host for a managed identity of that id";
            vec![Finding::warning(NAME, text).fixed_by("unset it, unless that is meant")]
        }
        (true, true) if !is_set("AZURE_TENANT_ID") => {
            let text = "AZURE_TENANT_ID is not set, so EnvironmentCredential is skipped";
            vec![Finding::problem(NAME, text).fixed_by(ENV)]
        }
        (true, true) => vec![Finding::ok(
            NAME,
            "the variables of an application are complete",
        )],
        (false, _) => vec![Finding::ok(
            NAME,
            "no application is set: the host says who one is",
        )],
    }
}
