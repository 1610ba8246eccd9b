//! The cases of a run: by pattern, level, credential and requirement, or those that failed before.

use std::collections::BTreeSet;
use std::path::Path;

use super::RunArgs;
use crate::case::{CaseFile, Step};
use crate::error::Fault;
use crate::protocol::Credential;
use crate::requirement::{self, Requirement};
use crate::results::{ImplementationAbout, Run};
use crate::root::Root;
use crate::run::{SelectedCase, select};

/// The cases that failed in an earlier run.
pub(super) struct Failed {
    pub(super) implementations: Vec<ImplementationAbout>,
    /// Names of implementations and ids of cases.
    pub(super) pairs: BTreeSet<(String, String)>,
}

impl Failed {
    /// Reads them from the results of that run.
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let run = Run::read(path)?;
        let cases = run.cases.into_iter();
        let pairs: BTreeSet<_> = cases
            .filter(|case| case.verdict.exit_code() > 0)
            .map(|case| (case.implementation, case.case))
            .collect();
        let mut implementations = run.header.implementations;
        implementations.retain(|about| pairs.iter().any(|(name, _)| *name == about.name));
        Ok(Self {
            implementations,
            pairs,
        })
    }
}

/// The cases that the patterns name, or those that failed, of this machine's shard.
pub(super) fn selected(
    root: &Root,
    all: &[CaseFile],
    args: &RunArgs,
    failed: Option<&Failed>,
) -> Result<Vec<SelectedCase>, Fault> {
    let mut patterns = args.cases.clone();
    if let (Some(failed), true) = (failed, patterns.is_empty()) {
        // By their ids, so that one that waits for long is not left out.
        patterns.extend(failed.pairs.iter().map(|(_, id)| id.clone()));
    }
    let mut cases = select(all, &patterns, args.slow)?;
    let rows = rows(root, &args.requirements)?;
    cases.retain(|case| {
        let level = args.levels.is_empty() || args.levels.contains(&case.file.case.level);
        let credential = args.credentials.is_empty() || uses(&case.file, &args.credentials);
        let requirement = rows
            .as_ref()
            .is_none_or(|rows| rows.iter().any(|row| row.is_shown_by(&case.file.id)));
        level && credential && requirement
    });
    if cases.is_empty() {
        return Err(Fault::new(
            "no case is left by --level, --credential and --requirement together",
        ));
    }
    Ok(match args.shard {
        Some(shard) => shard.keep(cases),
        None => cases,
    })
}

/// The rows of these requirements, or nothing where none is named.
fn rows(root: &Root, ids: &[String]) -> Result<Option<Vec<Requirement>>, Fault> {
    if ids.is_empty() {
        return Ok(None);
    }
    let all = requirement::load(root.requirements().as_deref())?;
    if let Some(unknown) = ids.iter().find(|id| !all.iter().any(|row| row.id == **id)) {
        let text = format!("no requirement `{unknown}`; requirements.toml has them all");
        return Err(Fault::new(text));
    }
    let named = all.into_iter().filter(|row| ids.contains(&row.id));
    Ok(Some(named.collect()))
}

/// Whether a step of the case builds a credential of one of these kinds, also within a chain.
fn uses(file: &CaseFile, kinds: &[String]) -> bool {
    let mut credentials = file.case.steps.iter().filter_map(Step::credential);
    credentials.any(|credential| is_one_of(credential, kinds))
}

fn is_one_of(credential: &Credential, kinds: &[String]) -> bool {
    if kinds.iter().any(|kind| kind == credential.kind()) {
        return true;
    }
    match credential {
        Credential::Chained { credentials } => {
            credentials.iter().any(|member| is_one_of(member, kinds))
        }
        _ => false,
    }
}
