//! `coverage`: the behaviours without a case, and the cases without a behaviour.

use std::fmt::Write;

use super::{load_cases, print};
use crate::error::Fault;
use crate::requirement::{self, Gaps};
use crate::root::Root;

/// Exits with 1 if anything is missing on either side.
pub(super) fn coverage(root: &Root) -> Result<u8, Fault> {
    let cases = load_cases(root)?;
    let rows = requirement::load(root.requirements().as_deref())?;
    let gaps = requirement::gaps(&rows, &cases);
    let mut text = String::new();
    section(
        &mut text,
        "requirements without a case",
        gaps.without_a_case
            .iter()
            .map(|row| format!("{:<6}  {}: {}", row.level.as_str(), row.id, row.says)),
    );
    section(
        &mut text,
        "cases without a requirement",
        gaps.without_a_row.iter().map(|&id| id.to_owned()),
    );
    section(
        &mut text,
        "requirements with cases that do not exist",
        gaps.unknown_cases
            .iter()
            .map(|(id, case)| format!("{id}: {case}")),
    );
    let covered = rows.len() - gaps.without_a_case.len();
    writeln!(text, "{covered} of {} requirements have a case", rows.len()).ok();
    print(&text);
    Ok(u8::from(!is_complete(&gaps)))
}

fn is_complete(gaps: &Gaps<'_>) -> bool {
    gaps.without_a_case.is_empty() && gaps.without_a_row.is_empty() && gaps.unknown_cases.is_empty()
}

fn section(text: &mut String, title: &str, lines: impl ExactSizeIterator<Item = String>) {
    if lines.len() == 0 {
        return;
    }
    writeln!(text, "{title}: {}", lines.len()).ok();
    lines.for_each(|line| {
        writeln!(text, "  {line}").ok();
    });
    text.push('\n');
}
