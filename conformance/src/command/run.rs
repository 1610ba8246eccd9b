//! `run`: runs cases against implementations.

mod candidates;
mod selection;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::Args;

use self::selection::Failed;
use super::driver_args::DriverArgs;
use super::{load_cases, print};
use crate::case::Level;
use crate::error::Fault;
use crate::protocol::CAPABILITIES;
use crate::report;
use crate::results::{Header, ResultsWriter, Run};
use crate::root::Root;
use crate::run::{RunOptions, RunPlan, Shard, default_jobs};
use crate::verdict::Verdict;
use crate::world::Shared;

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Implementation to check; may be repeated [default: rust and rust-process].
    #[arg(long = "impl", value_name = "NAME")]
    implementations: Vec<String>,
    /// Cases to run: an id, a folder, or text with `*`; may be repeated [default: all].
    #[arg(long = "case", value_name = "GLOB")]
    cases: Vec<String>,
    /// Run only cases of this level; may be repeated.
    #[arg(long = "level", value_name = "LEVEL")]
    levels: Vec<Level>,
    /// Run only cases with a credential of this kind, such as `client_secret`; may be repeated.
    #[arg(long = "credential", value_name = "KIND", value_parser = credential_kind)]
    credentials: Vec<String>,
    /// Run only the cases of this row of requirements.toml; may be repeated.
    #[arg(long = "requirement", value_name = "ID")]
    requirements: Vec<String>,
    /// Run the cases that wait for long in real time, and no others. Without it they are listed as
    /// not run, unless --case names their id.
    #[arg(long)]
    slow: bool,
    /// How many cases run at once [default: six for each processor; they mostly wait].
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Seconds an answer may take, instead of what impl.toml says; a case may allow more.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: Option<u64>,
    /// Run the cases in the random order of this seed.
    #[arg(long, value_name = "SEED")]
    shuffle: Option<u64>,
    /// End with the first case that has to be looked at.
    #[arg(long)]
    fail_fast: bool,
    /// Run only the K-th of N parts of the cases.
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Run only what failed in the results file, and write the results over it.
    #[arg(long)]
    rerun_failed: bool,
    /// Run each case N times, to find those that fail sometimes.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    repeat: u32,
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
    let path = args.results.clone().unwrap_or_else(|| root.results());
    let failed = match args.rerun_failed {
        true => Some(Failed::read(&path)?),
        false => None,
    };
    if failed
        .as_ref()
        .is_some_and(|failed| failed.pairs.is_empty())
    {
        print(&format!("nothing failed in {}\n", path.display()));
        return Ok(0);
    }
    let cases = selection::selected(root, &all, args, failed.as_ref())?;
    let shared = Shared::new(root.worlds()).with_patience(args.driver.patience);
    let abouts = failed
        .as_ref()
        .map_or(&[][..], |failed| &failed.implementations);
    let candidates = candidates::candidates(root, &shared, &all, args, abouts).await?;
    let plan = RunPlan {
        candidates,
        cases,
        only: failed.map(|failed| failed.pairs),
        options: RunOptions {
            jobs: args.jobs.unwrap_or_else(default_jobs),
            shuffle: args.shuffle,
            fail_fast: args.fail_fast,
            repeat: args.repeat,
        },
    };
    let run = run_all(plan, &shared, &path).await?;
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

/// Runs the plan, printing a line for each case and writing the results file.
async fn run_all(plan: RunPlan, shared: &Shared, path: &Path) -> Result<Run, Fault> {
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

/// Checks a kind of credential against the capabilities, which name every kind.
fn credential_kind(text: &str) -> Result<String, String> {
    let kinds = CAPABILITIES
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("credential."));
    let kinds: Vec<_> = kinds.collect();
    match kinds.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("the kinds are: {}", kinds.join(", "))),
    }
}
