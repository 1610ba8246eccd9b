//! Installs what an implementation needs, once: a virtual environment or `node_modules` below
//! `target/conformance/`, made again when the file with the pinned versions changes.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use aws_lc_rs::digest::{SHA256, digest};
use tokio::process::Command;

use super::{Implementation, PrepareSpec};
use crate::error::Fault;
use crate::root::Root;

/// Written last, so that an interrupted installation is started over.
const STAMP: &str = "prepared.sha256";

/// Makes an implementation ready to run and says where its packages are.
///
/// Progress goes to stderr: the installers' own words and one line before each of them.
///
/// # Errors
/// The language is not installed, or an installer failed; says which and what to do.
pub async fn prepare(root: &Root, implementation: &Implementation) -> Result<PathBuf, Fault> {
    match &implementation.spec.prepare {
        None => Ok(root.prepared(&implementation.name)),
        Some(PrepareSpec::SharedWith {
            implementation: other,
        }) => {
            let other = Implementation::read(&root.impls(), other)?;
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
    let job = Job {
        name: &implementation.name,
        folder: &folder,
    };
    let pins = implementation.folder.join(pins);
    match spec {
        PrepareSpec::Python { .. } => job.python(&pins).await?,
        _ => job.node(&pins).await?,
    }
    std::fs::write(folder.join(STAMP), stamp).map_err(|error| at(&folder, &error))?;
    Ok(folder)
}

struct Job<'a> {
    name: &'a str,
    folder: &'a Path,
}

impl Job<'_> {
    async fn python(&self, pins: &Path) -> Result<(), Fault> {
        self.check("python3", "Python 3.10 or later").await?;
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
        self.check("npm", "Node.js with npm").await?;
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

    /// The command must be there before anything is begun.
    async fn check(&self, program: &str, what: &str) -> Result<(), Fault> {
        let quiet = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await;
        match quiet {
            Ok(status) if status.success() => Ok(()),
            _ => Err(Fault::new(format!(
                "{} cannot be checked here: it needs {what}, and there is no working `{program}` \
                 on the PATH; install it, or leave out --impl {}",
                self.name, self.name
            ))),
        }
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

/// Whether what was prepared still works: an upgrade of the system may have broken it.
async fn runs(folder: &Path, spec: &PrepareSpec) -> bool {
    let program = match spec {
        PrepareSpec::Python { .. } => python_of(folder),
        _ => folder.join("node_modules/.bin/node"),
    };
    let quiet = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.await.is_ok_and(|status| status.success())
}

fn python_of(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

/// Changes with the pinned versions.
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
