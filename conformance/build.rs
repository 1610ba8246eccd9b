//! Writes the tables of embedded files: every case and every world, so that the program needs no
//! checkout around it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for folder in ["cases", "worlds"] {
        println!("cargo::rerun-if-changed={folder}");
        fs::write(
            out.join(format!("{folder}.rs")),
            table(&manifest.join(folder))?,
        )?;
    }
    Ok(())
}

/// A slice expression with the path below `folder` and the text of every TOML file in it.
fn table(folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut table = String::from("&[\n");
    for path in files {
        let below = path.strip_prefix(folder).unwrap_or(&path);
        // The id of a case is written with slashes on every system.
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let _ = writeln!(
            table,
            "    ({:?}, include_str!({path:?})),",
            parts.join("/")
        );
    }
    table.push_str("]\n");
    Ok(table)
}
