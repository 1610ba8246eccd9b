//! Every room of the emulator uses only those below it.
//!
//! A room is a file in `src` with the folder of its name.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

/// From the ground up: a room uses those of the layers before its own, and of its own layer those
/// that stand before it.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "vocabulary",
        &[
            "utf8",
            "form",
            "placed",
            "moment",
            "config_error",
            "clock",
            "random",
            "secret",
            "store",
            "certificate",
            "jwt",
            "keys",
            "issuer",
            "pki",
            "trust",
            "claims_matching",
            "endpoint_names",
            "issued",
        ],
    ),
    (
        "a request and its answer",
        &[
            "seen",
            "call",
            "cookie",
            "reply",
            "cors",
            "error",
            "claims_request",
            "page",
        ],
    ),
    (
        "the world",
        &[
            "first_party",
            "script",
            "config",
            "cloud",
            "policy",
            "redirect_uri",
            "scope",
            "directory",
            "authority",
            "tenant_restriction",
            "token_form",
        ],
    ),
    (
        "what is kept",
        &[
            "stores",
            "token",
            "invariant",
            "journal",
            "live_directory",
            "state",
        ],
    ),
    (
        "decisions",
        &[
            "client_auth",
            "federated_token",
            "cross_cloud",
            "delegation",
            "forge",
            "grant",
            "sign_in",
        ],
    ),
    (
        "endpoints",
        &["endpoint", "host", "dashboard", "route", "federation"],
    ),
    ("the app", &["play", "record", "app"]),
    ("sockets", &["proxy", "server"]),
    (
        "handles",
        &["reference", "projection", "instance", "sandbox", "emulator"],
    ),
];

/// The program stands on the library.
const PROGRAM: &[&str] = &["cli", "main", "lib"];

/// How high a room stands.
fn floor(room: &str) -> Option<usize> {
    let mut rooms = LAYERS.iter().flat_map(|(_, rooms)| *rooms);
    rooms.position(|one| *one == room)
}

/// What is wrong with the `crate::` paths of one file, `path` relative to `src`. Tests within a file
/// may look at whatever they need.
fn violations(path: &str, text: &str) -> Vec<String> {
    let own = path.split(['/', '.']).next().unwrap();
    if PROGRAM.contains(&own) {
        return Vec::new();
    }
    let Some(here) = floor(own) else {
        return vec![format!("{path}: in no layer")];
    };
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let code = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let used = code.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        &rest[..end.unwrap_or(rest.len())]
    });
    used.filter_map(|used| match floor(used) {
        None => Some(format!("{path}: `{used}` is in no layer; name the room")),
        Some(there) if there > here => Some(format!("{path}: `{used}` stands above `{own}`")),
        Some(_) => None,
    })
    .collect()
}

fn check(folder: &Path, place: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            check(&path, &format!("{place}{name}/"), found);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(violations(&format!("{place}{name}"), &text));
        }
    }
}

#[test]
fn every_room_uses_only_those_below_it() {
    let mut found = Vec::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    check(&src, "", &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_use_of_a_higher_room_is_found_wherever_it_is_written() {
    for (path, line) in [
        ("call.rs", "use crate::journal::Entry;"),
        ("script/rule.rs", "    let names = crate::app::endpoints();"),
        ("journal/mask/json.rs", "use crate::live_directory::Mask;"),
        ("host/imds.rs", "use crate::{route::unknown};"),
        ("unheard_of.rs", "fn f() {}"),
    ] {
        assert_eq!(violations(path, line).len(), 1, "{path}: {line}");
    }
    let fine = "use crate::call::Call;\n// crate::app\n#[cfg(test)]\nmod tests {\ncrate::app::App";
    assert!(violations("journal.rs", fine).is_empty());
}
