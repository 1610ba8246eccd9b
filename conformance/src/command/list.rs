//! `list`: the cases and the implementations.

use std::fmt::Write;

use super::print;
use crate::case::{Level, load_folder};
use crate::error::Fault;
use crate::implementation::{Implementation, names};
use crate::root::Root;

pub(super) fn list(root: &Root) -> Result<u8, Fault> {
    let cases = load_folder(&root.cases())?;
    let mut text = format!("{} cases in {}\n", cases.len(), root.cases().display());
    for file in &cases {
        let level = match file.case.level {
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
        };
        let waits = file.case.waits_s.map(|waits| format!(" (waits {waits} s)"));
        let waits = waits.unwrap_or_default();
        writeln!(
            text,
            "  {level:<6}  {}: {}{waits}",
            file.id, file.case.title
        )
        .ok();
    }
    writeln!(text, "\nimplementations in {}", root.impls().display()).ok();
    for name in names(&root.impls())? {
        let implementation = Implementation::read(&root.impls(), &name)?;
        writeln!(text, "  {name:<14}  {}", implementation.spec.title).ok();
    }
    print(&text);
    Ok(0)
}
