//! `bless`: known.toml, written anew from a results file.

use std::path::{Path, PathBuf};

use clap::Args;

use super::print;
use crate::error::Fault;
use crate::implementation::{Implementation, Known, KnownFile, KnownKind};
use crate::results::{CaseResult, ImplementationAbout, Run};
use crate::root::Root;
use crate::verdict::{Outcome, Verdict};

/// The reason of a new entry: empty, so that a run refuses to start until somebody writes one.
const UNEXPLAINED: &str = "";

#[derive(Debug, Args)]
pub(super) struct BlessArgs {
    /// Results to take over [default: target/conformance/results.jsonl].
    #[arg(value_name = "RESULTS")]
    results: Option<PathBuf>,
    /// File to write instead of an implementation's own, for a run of one driver.
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
}

pub(super) fn bless(root: &Root, args: &BlessArgs) -> Result<u8, Fault> {
    let path = args.results.clone().unwrap_or_else(|| root.results());
    let run = Run::read(&path)?;
    if run.cases.iter().any(|case| case.verdict == Verdict::Fault) {
        return Err(Fault::new(
            "the harness failed in that run: it tells nothing to take over",
        ));
    }
    if args.known.is_some() && run.header.implementations.len() != 1 {
        return Err(Fault::new("--known is for a run of one implementation"));
    }
    for about in &run.header.implementations {
        let file = known_file(root, about, args)?;
        let own: Vec<_> = run
            .cases
            .iter()
            .filter(|case| case.implementation == about.name)
            .collect();
        let before = read_all(&file, &own)?;
        let after = updated(&before, &own);
        if before == after {
            continue;
        }
        write(&file, &after)?;
    }
    Ok(0)
}

fn known_file(
    root: &Root,
    about: &ImplementationAbout,
    args: &BlessArgs,
) -> Result<PathBuf, Fault> {
    let name = &about.name;
    let missing = || {
        Fault::new(format!(
            "{name} has no known.toml: name a file with --known"
        ))
    };
    match (&args.known, &about.command) {
        (Some(file), _) => Ok(file.clone()),
        (None, Some(_)) => Err(missing()),
        (None, None) => Implementation::find(root, name)?.known.ok_or_else(missing),
    }
}

/// Writes the entries below the comment the file begins with; no entries, no file.
fn write(file: &Path, entries: &[Known]) -> Result<(), Fault> {
    let fault = |error: std::io::Error| Fault::new(format!("{}: {error}", file.display()));
    if entries.is_empty() {
        std::fs::remove_file(file).map_err(fault)?;
        print(&format!(
            "{}: removed, nothing is known any more\n",
            file.display()
        ));
        return Ok(());
    }
    let before = std::fs::read_to_string(file).unwrap_or_default();
    let comment = before
        .lines()
        .take_while(|line| line.starts_with('#') || line.is_empty());
    let comment: String = comment.map(|line| format!("{line}\n")).collect();
    std::fs::write(file, comment + &KnownFile::to_toml(entries)).map_err(fault)?;
    let unexplained = entries
        .iter()
        .filter(|entry| entry.reason == UNEXPLAINED)
        .count();
    let advice = if unexplained == 0 {
        String::new()
    } else {
        format!(", {unexplained} of them without a reason: a run starts when you have written it")
    };
    print(&format!(
        "{}: {} entries{advice}\n",
        file.display(),
        entries.len()
    ));
    Ok(())
}

/// Reads the entries there are; a file that a run would refuse is an error, and is not overwritten.
fn read_all(file: &Path, own: &[&CaseResult]) -> Result<Vec<Known>, Fault> {
    let mut ids: Vec<String> = own.iter().map(|case| case.case.clone()).collect();
    // Entries of cases that were not run stay. The reader refuses an entry that names no case, so
    // each entry's own name is added to the ids.
    if let Ok(text) = std::fs::read_to_string(file)
        && let Ok(table) = text.parse::<toml::Table>()
    {
        let entries = table.get("known").and_then(toml::Value::as_array);
        let names = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.get("case")?.as_str());
        ids.extend(names.map(|name| name.replace("/**", "/any")));
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    Ok(KnownFile::read(Some(file), &ids)?.entries().to_vec())
}

fn updated(before: &[Known], own: &[&CaseResult]) -> Vec<Known> {
    let mut after: Vec<Known> = before
        .iter()
        .filter(|entry| still_needed(entry, own))
        .cloned()
        .collect();
    for case in own
        .iter()
        .filter(|case| case.verdict == Verdict::Unexpected)
    {
        for check in case.red() {
            let covered = after
                .iter()
                .any(|e| e.covers(&case.case) && e.excuses(&check.id));
            if !covered {
                after.push(Known {
                    case: case.case.clone(),
                    check: Some(check.id.clone()),
                    reason: UNEXPLAINED.to_owned(),
                    link: None,
                    kind: if case.outcome == Outcome::Hang {
                        KnownKind::Hangs
                    } else {
                        KnownKind::Fails
                    },
                });
            }
        }
    }
    after
}

/// An entry stays while a case it covers failed a check it excuses, or was not run.
fn still_needed(entry: &Known, own: &[&CaseResult]) -> bool {
    let mut covered = own
        .iter()
        .filter(|case| entry.covers(&case.case) && case.verdict != Verdict::NotRun)
        .peekable();
    if covered.peek().is_none() || entry.kind != KnownKind::Fails {
        return true;
    }
    covered.any(|case| case.red().any(|check| entry.excuses(&check.id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Level;
    use crate::check::Check;

    fn result(case: &str, red: &str, verdict: Verdict) -> CaseResult {
        let check = Check {
            id: red.to_owned(),
            wanted: String::new(),
            saw: String::new(),
            passed: red.is_empty(),
        };
        CaseResult {
            implementation: "x".into(),
            case: case.into(),
            title: String::new(),
            source: Vec::new(),
            level: Level::Must,
            outcome: if red.is_empty() {
                Outcome::Pass
            } else {
                Outcome::Fail
            },
            verdict,
            elapsed_ms: 0,
            checks: vec![check],
            known: Vec::new(),
            note: None,
            transcript: Vec::new(),
            stderr: String::new(),
        }
    }

    fn entry(case: &str, check: &str) -> Known {
        Known {
            case: case.into(),
            check: Some(check.into()),
            reason: "why".into(),
            link: None,
            kind: KnownKind::Fails,
        }
    }

    #[test]
    fn bless_drops_stale_entries_adds_new_failures_and_keeps_the_rest() {
        let before = [entry("a", "x"), entry("b", "x"), entry("not_played", "x")];
        let results = [
            result("a", "x", Verdict::Known),
            result("b", "", Verdict::Stale),
            result("c", "y", Verdict::Unexpected),
        ];
        let after = updated(&before, &results.iter().collect::<Vec<_>>());
        let named: Vec<_> = after
            .iter()
            .map(|e| (e.case.as_str(), e.reason.as_str()))
            .collect();
        assert_eq!(
            named,
            [("a", "why"), ("not_played", "why"), ("c", UNEXPLAINED)]
        );
    }
}
