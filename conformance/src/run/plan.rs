//! The plan of a run: the cases for each implementation, and the failures known beforehand.

use super::Launcher;
use crate::case::CaseFile;
use crate::error::Fault;
use crate::implementation::{Known, KnownFile, KnownKind};
use crate::results::ImplementationAbout;

/// An implementation that answered `hello`.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// How to start it.
    pub launcher: Launcher,
    /// The implementation and its driver.
    pub about: ImplementationAbout,
    /// Its capabilities.
    pub can: Vec<String>,
    /// Its known failures.
    pub known: KnownFile,
}

/// A case of a run.
#[derive(Debug, Clone)]
pub struct SelectedCase {
    /// The case.
    pub file: CaseFile,
    /// Whether it is only listed, because it waits for long and nobody asked for that.
    pub left_out: bool,
}

/// One case with one implementation.
#[derive(Debug, Clone)]
pub struct PlannedCase {
    /// Position of the implementation.
    pub candidate: usize,
    /// Position of the case.
    pub case: usize,
    /// The entries about it.
    pub known: Vec<Known>,
    /// The decision about it.
    pub decision: Decision,
}

/// A decision about one case with one implementation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is run.
    Run,
    /// It does not apply, because this capability is missing.
    NotApplicable(String),
    /// It is left out, because it is known to hang.
    Skip,
    /// It is left out, because it waits for long and nobody asked for that.
    LeaveOut,
}

/// Pairs every case with every implementation.
pub fn plan(candidates: &[Candidate], cases: &[SelectedCase]) -> Vec<PlannedCase> {
    let mut planned = Vec::new();
    for (candidate_index, candidate) in candidates.iter().enumerate() {
        for (case_index, chosen) in cases.iter().enumerate() {
            let known = candidate.known.about(&chosen.file.id);
            planned.push(PlannedCase {
                candidate: candidate_index,
                case: case_index,
                decision: decide(chosen, &candidate.can, &known),
                known: known.into_iter().cloned().collect(),
            });
        }
    }
    planned
}

fn decide(chosen: &SelectedCase, can: &[String], known: &[&Known]) -> Decision {
    let mut needs = chosen.file.case.needs.iter();
    if let Some(missing) = needs.find(|need| !can.contains(need)) {
        return Decision::NotApplicable(missing.clone());
    }
    if chosen.left_out {
        return Decision::LeaveOut;
    }
    if known.iter().any(|entry| entry.kind == KnownKind::Hangs) {
        return Decision::Skip;
    }
    Decision::Run
}

/// Selects the cases that a pattern names: an id, a folder, a case with any parameters, or text
/// with `*`.
///
/// Cases that wait for long are left out unless a pattern is their id; with `slow` they are the
/// only ones selected.
///
/// # Errors
/// A pattern that names no case, or no case that waits for long with `slow`.
pub fn select(
    cases: &[CaseFile],
    patterns: &[String],
    slow: bool,
) -> Result<Vec<SelectedCase>, Fault> {
    if let Some(idle) = patterns
        .iter()
        .find(|p| !cases.iter().any(|case| fits(p, &case.id)))
    {
        return Err(Fault::new(format!(
            "--case {idle} names no case; `list` shows them all"
        )));
    }
    let named = |case: &&CaseFile| {
        patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, &case.id))
    };
    let waits = |case: &CaseFile| case.case.waits_s.is_some();
    let wanted = cases.iter().filter(named);
    let wanted = wanted.filter(|case| !slow || waits(case));
    let chosen: Vec<_> = wanted
        .map(|file| SelectedCase {
            left_out: waits(file)
                && !slow
                && !patterns.iter().any(|pattern| is_name(pattern, &file.id)),
            file: file.clone(),
        })
        .collect();
    if chosen.is_empty() {
        return Err(Fault::new("--slow: none of these cases waits for long"));
    }
    Ok(chosen)
}

/// Whether a pattern is an id, with its parameters or without.
fn is_name(pattern: &str, id: &str) -> bool {
    let rest = id.strip_prefix(pattern);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

fn fits(pattern: &str, id: &str) -> bool {
    if let Some(rest) = id.strip_prefix(pattern)
        && (rest.is_empty() || rest.starts_with(['/', '[']) || pattern.ends_with('/'))
    {
        return true;
    }
    pattern.contains('*') && glob(pattern, id)
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn case(id: &str, rest: &str) -> CaseFile {
        let text = format!(
            "title = 't'\nsource = ['https://example.com/']\nlevel = 'must'\n{rest}\n\
             [[step]]\ndo = 'token'\ncredential = {{ kind = 'environment' }}\nscopes = ['s']\n\
             expect = {{ token = {{}} }}\n"
        );
        let mut files = CaseFile::parse(id, Path::new("case.toml"), &text).unwrap();
        files.remove(0)
    }

    #[test]
    fn a_case_that_waits_is_run_when_it_is_named_or_with_slow() {
        let cases = [
            case("a/quick", ""),
            case("a/slow", "timeout_s = 9\nwaits_s = 8"),
        ];
        let chosen = |patterns: &[&str], slow| -> Vec<_> {
            let patterns: Vec<_> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
            let chosen = select(&cases, &patterns, slow).unwrap().into_iter();
            chosen.map(|case| (case.file.id, case.left_out)).collect()
        };
        let both = [("a/quick".to_owned(), false), ("a/slow".to_owned(), true)];
        for patterns in [&[][..], &["a"], &["a/*"], &["a/quick", "a/sl*"]] {
            assert_eq!(chosen(patterns, false), both, "{patterns:?}");
        }
        let slow = [("a/slow".to_owned(), false)];
        assert_eq!(chosen(&["a/slow"], false), slow);
        assert_eq!(chosen(&[], true), slow);
        assert!(select(&cases, &["a/quick".to_owned()], true).is_err());
    }

    #[test]
    fn a_pattern_names_a_case_a_folder_or_a_text_with_stars() {
        for (pattern, id, wanted) in [
            ("a/b", "a/b", true),
            ("a", "a/b", true),
            ("a/", "a/b", true),
            ("a/b", "a/b[n=1]", true),
            ("a/b", "a/bc", false),
            ("a*", "a/b", true),
            ("*b", "a/b", true),
            ("*b", "a/bc", false),
            ("a*c*e", "abcde", true),
            ("a*e*c", "abcde", false),
            ("ab*ba", "aba", false),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, id), wanted, "{pattern:?} and {id:?}");
        }
    }
}
