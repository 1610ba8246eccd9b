//! Every file of the crate uses only the layers below its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use std::collections::BTreeSet;
use std::path::Path;

use self::sources::sources;

/// A layer: its name, the modules in it, and the layers it may use besides itself.
struct Layer {
    name: &'static str,
    modules: &'static [&'static str],
    may_use: &'static [&'static str],
}

const LAYERS: &[Layer] = &[
    Layer {
        name: "vocabulary",
        modules: &[
            "authentication_record",
            "cloud",
            "error",
            "redact",
            "secret",
            "single_flight",
            "sync",
            "token",
            "unix_time",
        ],
        may_use: &[],
    },
    Layer {
        name: "ports",
        modules: &["context"],
        may_use: &["vocabulary"],
    },
    Layer {
        name: "exchange",
        modules: &["exchange", "retry"],
        may_use: &["vocabulary", "ports"],
    },
    Layer {
        name: "isolation",
        modules: &["isolation"],
        may_use: &["vocabulary", "ports"],
    },
    Layer {
        name: "protocol",
        modules: &["msi", "oauth", "tool"],
        may_use: &["vocabulary", "ports", "exchange", "isolation"],
    },
    Layer {
        name: "pipeline",
        modules: &["cache", "options", "pipeline", "token_credential"],
        // The exchange for `RetryOptions`, which are among the user's options.
        may_use: &["vocabulary", "ports", "exchange", "isolation"],
    },
    Layer {
        name: "users",
        modules: &["user"],
        may_use: &["vocabulary", "ports", "exchange", "protocol", "pipeline"],
    },
    Layer {
        name: "sources",
        modules: &["credential"],
        may_use: &[
            "vocabulary",
            "ports",
            "exchange",
            "isolation",
            "protocol",
            "pipeline",
            "users",
        ],
    },
    Layer {
        name: "composition",
        modules: &["chain"],
        may_use: &[
            "vocabulary",
            "ports",
            "exchange",
            "isolation",
            "protocol",
            "pipeline",
            "users",
            "sources",
        ],
    },
    Layer {
        name: "facades",
        modules: &["azure_core", "bearer", "blocking"],
        may_use: &["vocabulary", "pipeline", "users"],
    },
];

/// The sources that are made of other sources.
const COMPOSED: &[&str] = &["credential/environment.rs"];

fn layer_of(module: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.modules.contains(&module))
}

/// Returns the violations in the `crate::` paths of one file; `path` is relative to `src`.
fn violations(path: &str, text: &str) -> Vec<String> {
    let own = path.split(['/', '.']).next().unwrap();
    let Some(layer) = layer_of(own) else {
        return vec![format!("{path}: in no layer")];
    };
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        // `$crate::` is written into the file that uses the macro, not into this one.
        if code[..start].ends_with('$') {
            continue;
        }
        let used = &code[start + "crate::".len()..];
        let name = |text: &str| -> String {
            text.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        let module = name(used);
        match layer_of(&module) {
            _ if module == "testing" => {}
            None => found.push(format!(
                "{path}: `{module}` is in no layer; name the module"
            )),
            Some(other) if other.name == layer.name || layer.may_use.contains(&other.name) => {}
            Some(other) => {
                found.push(format!(
                    "{path}: {} may not use {} (`{module}`)",
                    layer.name, other.name
                ));
            }
        }
        let sibling = used
            .strip_prefix("credential::")
            .map(name)
            .unwrap_or_default();
        let file = format!("src/credential/{sibling}.rs");
        let names_file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file).is_file();
        let is_source = names_file && sibling != "construction";
        if own == "credential" && is_source && !COMPOSED.contains(&path) {
            found.push(format!(
                "{path}: a source may not use another (`{sibling}`)"
            ));
        }
    }
    found
}

#[test]
fn every_file_keeps_to_its_layer() {
    let mut found = BTreeSet::new();
    for (path, text) in sources() {
        if !matches!(&*path, "lib.rs" | "testing.rs") {
            found.extend(violations(&path, &text));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_use_of_a_higher_layer_is_found_wherever_it_is_written() {
    for (path, line) in [
        ("token.rs", "use crate::context::Clock;"),
        ("oauth/grant.rs", "use crate::options::Options;"),
        (
            "context/env.rs",
            "    let x = crate::pipeline::Pipeline::new();",
        ),
        ("cache/key.rs", "use crate::oauth::grant::Grant;"),
        (
            "blocking.rs",
            "use crate::credential::ClientSecretCredential;",
        ),
        ("pipeline.rs", "use crate::chain::ChainedTokenCredential;"),
        (
            "credential/azure_cli.rs",
            "use crate::credential::client_secret::ClientSecret;",
        ),
        ("token.rs", "use crate::TokenCredential;"),
        ("unheard_of.rs", "fn f() {}"),
    ] {
        assert_eq!(violations(path, line).len(), 1, "{path}: {line}");
    }
    let fine = "use crate::token::TokenRequest;\n// crate::chain\n$crate::azure_core::token()";
    assert!(violations("token_credential.rs", fine).is_empty());
    let composed = "use crate::credential::client_secret::ClientSecretCredential;";
    assert!(violations("credential/environment.rs", composed).is_empty());
}
