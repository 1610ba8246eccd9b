//! `new-driver`: writes a driver to begin with.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::print;
use crate::error::Fault;

const DRIVER: &str = include_str!("../../template/driver.py");

#[derive(Debug, Args)]
pub(super) struct NewDriverArgs {
    /// Folder to make, with a driver in Python that passes `smoke`.
    #[arg(value_name = "NAME")]
    folder: PathBuf,
}

pub(super) fn new_driver(args: &NewDriverArgs) -> Result<u8, Fault> {
    let folder = &args.folder;
    let file = folder.join("driver.py");
    let fault = |error| Fault::new(format!("{}: {error}", file.display()));
    std::fs::create_dir_all(folder).map_err(fault)?;
    write_new(&file).map_err(fault)?;
    let path = file.display();
    print(&format!(
        "{path}: replace its class `Library` by calls to yours. Then:\n  \
         identity-conformance smoke -- python3 {path}\n  \
         identity-conformance list --applicable -- python3 {path}\n  \
         identity-conformance run -- python3 {path}\n"
    ));
    Ok(0)
}

/// Writes the driver, but never over a file that is there.
fn write_new(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).open(file)?;
    file.write_all(DRIVER.as_bytes())
}
