//! Which cases are put to which implementations, and what is known about that beforehand.

use crate::case::CaseFile;
use crate::error::Fault;
use crate::event::ImplementationAbout;
use crate::known::{Known, KnownFile, KnownKind};
use crate::ready::Ready;

/// An implementation that answered `hello`.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// How to start it.
    pub ready: Ready,
    /// Who it is.
    pub about: ImplementationAbout,
    /// What it can do.
    pub can: Vec<String>,
    /// Its known failures.
    pub known: KnownFile,
}

/// One case with one implementation.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Position of the implementation.
    pub candidate: usize,
    /// Position of the case.
    pub case: usize,
    /// The entries about it.
    pub known: Vec<Known>,
    /// What to do with it.
    pub decision: Decision,
}

/// What to do with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Play it.
    Play,
    /// It does not apply: this capability is missing.
    NotApplicable(String),
    /// It is known to hang.
    Skip,
}

/// Pairs every case with every implementation.
pub fn plan(candidates: &[Candidate], cases: &[CaseFile]) -> Vec<Planned> {
    let mut planned = Vec::new();
    for (candidate_index, candidate) in candidates.iter().enumerate() {
        for (case_index, file) in cases.iter().enumerate() {
            let known = candidate.known.about(&file.id);
            planned.push(Planned {
                candidate: candidate_index,
                case: case_index,
                decision: decide(file, &candidate.can, &known),
                known: known.into_iter().cloned().collect(),
            });
        }
    }
    planned
}

fn decide(file: &CaseFile, can: &[String], known: &[&Known]) -> Decision {
    if let Some(missing) = file.case.needs.iter().find(|need| !can.contains(need)) {
        return Decision::NotApplicable(missing.clone());
    }
    if known.iter().any(|entry| entry.kind == KnownKind::Hangs) {
        return Decision::Skip;
    }
    Decision::Play
}

/// The cases the patterns name: an id, a folder, a case with any parameters, or text with `*`.
///
/// # Errors
/// A pattern that names no case.
pub fn select(cases: &[CaseFile], patterns: &[String]) -> Result<Vec<CaseFile>, Fault> {
    if let Some(idle) = patterns
        .iter()
        .find(|p| !cases.iter().any(|case| fits(p, &case.id)))
    {
        return Err(Fault::new(format!(
            "--case {idle} names no case; `list` shows them all"
        )));
    }
    let chosen = |case: &&CaseFile| {
        patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, &case.id))
    };
    Ok(cases.iter().filter(chosen).cloned().collect())
}

fn fits(pattern: &str, id: &str) -> bool {
    if let Some(rest) = id.strip_prefix(pattern)
        && (rest.is_empty() || rest.starts_with(['/', '[']) || pattern.ends_with('/'))
    {
        return true;
    }
    pattern.contains('*') && glob(pattern, id)
}

/// `*` stands for any text.
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
    use super::*;

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
