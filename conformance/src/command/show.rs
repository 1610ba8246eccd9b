//! `show`: one case in words.

use clap::Args;

use super::{load_cases, print};
use crate::case::{CaseFile, describe};
use crate::error::Fault;
use crate::root::Root;

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The id of a case, with its parameters or without: then its first combination is shown.
    #[arg(value_name = "CASE")]
    case: String,
}

pub(super) fn show(root: &Root, args: &ShowArgs) -> Result<u8, Fault> {
    let cases = load_cases(root)?;
    let id = &args.case;
    let stem = |file: &&CaseFile| file.id.split('[').next() == Some(id.as_str());
    let exact = cases.iter().find(|file| file.id == *id);
    let Some(file) = exact.or_else(|| cases.iter().find(stem)) else {
        return Err(Fault::new(unknown(&cases, id)));
    };
    print(&describe(file));
    let others: Vec<_> = cases
        .iter()
        .filter(stem)
        .filter(|other| other.id != file.id)
        .collect();
    if !others.is_empty() {
        print("\n  the same with other parameters\n");
        others
            .iter()
            .for_each(|other| print(&format!("    {}\n", other.id)));
    }
    Ok(0)
}

/// The message for an unknown case, with those that have the text in their id.
fn unknown(cases: &[CaseFile], id: &str) -> String {
    let name = id.rsplit('/').next().unwrap_or(id);
    let near = cases.iter().filter(|file| file.id.contains(name)).take(5);
    let near: Vec<_> = near.map(|file| file.id.as_str()).collect();
    match near.as_slice() {
        [] => format!("no case `{id}`; `list` shows them all"),
        near => format!("no case `{id}`; did you mean {}?", near.join(", ")),
    }
}
