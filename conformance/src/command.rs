//! The commands. Exit codes: 0 as expected, 1 an unexpected result, 2 the harness itself.

mod bless;
mod coverage;
mod drive;
mod driver_args;
mod explain;
mod list;
mod new_driver;
mod report;
mod run;
mod show;
mod smoke;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::case::{CaseFile, load_built_in, load_folder};
use crate::error::Fault;
use crate::root::Root;

/// Checks any Azure identity library, in any language, against an emulator of Microsoft Entra ID
/// and the managed identity endpoints. Needs no network once an implementation is installed.
#[derive(Debug, Parser)]
#[command(name = "identity-conformance", version)]
pub struct Cli {
    /// Folder with `cases/` and `impls/`; by default the checkout around the current folder, else
    /// the cases that are built into this program.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the cases, print a report, write results.jsonl.
    Run(Box<run::RunArgs>),
    /// Show the cases and the implementations.
    List(list::ListArgs),
    /// Show one case in words, with its sources.
    Show(show::ShowArgs),
    /// List the requirements without a case, and the cases without a requirement.
    Coverage,
    /// Say what a check looks at.
    Explain(explain::ExplainArgs),
    /// Write a driver in Python to begin with.
    NewDriver(new_driver::NewDriverArgs),
    /// Check a driver before blaming the library behind it.
    Smoke(smoke::SmokeArgs),
    /// Be the driver of the `identity` crate, on stdin and stdout.
    Driver,
    /// Write known.toml anew from a results file: keep what still fails, drop what is stale, add
    /// what is unexpected (with a reason for you to write).
    Bless(bless::BlessArgs),
    /// Print the report of one or more results files.
    Report(report::ReportArgs),
}

impl Cli {
    /// Runs the command and gives the exit code.
    ///
    /// # Errors
    /// A fault of the harness: exit code 2.
    pub async fn run(self) -> Result<u8, Fault> {
        let root = || Root::find(self.root.as_deref());
        match &self.command {
            Command::Run(args) => run::run(&root()?, args).await,
            Command::List(args) => list::list(&root()?, args).await,
            Command::Show(args) => show::show(&root()?, args),
            Command::Coverage => coverage::coverage(&root()?),
            Command::Explain(args) => explain::explain(args),
            Command::NewDriver(args) => new_driver::new_driver(args),
            Command::Smoke(args) => smoke::smoke(args).await,
            Command::Driver => drive::drive().await,
            Command::Bless(args) => bless::bless(&root()?, args),
            Command::Report(args) => report::report(args),
        }
    }
}

/// Loads the cases of the checkout, or those that are built in.
fn load_cases(root: &Root) -> Result<Vec<CaseFile>, Fault> {
    Ok(match root.cases() {
        Some(folder) => load_folder(&folder)?,
        None => load_built_in()?,
    })
}

/// Prints to stdout. A reader that went away (`| head`) is no fault, so errors are ignored.
fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .ok();
}
