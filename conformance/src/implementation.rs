//! An implementation: `impls/<name>/impl.toml`, its known failures and its runtime.

mod known;
mod prepare;

pub use known::{Known, KnownError, KnownFile, KnownKind};
pub use prepare::prepare;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::error::Fault;

/// An implementation the harness can check.
#[derive(Debug, Clone)]
pub struct Implementation {
    /// Name of its folder.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The content of its `impl.toml`.
    pub spec: Spec,
}

/// The content of `impl.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// One line for people.
    pub title: String,
    /// How it is driven.
    pub kind: Kind,
    /// The driver's command line; `{self}` is this program, `{impls}` the folder of all
    /// implementations, `{prepared}` what `[prepare]` made.
    #[serde(default)]
    pub command: Vec<String>,
    /// Environment variables the runtime needs, same placeholders.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// How long one answer may take.
    #[serde(default = "Spec::default_timeout")]
    pub timeout_s: u64,
    /// The runtime to install first.
    pub prepare: Option<PrepareSpec>,
}

/// How an implementation is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// This workspace's crate, by function calls.
    InProcess,
    /// Anything else, by a process that speaks the protocol.
    Process,
}

/// The runtime an implementation needs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, tag = "runtime", rename_all = "snake_case")]
pub enum PrepareSpec {
    /// A virtual environment with the packages of a requirements file.
    Python {
        /// The requirements file, every version pinned.
        pins: String,
    },
    /// `node_modules` as a lock file has them.
    Node {
        /// `package.json`; `package-lock.json` lies beside it.
        pins: String,
    },
    /// The runtime of another implementation.
    SharedWith {
        /// Its name.
        implementation: String,
    },
}

impl Spec {
    fn default_timeout() -> u64 {
        30
    }

    /// How long one answer may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_s)
    }
}

impl Implementation {
    /// Reads one implementation.
    ///
    /// # Errors
    /// There is none of that name, or its `impl.toml` cannot be used.
    pub fn read(impls: &Path, name: &str) -> Result<Self, Fault> {
        let folder = impls.join(name);
        let path = folder.join("impl.toml");
        let text = std::fs::read_to_string(&path).map_err(|_| {
            let known = names(impls).unwrap_or_default().join(", ");
            Fault::new(format!("no implementation `{name}`; there are: {known}"))
        })?;
        let spec: Spec = toml::from_str(&text)
            .map_err(|error| Fault::new(format!("{}: {error}", path.display())))?;
        if (spec.kind == Kind::Process) == spec.command.is_empty() {
            let text = "`command` goes with kind = \"process\", and only with that";
            return Err(Fault::new(format!("{}: {text}", path.display())));
        }
        Ok(Self {
            name: name.to_owned(),
            folder,
            spec,
        })
    }

    /// Its known failures.
    pub fn known_file(&self) -> PathBuf {
        self.folder.join("known.toml")
    }
}

/// The names of all implementations, sorted.
///
/// # Errors
/// The folder cannot be read.
pub fn names(impls: &Path) -> Result<Vec<String>, Fault> {
    let fault = |error| Fault::new(format!("{}: {error}", impls.display()));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(impls).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        if entry.path().join("impl.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
