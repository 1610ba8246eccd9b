//! `report`: the console report of results that are already there.

use std::path::PathBuf;

use clap::Args;

use super::print;
use crate::error::Fault;
use crate::report::{console, junit};
use crate::results::Run;

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Results files, each of a run that ended.
    #[arg(required = true, value_name = "RESULTS")]
    files: Vec<PathBuf>,
    /// As JUnit XML; a document for each file.
    #[arg(long)]
    junit: bool,
}

/// Exits as the runs did: the worst of them.
pub(super) fn report(args: &ReportArgs) -> Result<u8, Fault> {
    let mut code = 0;
    for path in &args.files {
        let run = Run::read(path)?;
        let render = if args.junit { junit } else { console };
        print(&render(&run));
        code = code.max(run.exit_code());
    }
    Ok(code)
}
