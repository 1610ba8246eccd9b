//! `explain`: the meaning of a check.

use clap::Args;

use super::print;
use crate::check;
use crate::error::Fault;

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The id of a check as a report has it, such as `step.2.token.same_as`.
    #[arg(value_name = "CHECK")]
    check: String,
}

pub(super) fn explain(args: &ExplainArgs) -> Result<u8, Fault> {
    let text = check::explain(&args.check).ok_or_else(|| {
        Fault::new(format!(
            "`{}` is no id of a check; a report has them below each failure",
            args.check
        ))
    })?;
    print(&format!("{text}\n"));
    Ok(0)
}
