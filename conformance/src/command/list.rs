//! `list`: the cases and the implementations, or the cases that apply to a driver.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::Args;

use super::driver_args::DriverArgs;
use super::{load_cases, print};
use crate::case::CaseFile;
use crate::error::Fault;
use crate::implementation::{Implementation, names};
use crate::root::Root;
use crate::world::Shared;

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// List only the cases that apply to the driver after `--`, and what the others need.
    #[arg(long)]
    applicable: bool,
    #[command(flatten)]
    driver: DriverArgs,
}

pub(super) async fn list(root: &Root, args: &ListArgs) -> Result<u8, Fault> {
    let cases = load_cases(root)?;
    print(&match (args.applicable, args.driver.command.is_empty()) {
        (true, true) => {
            return Err(Fault::new(
                "--applicable needs a driver: write its command line after `--`",
            ));
        }
        (true, false) => applicable(root, &cases, &args.driver).await?,
        (false, true) => everything(root, &cases)?,
        (false, false) => return Err(Fault::new("`list` asks a driver only with --applicable")),
    });
    Ok(0)
}

fn everything(root: &Root, cases: &[CaseFile]) -> Result<String, Fault> {
    let place = match root.cases() {
        Some(folder) => format!("in {}", folder.display()),
        None => "built into this program".to_owned(),
    };
    let mut text = format!("{} cases {place}\n", cases.len());
    cases.iter().for_each(|case| line(&mut text, case));
    if let Some(impls) = root.impls() {
        writeln!(text, "\nimplementations in {}", impls.display()).ok();
        for name in names(impls)? {
            let implementation = Implementation::read(impls, &name)?;
            writeln!(text, "  {name:<14}  {}", implementation.spec.title).ok();
        }
    }
    Ok(text)
}

async fn applicable(root: &Root, cases: &[CaseFile], driver: &DriverArgs) -> Result<String, Fault> {
    let shared = Shared::new(root.worlds()).with_patience(driver.patience);
    let (about, can) = driver.launcher(None)?.hello(&shared).await?;
    let mut text = String::new();
    let mut applying = 0;
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases {
        match case.case.needs.iter().find(|need| !can.contains(need)) {
            None => {
                applying += 1;
                line(&mut text, case);
            }
            Some(need) => *missing.entry(need).or_default() += 1,
        }
    }
    let (all, name, version) = (cases.len(), &about.name, &about.version);
    writeln!(
        text,
        "\n{applying} of {all} cases apply to {name} {version}"
    )
    .ok();
    for (need, count) in missing {
        writeln!(text, "  {count:>4} need {need}").ok();
    }
    Ok(text)
}

fn line(text: &mut String, file: &CaseFile) {
    let waits = file.case.waits_s.map(|waits| format!(" (waits {waits} s)"));
    let waits = waits.unwrap_or_default();
    let level = file.case.level.as_str();
    writeln!(
        text,
        "  {level:<6}  {}: {}{waits}",
        file.id, file.case.title
    )
    .ok();
}
