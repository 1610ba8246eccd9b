//! An implementation: `impls/<name>/impl.toml`, its known failures and its runtime.

mod known;
mod prepare;
mod program;

pub use known::{Known, KnownError, KnownFile, KnownKind};
pub use prepare::prepare;
pub use program::CallerPath;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::error::Fault;
use crate::root::Root;

/// An implementation the harness can check.
#[derive(Debug, Clone)]
pub struct Implementation {
    /// Name of its folder, or the one given to a driver on the command line.
    pub name: String,
    /// Its folder; for a driver on the command line, the folder it was named in.
    pub folder: PathBuf,
    /// The file of its known failures, if there can be one.
    pub known: Option<PathBuf>,
    /// The command line, for a driver that is in no folder of implementations.
    pub given: Option<GivenCommand>,
    /// The content of its `impl.toml`.
    pub spec: Spec,
}

/// A driver on the command line.
#[derive(Debug, Clone)]
pub struct GivenCommand {
    /// The command line as the user wrote it.
    pub words: Vec<String>,
    /// The programs the driver may start besides those of a case.
    pub programs: CallerPath,
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
    /// The specification of a driver without `impl.toml`.
    fn of_command(title: String, kind: Kind, command: Vec<String>) -> Self {
        Self {
            title,
            kind,
            command,
            env: BTreeMap::new(),
            timeout_s: Self::default_timeout(),
            prepare: None,
        }
    }

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
            known: Some(folder.join("known.toml")),
            folder,
            given: None,
            spec,
        })
    }

    /// Finds an implementation: in the folder of implementations, or built in.
    ///
    /// # Errors
    /// There is none of that name, or its `impl.toml` cannot be used.
    pub fn find(root: &Root, name: &str) -> Result<Self, Fault> {
        match root.impls() {
            Some(impls) => Self::read(impls, name),
            None => Self::built_in(name),
        }
    }

    /// The implementations that need no files besides this program.
    fn built_in(name: &str) -> Result<Self, Fault> {
        let (kind, command) = match name {
            "rust" => (Kind::InProcess, Vec::new()),
            "rust-process" => (
                Kind::Process,
                ["{self}", "driver"].map(str::to_owned).into(),
            ),
            _ => {
                return Err(Fault::new(format!(
                    "no implementation `{name}`: without a checkout there are rust and \
                     rust-process; name one's conformance folder with --root, or check a driver \
                     of your own with `run -- COMMAND`"
                )));
            }
        };
        let title = "the identity crate this program was built with".to_owned();
        let spec = Spec::of_command(title, kind, command);
        Ok(Self {
            name: name.to_owned(),
            folder: PathBuf::new(),
            known: None,
            given: None,
            spec,
        })
    }

    /// A driver that is named on the command line, in the current folder.
    ///
    /// # Errors
    /// Its program is neither there nor on the caller's PATH.
    pub fn of_command(name: Option<&str>, command: &[String]) -> Result<Self, Fault> {
        let folder = std::env::current_dir()
            .map_err(|error| Fault::new(format!("there is no current folder: {error}")))?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let resolved = program::resolve(command, &path, &folder)?;
        let programs = CallerPath::hiding_tools(&path, &folder)
            .map_err(|error| Fault::new(format!("the PATH cannot be used: {error}")))?;
        let stem = command.first().map(Path::new).and_then(Path::file_stem);
        let stem = stem.unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self {
            name: name.map_or(stem, str::to_owned),
            folder,
            known: None,
            given: Some(GivenCommand {
                words: command.to_vec(),
                programs,
            }),
            spec: Spec::of_command(command.join(" "), Kind::Process, resolved),
        })
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
