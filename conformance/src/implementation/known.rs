//! `known.toml`: differences of an implementation that somebody looked at and explained.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Fault;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Exact id of a case, or `folder/**` for every case below a folder.
    pub case: String,
    /// The one check it excuses; all of them without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// Why, in one sentence.
    pub reason: String,
    /// The address of its report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// How it fails.
    #[serde(default)]
    pub kind: KnownKind,
}

/// How a known case fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnownKind {
    /// Every time.
    #[default]
    Fails,
    /// Sometimes.
    Flaky,
    /// It never ends, so it is not run.
    Hangs,
}

impl Known {
    /// Whether the entry is about this case.
    pub fn covers(&self, case: &str) -> bool {
        match self.case.strip_suffix("/**") {
            Some(folder) => case
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/')),
            None => self.case == case,
        }
    }

    /// Whether it excuses this check being red.
    pub fn excuses(&self, check: &str) -> bool {
        self.check.as_deref().is_none_or(|excused| excused == check)
    }
}

/// The entries of one implementation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownFile {
    entries: Vec<Known>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownDocument {
    #[serde(default)]
    known: Vec<Known>,
}

impl KnownFile {
    /// Reads `path`; without one, or without a file there, there are no entries.
    ///
    /// # Errors
    /// A file that cannot be read, or an entry that `parse` refuses.
    pub fn read(path: Option<&Path>, cases: &[&str]) -> Result<Self, KnownError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let fault = |text: String| KnownError {
            path: path.to_owned(),
            text,
        };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, cases).map_err(fault),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(fault(format!("cannot be read: {error}"))),
        }
    }

    /// Reads the text of a file; `cases` are the ids of all cases there are.
    ///
    /// # Errors
    /// An entry without a reason, one that names no case, or two that contradict each other.
    pub fn parse(text: &str, cases: &[&str]) -> Result<Self, String> {
        let document: KnownDocument = toml::from_str(text).map_err(|error| error.to_string())?;
        for (index, entry) in document.known.iter().enumerate() {
            let name = &entry.case;
            if entry.reason.trim().is_empty() {
                return Err(format!("the entry for `{name}` gives no reason"));
            }
            if name.trim_end_matches("/**").contains('*') {
                return Err(format!(
                    "`{name}`: only `folder/**` stands for several cases"
                ));
            }
            if !cases.iter().any(|case| entry.covers(case)) {
                return Err(format!("the entry for `{name}` matches no case"));
            }
            contradiction(entry, &document.known[..index], cases)?;
        }
        Ok(Self {
            entries: document.known,
        })
    }

    /// The entries about one case.
    pub fn about(&self, case: &str) -> Vec<&Known> {
        self.entries
            .iter()
            .filter(|entry| entry.covers(case))
            .collect()
    }

    /// The file's text, as `bless` writes it; entries sorted by case.
    pub fn to_toml(entries: &[Known]) -> String {
        let mut known = entries.to_vec();
        known.sort_by(|a, b| (&a.case, &a.check).cmp(&(&b.case, &b.check)));
        toml::to_string(&KnownDocument { known }).unwrap_or_default()
    }

    /// All entries.
    pub fn entries(&self) -> &[Known] {
        &self.entries
    }
}

/// Two entries for one check of one case are one too many, and usually say different things.
fn contradiction(entry: &Known, before: &[Known], cases: &[&str]) -> Result<(), String> {
    for other in before {
        let together = cases
            .iter()
            .find(|case| entry.covers(case) && other.covers(case));
        let Some(case) = together else { continue };
        if entry.kind != other.kind {
            return Err(format!(
                "`{case}` is said to be both {:?} and {:?}",
                other.kind, entry.kind
            ));
        }
        if entry.check == other.check || entry.check.is_none() || other.check.is_none() {
            return Err(format!("`{case}` is listed twice"));
        }
    }
    Ok(())
}

/// A `known.toml` the run refuses to start with.
#[derive(Debug)]
pub struct KnownError {
    path: PathBuf,
    text: String,
}

impl fmt::Display for KnownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.text.trim_end())
    }
}

impl std::error::Error for KnownError {}

impl From<KnownError> for Fault {
    fn from(error: KnownError) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: &[&str] = &["a/one", "a/two", "ab/three"];

    fn refused(text: &str) -> String {
        KnownFile::parse(text, CASES).unwrap_err()
    }

    #[test]
    fn an_entry_covers_its_case_or_a_whole_folder() {
        let text = "[[known]]\ncase = 'a/**'\nreason = 'r'\n";
        let known = KnownFile::parse(text, CASES).unwrap();
        let covered: Vec<_> = CASES
            .iter()
            .filter(|case| !known.about(case).is_empty())
            .collect();
        assert_eq!(covered, [&"a/one", &"a/two"]);
    }

    #[test]
    fn an_entry_without_a_reason_is_refused() {
        assert!(refused("[[known]]\ncase = 'a/one'\nreason = ' '\n").contains("no reason"));
        assert!(refused("[[known]]\ncase = 'a/one'\n").contains("missing field `reason`"));
    }

    #[test]
    fn an_entry_that_matches_no_case_is_refused() {
        assert!(refused("[[known]]\ncase = 'a/on'\nreason = 'r'\n").contains("matches no case"));
        assert!(refused("[[known]]\ncase = 'a/*'\nreason = 'r'\n").contains("only `folder/**`"));
    }

    #[test]
    fn a_case_cannot_both_fail_and_be_flaky() {
        let text = "[[known]]\ncase = 'a/one'\nreason = 'r'\n\
                    [[known]]\ncase = 'a/**'\nreason = 'r'\nkind = 'flaky'\n";
        assert!(refused(text).contains("both Fails and Flaky"));
    }

    #[test]
    fn several_checks_of_one_case_can_be_listed_but_none_twice() {
        let entry = |check| format!("[[known]]\ncase = 'a/one'\ncheck = '{check}'\nreason = 'r'\n");
        let two = format!("{}{}", entry("x"), entry("y"));
        assert_eq!(
            KnownFile::parse(&two, CASES).unwrap().about("a/one").len(),
            2
        );
        assert!(refused(&format!("{}{}", entry("x"), entry("x"))).contains("listed twice"));
    }

    #[test]
    fn entries_that_bless_writes_read_back() {
        let entry = Known {
            case: "a/one".into(),
            check: Some("x.count".into()),
            reason: "why".into(),
            link: None,
            kind: KnownKind::Flaky,
        };
        let text = KnownFile::to_toml(std::slice::from_ref(&entry));
        assert_eq!(KnownFile::parse(&text, CASES).unwrap().entries(), [entry]);
    }
}
