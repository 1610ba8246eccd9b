//! Every file of the crate uses only the rooms that its own may use. A room is a file in `src` with
//! the folder of its name.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use self::sources::{file, sources};

/// A room, and the rooms it may use besides itself. All of them stand before it.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
}

const fn room(name: &'static str, may_use: &'static [&'static str]) -> Room {
    Room { name, may_use }
}

/// The rooms from the ground up. The table in ARCHITECTURE.md says the same with reasons.
const ROOMS: &[Room] = &[
    room("base", &[]),
    room("context", &["base"]),
    room("exchange", &["base", "context"]),
    room("isolation", &["base", "context"]),
    room("oauth", &["base", "context", "exchange", "isolation"]),
    room(
        "msi",
        &["base", "context", "exchange", "isolation", "oauth"],
    ),
    room("tool", &["base", "context", "isolation", "oauth"]),
    room("cache", &["base", "context", "isolation"]),
    room("options", &["base", "context", "exchange", "cache"]),
    room("pipeline", &["base", "context", "cache"]),
    room("user", &["base", "context", "oauth", "cache", "pipeline"]),
    room(
        "credential",
        &[
            "base",
            "context",
            "exchange",
            "isolation",
            "oauth",
            "msi",
            "tool",
            "cache",
            "options",
            "pipeline",
            "user",
        ],
    ),
    room(
        "chain",
        &["base", "context", "msi", "options", "credential"],
    ),
    room("facade", &["base", "user"]),
];

/// The most rooms a newcomer can keep in mind.
const MOST: usize = 16;

/// Sources that are made of other sources.
const COMPOSED: &[&str] = &["credential/environment.rs"];

fn find(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

/// The modules that `lib.rs` gives a path without their room's name, each with its room.
fn short_paths(lib: &str) -> BTreeMap<&str, &'static Room> {
    let mut short = BTreeMap::new();
    for statement in lib.split(';') {
        let Some((_, path)) = statement.split_once("use self::") else {
            continue;
        };
        let Some((name, modules)) = path.split_once("::") else {
            continue;
        };
        let Some(room) = find(name) else {
            continue;
        };
        for module in modules.split(['{', '}', ',']).map(str::trim) {
            if module.starts_with(char::is_lowercase) && !module.contains(':') {
                short.insert(module, room);
            }
        }
    }
    short
}

/// The faults in the `crate::` paths of one file, `path` relative to `src`.
fn violations(path: &str, text: &str, short: &BTreeMap<&str, &'static Room>) -> Vec<String> {
    let own = path.split(['/', '.']).next().unwrap();
    let Some(room) = find(own) else {
        return vec![format!("{path}: in no room")];
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
        match find(&module).or_else(|| short.get(&*module).copied()) {
            _ if module == "testing" => {}
            None => found.push(format!("{path}: `{module}` is in no room; name the module")),
            Some(other) if other.name == room.name || room.may_use.contains(&other.name) => {}
            Some(other) => {
                found.push(format!(
                    "{path}: {} may not use {} (`{module}`)",
                    room.name, other.name
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
fn every_file_keeps_to_its_room() {
    let lib = file("src/lib.rs");
    let short = short_paths(&lib);
    let mut found = BTreeSet::new();
    for (path, text) in sources() {
        if !matches!(&*path, "lib.rs" | "testing.rs") {
            found.extend(violations(&path, &text, &short));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_room_stands_above_all_that_it_uses_and_there_are_few() {
    assert!(ROOMS.len() <= MOST, "{} rooms", ROOMS.len());
    for (floor, room) in ROOMS.iter().enumerate() {
        let below: Vec<_> = ROOMS[..floor].iter().map(|room| room.name).collect();
        for used in room.may_use {
            assert!(below.contains(used), "{} uses {used}", room.name);
        }
        let files = sources();
        let root = format!("{}.rs", room.name);
        assert!(files.iter().any(|(path, _)| *path == root), "no {root}");
    }
}

/// The names in backticks in one cell of a table.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_table_in_architecture_is_the_list_of_rooms() {
    let text = file("../ARCHITECTURE.md");
    let (_, section) = text.split_once("## The layers of `identity`").unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    let written: Vec<_> = rows
        .map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').collect();
            let may_use = cells.get(2).copied().unwrap_or_default();
            (names(cells[0]), names(may_use))
        })
        .collect();
    let listed: Vec<_> = ROOMS
        .iter()
        .map(|room| (vec![room.name], room.may_use.to_vec()))
        .collect();
    assert_eq!(written, listed);
}

#[test]
fn a_use_of_a_higher_room_is_found_wherever_it_is_written() {
    let short =
        short_paths("use self::base::{\n    error, token,\n};\npub use self::facade::blocking;");
    for (path, line) in [
        ("base/token.rs", "use crate::context::Clock;"),
        ("oauth/grant.rs", "use crate::options::Options;"),
        (
            "context/env.rs",
            "    let x = crate::pipeline::Pipeline::new();",
        ),
        ("cache/key.rs", "use crate::oauth::grant::Grant;"),
        (
            "facade/blocking.rs",
            "use crate::credential::ClientSecretCredential;",
        ),
        ("user.rs", "use crate::blocking::BlockingCredential;"),
        ("pipeline.rs", "use crate::chain::ChainedTokenCredential;"),
        (
            "credential/azure_cli.rs",
            "use crate::credential::client_secret::ClientSecret;",
        ),
        ("base/token.rs", "use crate::TokenCredential;"),
        ("unheard_of.rs", "fn f() {}"),
    ] {
        assert_eq!(violations(path, line, &short).len(), 1, "{path}: {line}");
    }
    for (path, fine) in [
        (
            "base/token_credential.rs",
            "use crate::token::TokenRequest;\n// crate::chain\n$crate::azure_core::token()",
        ),
        (
            "credential/azure_cli.rs",
            "use crate::credential::construction::DeveloperTool;",
        ),
        (
            "credential/environment.rs",
            "use crate::credential::client_secret::ClientSecretCredential;",
        ),
    ] {
        assert_eq!(violations(path, fine, &short), [""; 0]);
    }
}
