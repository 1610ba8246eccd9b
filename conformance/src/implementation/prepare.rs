//! The installation of an implementation's runtime: a virtual environment or `node_modules` below
//! `target/conformance/`, made once, and again when the file with the pinned versions changes.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use aws_lc_rs::digest::{SHA256, digest};
use tokio::process::Command;

use super::{Implementation, PrepareSpec};
use crate::error::Fault;
use crate::root::Root;

/// The file that is written last, so that an interrupted installation starts over.
const STAMP: &str = "prepared.sha256";

/// The oldest Python that the pinned packages support, as `README.md` says.
const OLDEST_PYTHON: (u32, u32) = (3, 10);

/// Makes an implementation ready to run and returns the folder of its packages.
///
/// Progress goes to stderr: the installers' own words and one line before each of them.
///
/// # Errors
/// The language is not installed or too old, or an installer failed; it says which and what to do.
pub async fn prepare(root: &Root, implementation: &Implementation) -> Result<PathBuf, Fault> {
    match &implementation.spec.prepare {
        None => Ok(root.prepared(&implementation.name)),
        Some(PrepareSpec::SharedWith {
            implementation: other,
        }) => {
            let other = Implementation::find(root, other)?;
            if matches!(other.spec.prepare, Some(PrepareSpec::SharedWith { .. })) {
                let text = format!("{}: shared_with names one that shares too", other.name);
                return Err(Fault::new(text));
            }
            Box::pin(prepare(root, &other)).await
        }
        Some(spec) => install(root, implementation, spec).await,
    }
}

async fn install(
    root: &Root,
    implementation: &Implementation,
    spec: &PrepareSpec,
) -> Result<PathBuf, Fault> {
    let (PrepareSpec::Python { pins } | PrepareSpec::Node { pins }) = spec else {
        return Err(Fault::new("shared runtimes are resolved before"));
    };
    let folder = root.prepared(&implementation.name);
    let stamp = stamp(&implementation.folder, pins)?;
    let there = std::fs::read_to_string(folder.join(STAMP)).is_ok_and(|text| text == stamp);
    if there && runs(&folder, spec).await {
        return Ok(folder);
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    let installer = Installer {
        name: &implementation.name,
        folder: &folder,
    };
    let pins = implementation.folder.join(pins);
    match spec {
        PrepareSpec::Python { .. } => installer.python(&pins).await?,
        _ => installer.node(&pins).await?,
    }
    std::fs::write(folder.join(STAMP), stamp).map_err(|error| at(&folder, &error))?;
    Ok(folder)
}

struct Installer<'a> {
    name: &'a str,
    folder: &'a Path,
}

impl Installer<'_> {
    async fn python(&self, pins: &Path) -> Result<(), Fault> {
        self.check_python().await?;
        let folder = self.folder.as_os_str();
        let venv = ["-m".as_ref(), "venv".as_ref(), folder];
        let hint = "on Debian and Ubuntu the package is called python3-venv";
        self.step(
            "python3".as_ref(),
            &venv,
            "making a virtual environment",
            hint,
        )
        .await?;
        let pip = [
            "-m".as_ref(),
            "pip".as_ref(),
            "install".as_ref(),
            "--disable-pip-version-check".as_ref(),
            "--quiet".as_ref(),
            "--requirement".as_ref(),
            pins.as_os_str(),
        ];
        let hint = "the package index must be reachable the first time";
        self.step(
            &python_of(self.folder),
            &pip,
            "installing the pinned packages",
            hint,
        )
        .await
    }

    async fn node(&self, pins: &Path) -> Result<(), Fault> {
        if !starts("npm".as_ref()).await {
            return Err(self.missing("Node.js with npm", "there is no working `npm` on the PATH"));
        }
        for name in ["package.json", "package-lock.json"] {
            let from = pins.with_file_name(name);
            std::fs::copy(&from, self.folder.join(name)).map_err(|error| at(&from, &error))?;
        }
        let npm = [
            "ci",
            "--loglevel=error",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ]
        .map(AsRef::as_ref);
        let hint = "the package registry must be reachable the first time";
        self.step("npm".as_ref(), &npm, "installing the pinned packages", hint)
            .await
    }

    /// Checks the version of Python before anything is begun: with an older one `pip` would only
    /// say that it finds no such version of a package.
    async fn check_python(&self) -> Result<(), Fault> {
        let what = format!("Python {}.{} or later", OLDEST_PYTHON.0, OLDEST_PYTHON.1);
        let Some(version) = python_version().await else {
            return Err(self.missing(&what, "there is no working `python3` on the PATH"));
        };
        if parse_version(&version).is_some_and(|version| version >= OLDEST_PYTHON) {
            return Ok(());
        }
        let text = format!("the `python3` on the PATH is Python {version}");
        Err(self.missing(&what, &text))
    }

    fn missing(&self, what: &str, found: &str) -> Fault {
        let name = self.name;
        Fault::new(format!(
            "{name} cannot be checked here: it needs {what}, and {found}; install {what}, or leave \
             out --impl {name}"
        ))
    }

    async fn step(
        &self,
        program: &Path,
        arguments: &[&std::ffi::OsStr],
        doing: &str,
        hint: &str,
    ) -> Result<(), Fault> {
        progress(&format!(
            "{}: {doing} in {}",
            self.name,
            self.folder.display()
        ));
        let status = Command::new(program)
            .args(arguments)
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::from(std::io::stderr()))
            .status()
            .await
            .map_err(|error| at(program, &error))?;
        if status.success() {
            return Ok(());
        }
        Err(Fault::new(format!(
            "{}: {doing} failed ({status}); {hint}",
            self.name
        )))
    }
}

#[expect(
    clippy::print_stderr,
    reason = "progress of a long installation is for the user to see"
)]
fn progress(text: &str) {
    eprintln!("{text}");
}

/// Whether the runtime still starts: an upgrade of the system may have broken it.
async fn runs(folder: &Path, spec: &PrepareSpec) -> bool {
    let program = match spec {
        PrepareSpec::Python { .. } => python_of(folder),
        _ => folder.join("node_modules/.bin/node"),
    };
    starts(&program).await
}

/// Whether a program is there and can say its version.
async fn starts(program: &Path) -> bool {
    let status = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.await.is_ok_and(|status| status.success())
}

/// The version of `python3`, such as `3.12`, or nothing where it does not run.
async fn python_version() -> Option<String> {
    let script = "import sys; print('%d.%d' % sys.version_info[:2])";
    let output = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let output = output.await.ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn python_of(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

/// A hash of the files with the pinned versions.
fn stamp(folder: &Path, pins: &str) -> Result<String, Fault> {
    let path = folder.join(pins);
    let mut bytes = std::fs::read(&path).map_err(|error| at(&path, &error))?;
    bytes.extend(std::fs::read(path.with_file_name("package-lock.json")).unwrap_or_default());
    Ok(digest(&SHA256, &bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn at(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new(format!("{}: {error}", path.display()))
}
