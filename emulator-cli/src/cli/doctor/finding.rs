//! The results of the doctor's checks.

use std::fmt;

use serde::Serialize;

/// One thing looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// The name of the check, in a word.
    pub(super) check: &'static str,
    pub(super) status: Status,
    pub(super) text: String,
    /// Whom it concerns; empty for everybody.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) sdks: &'static [&'static str],
    /// The step that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Ok,
    /// May be meant so.
    Warning,
    Problem,
}

impl Finding {
    pub(super) fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Status::Ok, text)
    }

    pub(super) fn warning(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Status::Warning, text)
    }

    pub(super) fn problem(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Status::Problem, text)
    }

    pub(super) fn of(self, sdks: &'static [&'static str]) -> Self {
        Self { sdks, ..self }
    }

    pub(super) fn fixed_by(self, fix: impl Into<String>) -> Self {
        let fix = Some(fix.into());
        Self { fix, ..self }
    }

    fn new(check: &'static str, status: Status, text: impl Into<String>) -> Self {
        Self {
            check,
            status,
            text: text.into(),
            sdks: &[],
            fix: None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self.status {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Problem => "PROBLEM",
        };
        write!(f, "{status:8} {:12} {}", self.check, self.text)?;
        if !self.sdks.is_empty() {
            write!(f, " ({})", self.sdks.join(", "))?;
        }
        match &self.fix {
            Some(fix) => write!(f, "\n{:21} -> {fix}", ""),
            None => Ok(()),
        }
    }
}
