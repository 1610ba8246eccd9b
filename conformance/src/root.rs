//! The folders of cases, implementations, results and prepared runtimes.

use std::path::{Path, PathBuf};

use crate::error::Fault;

/// The folders of a checkout.
#[derive(Debug, Clone)]
pub struct Root {
    folder: PathBuf,
    target: PathBuf,
}

impl Root {
    /// The checkout to use: `given` (`--root`), else the first folder from the current one upward
    /// that has (or whose `conformance/` has) `cases/` and `impls/`, else the checkout this
    /// program was built from.
    ///
    /// # Errors
    /// None of these is there.
    pub fn find(given: Option<&Path>) -> Result<Self, Fault> {
        if let Some(given) = given {
            return Self::at(given).ok_or_else(|| {
                Fault::new(format!(
                    "--root {}: no cases/ and impls/ in it",
                    given.display()
                ))
            });
        }
        let current = std::env::current_dir().ok();
        let upward = current
            .iter()
            .flat_map(|folder| folder.ancestors())
            .find_map(Self::at);
        upward
            .or_else(|| Self::at(Path::new(env!("CARGO_MANIFEST_DIR"))))
            .ok_or_else(|| {
                Fault::new(
                    "no cases found: run this inside a checkout, or name its conformance folder \
                 with --root",
                )
            })
    }

    /// The folder itself or its `conformance/`.
    fn at(folder: &Path) -> Option<Self> {
        let fits =
            |folder: &PathBuf| folder.join("cases").is_dir() && folder.join("impls").is_dir();
        let folder = [folder.join("conformance"), folder.to_owned()]
            .into_iter()
            .find(fits)?;
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => PathBuf::from(target),
            None => folder.parent().unwrap_or(&folder).join("target"),
        };
        let target = std::path::absolute(&target).unwrap_or(target);
        Some(Self {
            folder,
            target: target.join("conformance"),
        })
    }

    /// The cases.
    pub fn cases(&self) -> PathBuf {
        self.folder.join("cases")
    }

    /// The implementations.
    pub fn impls(&self) -> PathBuf {
        self.folder.join("impls")
    }

    /// Directories of the emulator other than `basic`.
    pub fn worlds(&self) -> PathBuf {
        self.folder.join("worlds")
    }

    /// The file for results, unless the command line names another.
    pub fn results(&self) -> PathBuf {
        self.target.join("results.jsonl")
    }

    /// The folder of an implementation's runtime.
    pub fn prepared(&self, implementation: &str) -> PathBuf {
        self.target.join(implementation)
    }
}
