//! `run`: runs cases against implementations.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::Args;

use super::print;
use crate::case::{CaseFile, load_folder};
use crate::error::Fault;
use crate::implementation::{Implementation, KnownFile, prepare};
use crate::report;
use crate::results::{Header, ImplementationAbout, ResultsWriter, Run};
use crate::root::Root;
use crate::run::{Candidate, Launcher, RunPlan, default_jobs, select};
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
    /// Exit with 0 whatever the implementations do; a fault of the harness still gives 2.
    #[arg(long)]
    no_fail: bool,
}

pub(super) async fn run(root: &Root, args: &RunArgs) -> Result<u8, Fault> {
    let all = load_folder(&root.cases())?;
    let cases = select(&all, &args.cases, args.slow)?;
    let names = match args.implementations.as_slice() {
        [] => DEFAULT.map(str::to_owned).to_vec(),
        names => names.to_vec(),
    };
    let shared = Shared::new(&root.worlds());
    let mut candidates: Vec<Candidate> = Vec::new();
    for name in names {
        if !candidates.iter().any(|other| other.about.name == name) {
            candidates.push(candidate(root, &shared, &all, &name).await?);
        }
    }
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
        "\n{}results: {}\n",
        report::summary(&run),
        path.display()
    ));
    Ok(match run.exit_code() {
        1 if args.no_fail => 0,
        code => code,
    })
}

async fn candidate(
    root: &Root,
    shared: &Shared,
    all: &[CaseFile],
    name: &str,
) -> Result<Candidate, Fault> {
    let implementation = Implementation::read(&root.impls(), name)?;
    let ids: Vec<&str> = all.iter().map(|case| case.id.as_str()).collect();
    let known = KnownFile::read(&implementation.known_file(), &ids)?;
    let prepared = prepare(root, &implementation).await?;
    let launcher = Launcher::new(implementation, &root.impls(), prepared)?;
    let (driver, can) = launcher.hello(shared).await?;
    let about = ImplementationAbout {
        name: name.to_owned(),
        driver,
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
            print(&format!("{}\n", report::case_line(case)));
            cases.push(case.clone());
            writer.case(case).map_err(io)
        })
        .await?;
    writer.finish(footer).map_err(io)?;
    Ok(Run::sorted(header, cases, footer))
}
