//! The implementations of a run, each installed, started once and asked what it can do.

use std::collections::BTreeSet;

use super::RunArgs;
use crate::case::CaseFile;
use crate::error::Fault;
use crate::implementation::{Implementation, KnownFile, prepare};
use crate::results::ImplementationAbout;
use crate::root::Root;
use crate::run::{Candidate, Launcher};
use crate::world::Shared;

/// The implementations checked by default, which need nothing installed.
const DEFAULT: [&str; 2] = ["rust", "rust-process"];

/// The implementations that were named and the driver after `--`; without either those that
/// `failed` before, or our own crate.
pub(super) async fn candidates(
    root: &Root,
    shared: &Shared,
    all: &[CaseFile],
    args: &RunArgs,
    failed: &[ImplementationAbout],
) -> Result<Vec<Candidate>, Fault> {
    let ids: Vec<&str> = all.iter().map(|case| case.id.as_str()).collect();
    let mut launchers = Vec::new();
    // The command line names none: then those of the earlier run are started again.
    let names_none = args.implementations.is_empty() && args.driver.command.is_empty();
    let names = match args.implementations.as_slice() {
        [] if names_none && failed.is_empty() => DEFAULT.map(str::to_owned).to_vec(),
        names => names.to_vec(),
    };
    let mut taken = BTreeSet::new();
    for name in names.into_iter().filter(|name| taken.insert(name.clone())) {
        launchers.push(launcher(root, args, &name).await?);
    }
    if !args.driver.command.is_empty() {
        launchers.push(args.driver.launcher(args.name.as_deref())?);
    }
    for about in failed.iter().filter(|_| names_none) {
        launchers.push(match &about.command {
            None => launcher(root, args, &about.name).await?,
            Some(command) => {
                let driver = args.driver.with_command(command);
                driver.launcher(Some(&about.name))?
            }
        });
    }
    if args.known.is_some() && launchers.len() != 1 {
        return Err(Fault::new("--known is for a run of one implementation"));
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    for mut launcher in launchers {
        if let Some(known) = &args.known {
            launcher.implementation.known = Some(known.clone());
        }
        if let Some(timeout) = args.timeout {
            launcher.implementation.spec.timeout_s = timeout;
        }
        let name = &launcher.implementation.name;
        if candidates.iter().any(|other| other.about.name == *name) {
            return Err(Fault::new(format!(
                "two are called {name}: choose a --name for the driver"
            )));
        }
        candidates.push(candidate(shared, &ids, launcher).await?);
    }
    Ok(candidates)
}

/// Installs what an implementation needs.
async fn launcher(root: &Root, args: &RunArgs, name: &str) -> Result<Launcher, Fault> {
    let implementation = Implementation::find(root, name)?;
    let prepared = prepare(root, &implementation).await?;
    let launcher = Launcher::new(implementation, root.impls(), prepared)?;
    Ok(Launcher {
        patience: args.driver.patience,
        ..launcher
    })
}

/// Asks a driver what it can do and reads its known failures.
async fn candidate(shared: &Shared, ids: &[&str], launcher: Launcher) -> Result<Candidate, Fault> {
    let implementation = &launcher.implementation;
    let known = KnownFile::read(implementation.known.as_deref(), ids)?;
    let (driver, can) = launcher.hello(shared).await?;
    let about = ImplementationAbout {
        name: implementation.name.clone(),
        driver,
        command: implementation
            .given
            .as_ref()
            .map(|given| given.words.clone()),
    };
    Ok(Candidate {
        launcher,
        about,
        can,
        known,
    })
}
