//! `results.jsonl`: the file of a run.
//!
//! A report reads nothing else, so one of last week's run needs no second run.

mod event;

pub use event::{CaseResult, Event, Footer, Header, ImplementationAbout, VERSION};

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::Fault;

/// A whole run, as read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its first line.
    pub header: Header,
    /// Its cases, sorted by implementation (in the header's order) and id.
    pub cases: Vec<CaseResult>,
    /// Its last line.
    pub footer: Footer,
}

impl Run {
    /// Reads a results file.
    ///
    /// # Errors
    /// A file that cannot be read, is of no complete run, or holds a case twice.
    pub fn read(path: &Path) -> Result<Self, ResultsError> {
        let fault = |text: String| ResultsError {
            path: path.to_owned(),
            text,
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| fault(format!("cannot be read: {error}")))?;
        Self::parse(&text).map_err(fault)
    }

    /// Reads the text of a results file.
    ///
    /// # Errors
    /// See [`Run::read`].
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut header = None;
        let mut footer = None;
        let mut cases = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let event = serde_json::from_str(line)
                .map_err(|error| format!("line {}: not a result: {error}", index + 1))?;
            match event {
                _ if footer.is_some() => return Err("it goes on after the footer".to_owned()),
                Event::Header(first) if index == 0 => header = Some(first),
                Event::Header(_) => return Err("it has two headers".to_owned()),
                Event::Case(case) => cases.push(*case),
                Event::Footer(last) => footer = Some(last),
            }
        }
        let header: Header = header.ok_or("it has no header")?;
        let footer: Footer = footer.ok_or("it has no footer: the run did not end")?;
        if header.version != VERSION {
            return Err(format!(
                "it has format {}, this program reads {VERSION}",
                header.version
            ));
        }
        complete(&cases, &footer)?;
        Ok(Self::sorted(header, cases, footer))
    }

    /// A run with its cases in order.
    pub fn sorted(header: Header, mut cases: Vec<CaseResult>, footer: Footer) -> Self {
        let rank = |name: &str| {
            header
                .implementations
                .iter()
                .position(|implementation| implementation.name == name)
        };
        cases.sort_by(|a, b| {
            let rank = (rank(&a.implementation), rank(&b.implementation));
            rank.0.cmp(&rank.1).then_with(|| a.case.cmp(&b.case))
        });
        Self {
            header,
            cases,
            footer,
        }
    }

    /// The exit code: 0 for all as expected, 1 for unexpected, stale or pointless, 2 for a fault of
    /// the harness.
    pub fn exit_code(&self) -> u8 {
        self.cases
            .iter()
            .map(|case| case.verdict.exit_code())
            .max()
            .unwrap_or(0)
    }
}

fn complete(cases: &[CaseResult], footer: &Footer) -> Result<(), String> {
    if footer.cases != cases.len() {
        return Err(format!(
            "its footer promises {} cases, it has {}",
            footer.cases,
            cases.len()
        ));
    }
    let mut ids = BTreeSet::new();
    match cases
        .iter()
        .find(|case| !ids.insert((&case.implementation, &case.case)))
    {
        None => Ok(()),
        Some(twice) => Err(format!(
            "{} {} is in it twice",
            twice.implementation, twice.case
        )),
    }
}

/// Writes a results file, line by line as things happen.
#[derive(Debug)]
pub struct ResultsWriter<W> {
    out: W,
}

impl<W: Write> ResultsWriter<W> {
    /// Starts with the header.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn new(mut out: W, header: &Header) -> std::io::Result<Self> {
        line(&mut out, &Event::Header(header.clone()))?;
        Ok(Self { out })
    }

    /// Adds a case.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn case(&mut self, case: &CaseResult) -> std::io::Result<()> {
        line(&mut self.out, &Event::Case(Box::new(case.clone())))
    }

    /// Ends with the footer.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn finish(mut self, footer: Footer) -> std::io::Result<()> {
        line(&mut self.out, &Event::Footer(footer))?;
        self.out.flush()
    }
}

fn line(out: &mut impl Write, event: &Event) -> std::io::Result<()> {
    let mut text = serde_json::to_string(event)?;
    text.push('\n');
    out.write_all(text.as_bytes())
}

/// A results file that cannot be used.
#[derive(Debug)]
pub struct ResultsError {
    path: PathBuf,
    text: String,
}

impl fmt::Display for ResultsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.text)
    }
}

impl std::error::Error for ResultsError {}

impl From<ResultsError> for Fault {
    fn from(error: ResultsError) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            version: VERSION,
            harness: "0".into(),
            started_ms: 0,
            implementations: Vec::new(),
        }
    }

    fn text(events: &[Event]) -> String {
        let mut out = Vec::new();
        events
            .iter()
            .for_each(|event| line(&mut out, event).unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_file_of_a_run_that_did_not_end_is_refused() {
        let error = Run::parse(&text(&[Event::Header(header())])).unwrap_err();
        assert!(error.contains("no footer"), "{error}");
        assert!(Run::parse("").unwrap_err().contains("no header"));
    }

    #[test]
    fn a_file_that_lost_a_line_is_refused() {
        let footer = Event::Footer(Footer {
            cases: 1,
            elapsed_ms: 0,
        });
        let error = Run::parse(&text(&[Event::Header(header()), footer])).unwrap_err();
        assert!(error.contains("promises 1 cases, it has 0"), "{error}");
    }

    #[test]
    fn a_file_of_another_format_is_refused() {
        let other = Event::Header(Header {
            version: 2,
            ..header()
        });
        let footer = Event::Footer(Footer {
            cases: 0,
            elapsed_ms: 0,
        });
        assert!(
            Run::parse(&text(&[other, footer]))
                .unwrap_err()
                .contains("has format 2")
        );
    }
}
