//! `health`: whether the emulator answers, as an exit code.

use clap::Args;
use serde::Deserialize;

use crate::cli::Failure;
use crate::cli::control::Target;

/// Exit with 0 if the emulator is healthy, else with 1; needs no shell, so images can use it
#[derive(Debug, Args)]
pub(super) struct Health {
    #[command(flatten)]
    target: Target,
}

#[derive(Deserialize)]
struct Answer {
    status: String,
}

impl Health {
    pub(super) fn run(self) -> Result<(), Failure> {
        let answer: Answer = self.target.ask("health")?;
        if answer.status == "ok" {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the emulator says it is {}",
            answer.status
        )))
    }
}
