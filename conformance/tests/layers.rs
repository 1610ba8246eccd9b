//! A room of the crate, a file in `src` with the folder of its name, uses only the rooms below it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The rooms from the ground up, with the row of `ARCHITECTURE.md` that describes each.
const ROOMS: &[(&str, &str)] = &[
    (
        "error",
        "a fault of the harness itself, which ends a run with exit code 2",
    ),
    (
        "root",
        "the folders of a checkout: cases, implementations, results",
    ),
    ("protocol", "the messages between the harness and a driver"),
    (
        "case",
        "a case file: strict data, its matrix and its placeholders",
    ),
    (
        "requirement",
        "`requirements.toml`: behaviours, and the cases that show them",
    ),
    (
        "observation",
        "recorded data of one case, all that checks look at",
    ),
    (
        "check",
        "pure functions from a case and an observation to red and green",
    ),
    (
        "implementation",
        "`impl.toml`, `known.toml`, and the installation of a runtime",
    ),
    (
        "verdict",
        "from how a case ended to what that means for the run",
    ),
    (
        "results",
        "`results.jsonl`: its lines, its writer and its reader",
    ),
    ("report", "pure renderers of a finished run"),
    (
        "driver",
        "one trait for whatever is asked for tokens, in process or not",
    ),
    (
        "world",
        "the surroundings of one case: emulator, HOME, environment",
    ),
    (
        "run",
        "which cases are put to which drivers, and the running of them",
    ),
    ("command", "the command line"),
];

/// The crate root declares the rooms, and the program calls the topmost.
const NO_ROOMS: [&str; 2] = ["lib.rs", "main.rs"];

fn manifest() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|(name, _)| *name == room)
}

/// Every file below `folder` that ends in `.rs`.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the crate") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

fn identifier(text: &str) -> String {
    let letters = text.chars();
    letters
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// The uses of a room that is not below the file's own, `path` relative to `src`.
fn upward_uses(path: &str, text: &str) -> Vec<String> {
    let own = identifier(path);
    let Some(own_rank) = rank(&own) else {
        return vec![format!("{path}: `{own}` is not in the list of rooms")];
    };
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let used = &code[start + "crate::".len()..];
        match rank(&identifier(used)) {
            Some(used_rank) if used_rank <= own_rank => {}
            Some(_) => found.push(format!("{path}: {own} may not use {}", identifier(used))),
            None => found.push(format!(
                "{path}: `crate::{}` names no room",
                identifier(used)
            )),
        }
    }
    found
}

#[test]
fn every_room_uses_only_rooms_below_it() {
    let src = manifest().join("src");
    let mut found = BTreeSet::new();
    for file in rust_files(&src) {
        let path = file.strip_prefix(&src).expect("a file of src");
        let path = path.to_string_lossy();
        if !NO_ROOMS.contains(&&*path) {
            let text = std::fs::read_to_string(&file).expect("a source file");
            found.extend(upward_uses(&path, &text));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_list_has_at_most_sixteen_rooms_and_each_exists() {
    assert!(ROOMS.len() <= 16, "{} rooms", ROOMS.len());
    for (room, _) in ROOMS {
        let file = manifest().join("src").join(format!("{room}.rs"));
        assert!(file.is_file(), "{} is missing", file.display());
    }
}

#[test]
fn a_use_of_a_higher_room_is_found_wherever_it_is_written() {
    for (path, line) in [
        ("error.rs", "use crate::case::CaseError;"),
        (
            "check/leak.rs",
            "    let world = crate::world::World::empty();",
        ),
        ("results/event.rs", "use crate::run::Decision;"),
        ("case.rs", "use crate::Unplaced;"),
        ("unheard_of.rs", "fn f() {}"),
    ] {
        assert_eq!(upward_uses(path, line).len(), 1, "{path}: {line}");
    }
    let fine = "use crate::error::Fault;\n// crate::command\nuse crate::world::World;";
    assert!(upward_uses("run/session.rs", fine).is_empty());
}

/// The table is printed here from the same list, so that it cannot fall behind.
#[test]
fn the_table_in_architecture_md_is_this_list() {
    let rows = ROOMS
        .iter()
        .map(|(room, about)| format!("| `{room}` | {about} |\n"));
    let table = format!(
        "| room | what it is for |\n|---|---|\n{}",
        rows.collect::<String>()
    );
    let document = manifest().join("../ARCHITECTURE.md");
    let document = std::fs::read_to_string(document).expect("ARCHITECTURE.md");
    assert!(
        document.contains(&table),
        "ARCHITECTURE.md should have this table in its section on the suite:\n{table}"
    );
}
