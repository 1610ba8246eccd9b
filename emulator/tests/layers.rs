//! Every room of the emulator uses only those below it.
//!
//! A room is a folder in `src` with the file of its name. ARCHITECTURE.md lists the same rooms.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

/// The rooms from the ground up: each may use those before its own.
const ROOMS: &[&str] = &[
    "base", "crypto", "exchange", "script", "world", "state", "entra", "hosts", "control",
    "service", "handle",
];

/// How high a room stands.
fn floor(room: &str) -> Option<usize> {
    ROOMS.iter().position(|known| *known == room)
}

/// The violations in the `crate::` paths of one file, `path` relative to `src`. Tests within a file
/// may look at whatever they need.
fn violations(path: &str, text: &str) -> Vec<String> {
    let own = path.split(['/', '.']).next().unwrap();
    if own == "lib" {
        return Vec::new();
    }
    let Some(here) = floor(own) else {
        return vec![format!("{path}: `{own}` is no room of tests/layers.rs")];
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
        None => Some(format!("{path}: `{used}` is no room; name the room")),
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
        ("exchange/reply.rs", "use crate::state::journal::Entry;"),
        (
            "script/rule.rs",
            "    let names = crate::service::app::endpoints();",
        ),
        (
            "world/config/app.rs",
            "use crate::state::live_directory::Edit;",
        ),
        ("hosts/imds.rs", "use crate::{control::unknown};"),
        ("unheard_of.rs", "fn f() {}"),
    ] {
        assert_eq!(violations(path, line).len(), 1, "{path}: {line}");
    }
    let fine = "use crate::exchange::request::Call;\n// crate::service\n\
                #[cfg(test)]\nmod tests {\ncrate::service::app::App";
    assert!(violations("state/journal.rs", fine).is_empty());
}

#[test]
fn the_architecture_lists_the_same_rooms_in_the_same_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let architecture = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let (_, section) = architecture
        .split_once("\n## The rooms of the emulator\n")
        .expect("a section on the rooms of the emulator");
    let section = section.split("\n#").next().unwrap();
    let listed: Vec<_> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(listed, ROOMS);
}
