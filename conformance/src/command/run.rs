//! `run`: runs cases against implementations.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::Args;

use super::driver_args::DriverArgs;
use super::{load_cases, print};
use crate::case::CaseFile;
use crate::error::Fault;
use crate::implementation::{Implementation, KnownFile, prepare};
use crate::report;
use crate::results::{Header, ImplementationAbout, ResultsWriter, Run};
use crate::root::Root;
use crate::run::{Candidate, Launcher, RunPlan, default_jobs, select};
use crate::verdict::Verdict;
use crate::world::Shared;

/// The implementations checked by default, which need nothing installed.
const DEFAULT: [&str; 2] = ["rust", "rust-process"];

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Implementation to check; may be repeated [default: rust and rust-process].
    #[arg(long = "impl", value_name = "NAME")]
    implementations: Vec<String>,
    /// Cases to run: an id, a folder, or text with `*`; may be repeated [default: all].
    #[arg(long = "case", value_name = "GLOB")]
    cases: Vec<String>,
    /// Run the cases that wait for long in real time, and no others. Without it they are listed as
    /// not run, unless --case names their id.
    #[arg(long)]
    slow: bool,
    /// How many cases run at once [default: six for each processor; they mostly wait].
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// File for the results [default: target/conformance/results.jsonl].
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// Also write a report as JUnit XML, for a CI service.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// File with the known failures, in the format of known.toml, for a run of one implementation
    /// [default: known.toml in the implementation's folder].
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// Name of the driver after `--` in results and reports [default: that of its program].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Exit with 0 whatever the implementations do; a fault of the harness still gives 2.
    #[arg(long)]
    no_fail: bool,
    #[command(flatten)]
    driver: DriverArgs,
}

pub(super) async fn run(root: &Root, args: &RunArgs) -> Result<u8, Fault> {
    let all = load_cases(root)?;
    let cases = select(&all, &args.cases, args.slow)?;
    let shared = Shared::new(root.worlds()).with_patience(args.driver.patience);
    let candidates = candidates(root, &shared, &all, args).await?;
    let path = args.results.clone().unwrap_or_else(|| root.results());
    let jobs = args.jobs.unwrap_or_else(default_jobs);
    let run = run_case(
        RunPlan {
            candidates,
            cases,
            jobs,
        },
        &shared,
        &path,
    )
    .await?;
    if let Some(path) = &args.junit {
        let written = std::fs::write(path, report::junit(&run));
        written.map_err(|error| Fault::new(format!("{}: {error}", path.display())))?;
    }
    for case in run.cases.iter().filter(|case| case.verdict.exit_code() > 0) {
        print(&format!("\n{}", report::details(case)));
    }
    print(&format!(
        "\n{}{}results: {}\n",
        report::summary(&run),
        report::failures(&run),
        path.display()
    ));
    Ok(match run.exit_code() {
        1 if args.no_fail => 0,
        code => code,
    })
}

/// The implementations that were named and the driver after `--`; by default our own crate.
async fn candidates(
    root: &Root,
    shared: &Shared,
    all: &[CaseFile],
    args: &RunArgs,
) -> Result<Vec<Candidate>, Fault> {
    let ids: Vec<&str> = all.iter().map(|case| case.id.as_str()).collect();
    let mut launchers = Vec::new();
    let names = match (
        args.implementations.as_slice(),
        args.driver.command.is_empty(),
    ) {
        ([], true) => DEFAULT.map(str::to_owned).to_vec(),
        (names, _) => names.to_vec(),
    };
    let mut taken = BTreeSet::new();
    for name in names.into_iter().filter(|name| taken.insert(name.clone())) {
        launchers.push(launcher(root, args, &name).await?);
    }
    if !args.driver.command.is_empty() {
        launchers.push(args.driver.launcher(args.name.as_deref())?);
    }
    if args.known.is_some() && launchers.len() != 1 {
        return Err(Fault::new("--known is for a run of one implementation"));
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    for mut launcher in launchers {
        if let Some(known) = &args.known {
            launcher.implementation.known = Some(known.clone());
        }
        let name = &launcher.implementation.name;
        if candidates.iter().any(|other| other.about.name == *name) {
            return Err(Fault::new(format!(
                "two are called {name}: choose a --name for the driver"
            )));
        }
        candidates.push(candidate(shared, &ids, launcher).await?);
    }
    Ok(candidates)
}

/// Installs what an implementation needs.
async fn launcher(root: &Root, args: &RunArgs, name: &str) -> Result<Launcher, Fault> {
    let implementation = Implementation::find(root, name)?;
    let prepared = prepare(root, &implementation).await?;
    let launcher = Launcher::new(implementation, root.impls(), prepared)?;
    Ok(Launcher {
        patience: args.driver.patience,
        ..launcher
    })
}

/// Asks a driver what it can do and reads its known failures.
async fn candidate(shared: &Shared, ids: &[&str], launcher: Launcher) -> Result<Candidate, Fault> {
    let implementation = &launcher.implementation;
    let known = KnownFile::read(implementation.known.as_deref(), ids)?;
    let (driver, can) = launcher.hello(shared).await?;
    let about = ImplementationAbout {
        name: implementation.name.clone(),
        driver,
        command: implementation.given_command.clone(),
    };
    Ok(Candidate {
        launcher,
        about,
        can,
        known,
    })
}

async fn run_case(plan: RunPlan, shared: &Shared, path: &Path) -> Result<Run, Fault> {
    let io = |error: std::io::Error| Fault::new(format!("{}: {error}", path.display()));
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let header: Header = plan.header();
    let file = BufWriter::new(File::create(path).map_err(io)?);
    let mut writer = ResultsWriter::new(file, &header).map_err(io)?;
    let mut cases = Vec::new();
    let footer = plan
        .run(shared, |case| {
            // What does not apply is counted in the summary; hundreds of lines would hide the rest.
            if case.verdict != Verdict::NotApplicable {
                print(&format!("{}\n", report::case_line(case)));
            }
            cases.push(case.clone());
            writer.case(case).map_err(io)
        })
        .await?;
    writer.finish(footer).map_err(io)?;
    Ok(Run::sorted(header, cases, footer))
}
