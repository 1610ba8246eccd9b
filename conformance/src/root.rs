//! The folders of cases, implementations, results and prepared runtimes.

use std::path::{Path, PathBuf};

use crate::error::Fault;

/// The folders of a checkout, or none: then the cases that are built into this program are used.
#[derive(Debug, Clone)]
pub struct Root {
    checkout: Option<PathBuf>,
    impls: Option<PathBuf>,
    target: PathBuf,
}

impl Root {
    /// Finds the checkout: `given` (`--root`), else the first folder from the current one upward
    /// that has (or whose `conformance/` has) `cases/` and `impls/`, else none.
    ///
    /// # Errors
    /// The given folder has no `cases/` and `impls/`.
    pub fn find(given: Option<&Path>) -> Result<Self, Fault> {
        let current = std::env::current_dir().unwrap_or_default();
        let Some(given) = given else {
            let checkout = current.ancestors().find_map(checkout_at);
            return Ok(Self::of(checkout, &current));
        };
        let checkout = checkout_at(given).ok_or_else(|| {
            let folder = given.display();
            Fault::new(format!("--root {folder}: no cases/ and impls/ in it"))
        })?;
        Ok(Self::of(Some(checkout), &current))
    }

    fn of(checkout: Option<PathBuf>, current: &Path) -> Self {
        let parent = checkout.as_deref().and_then(Path::parent);
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => PathBuf::from(target),
            None => parent.unwrap_or(current).join("target"),
        };
        let target = std::path::absolute(&target).unwrap_or(target);
        // Implementations cannot be built in: their drivers are files that other programs read.
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("impls");
        let impls = match &checkout {
            Some(checkout) => Some(checkout.join("impls")),
            None => Some(built_from).filter(|folder| folder.is_dir()),
        };
        Self {
            checkout,
            impls,
            target: target.join("conformance"),
        }
    }

    /// The folder of cases; without a checkout those that are built in are used.
    pub fn cases(&self) -> Option<PathBuf> {
        Some(self.checkout.as_ref()?.join("cases"))
    }

    /// The folder of implementations, if there is one.
    pub fn impls(&self) -> Option<&Path> {
        self.impls.as_deref()
    }

    /// The folder of directories of the emulator other than `basic`; without a checkout those that
    /// are built in are used.
    pub fn worlds(&self) -> Option<PathBuf> {
        Some(self.checkout.as_ref()?.join("worlds"))
    }

    /// The file of requirements; without a checkout those that are built in are used.
    pub fn requirements(&self) -> Option<PathBuf> {
        Some(self.checkout.as_ref()?.join("requirements.toml"))
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

/// The folder's `conformance/` or the folder itself, if it has what a checkout has.
fn checkout_at(folder: &Path) -> Option<PathBuf> {
    let fits = |folder: &PathBuf| folder.join("cases").is_dir() && folder.join("impls").is_dir();
    let folder = [folder.join("conformance"), folder.to_owned()]
        .into_iter()
        .find(fits)?;
    Some(std::path::absolute(&folder).unwrap_or(folder))
}
