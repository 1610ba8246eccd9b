//! `requirements.toml`: the behaviours a library should have, and the cases that show them.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use crate::case::{CaseFile, Level};
use crate::error::Fault;

/// One behaviour.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its name, such as `client_secret.cached`.
    pub id: String,
    /// The behaviour in one sentence.
    pub says: String,
    /// How binding it is.
    pub level: Level,
    /// The public page it comes from.
    pub source: String,
    /// The cases that show it: ids without parameters, or `folder/**`.
    pub cases: Vec<String>,
}

impl Requirement {
    /// Whether a case shows the behaviour.
    pub fn is_shown_by(&self, case: &str) -> bool {
        let stem = case.split('[').next().unwrap_or(case);
        self.cases.iter().any(|pattern| fits(pattern, stem))
    }
}

fn fits(pattern: &str, stem: &str) -> bool {
    match pattern.strip_suffix("**") {
        Some(folder) => stem.starts_with(folder),
        None => stem == pattern,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementsDocument {
    requirement: Vec<Requirement>,
}

/// The rows of the checkout this program was built from.
const BUILT_IN: &str = include_str!("../requirements.toml");

/// Reads the rows of a file, or those that are built in.
///
/// # Errors
/// A file that cannot be read, or a row that is wrong.
pub fn load(file: Option<&Path>) -> Result<Vec<Requirement>, Fault> {
    let Some(file) = file else {
        return parse(BUILT_IN).map_err(Fault::new);
    };
    let fault = |text: String| Fault::new(format!("{}: {text}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| fault(error.to_string()))?;
    parse(&text).map_err(fault)
}

fn parse(text: &str) -> Result<Vec<Requirement>, String> {
    let document: RequirementsDocument = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut ids = BTreeSet::new();
    for row in &document.requirement {
        if !ids.insert(&row.id) {
            return Err(format!("`{}` is there twice", row.id));
        }
        if !row.source.starts_with("https://") {
            return Err(format!("`{}`: source must be an https address", row.id));
        }
    }
    Ok(document.requirement)
}

/// The gaps between the rows and the cases.
#[derive(Debug, Default)]
pub struct Gaps<'a> {
    /// Rows that no case shows.
    pub without_a_case: Vec<&'a Requirement>,
    /// Ids, without parameters, of the cases in no row.
    pub without_a_row: BTreeSet<&'a str>,
    /// Rows that name cases which do not exist: the row's id and the case.
    pub unknown_cases: Vec<(&'a str, &'a str)>,
}

/// Compares the rows with the cases there are.
pub fn gaps<'a>(rows: &'a [Requirement], cases: &'a [CaseFile]) -> Gaps<'a> {
    let stems: BTreeSet<&str> = cases
        .iter()
        .map(|file| file.id.split('[').next().unwrap_or_default())
        .collect();
    let is_unknown = |pattern: &str| !stems.iter().any(|stem| fits(pattern, stem));
    let mut gaps = Gaps::default();
    for row in rows {
        if row.cases.is_empty() {
            gaps.without_a_case.push(row);
        }
        let unknown = row.cases.iter().filter(|pattern| is_unknown(pattern));
        gaps.unknown_cases
            .extend(unknown.map(|pattern| (row.id.as_str(), pattern.as_str())));
    }
    let patterns: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| &row.cases)
        .map(String::as_str)
        .collect();
    let folders: Vec<&str> = patterns
        .iter()
        .copied()
        .filter(|pattern| pattern.ends_with("**"))
        .collect();
    let has_row =
        |stem: &str| patterns.contains(stem) || folders.iter().any(|pattern| fits(pattern, stem));
    gaps.without_a_row = stems.into_iter().filter(|stem| !has_row(stem)).collect();
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::load_built_in;

    fn row(id: &str, cases: &str) -> String {
        format!(
            "[[requirement]]\nid = '{id}'\nsays = 's'\nlevel = 'must'\n\
             source = 'https://example.com/'\ncases = [{cases}]\n"
        )
    }

    #[test]
    fn a_row_twice_or_without_a_page_is_refused() {
        let twice = format!("{}{}", row("a", ""), row("a", ""));
        assert!(parse(&twice).unwrap_err().contains("`a` is there twice"));
        let plain = row("a", "").replace("https", "http");
        assert!(
            parse(&plain)
                .unwrap_err()
                .contains("must be an https address")
        );
    }

    #[test]
    fn gaps_are_found_on_both_sides() {
        let cases = load_built_in().unwrap();
        let text = [
            row("empty", ""),
            row("folder", "'azure_cli/**'"),
            row("typo", "'client_secret/cashed'"),
        ];
        let rows = parse(&text.concat()).unwrap();
        let gaps = gaps(&rows, &cases);
        let empty: Vec<_> = gaps
            .without_a_case
            .iter()
            .map(|row| row.id.as_str())
            .collect();
        assert_eq!(empty, ["empty"]);
        assert_eq!(gaps.unknown_cases, [("typo", "client_secret/cashed")]);
        assert!(gaps.without_a_row.contains("client_secret/cached"));
        assert!(gaps.without_a_row.contains("managed_identity/imds/retries"));
        assert!(!gaps.without_a_row.contains("azure_cli/cached"));
    }
}
