//! The crate's own source files, for tests of their text.

#![allow(dead_code, reason = "each test file uses some of it")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test of the source files reads them"
)]

use std::path::{Path, PathBuf};

/// Returns the Rust files below `src`, each with its path there (with `/`) and its text.
pub(crate) fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let of_rust = |path: &PathBuf| path.extension().is_some_and(|it| it == "rs");
    let paths = below(&root).into_iter().filter(of_rust);
    let named = paths.map(|path| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        (name.replace('\\', "/"), text)
    });
    named.collect()
}

/// Returns the text of the file at `path` of this crate.
pub(crate) fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn below(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let files = paths.flat_map(|path| match path.is_dir() {
        true => below(&path),
        false => vec![path],
    });
    files.collect()
}
