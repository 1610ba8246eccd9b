//! The flags of every command that starts an emulator.

use std::path::PathBuf;

use clap::Args;
use identity_emulator::{Builder, Clock, Emulator, World};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cli::Failure;

/// The world and how it is played.
#[derive(Debug, Args)]
pub(super) struct Play {
    /// World to play instead of the built-in `basic`
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Make keys, ids and times the same in every run: the clock stands still, unless --clock says
    /// otherwise
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// `real`, or the moment to stand still at, such as 2030-01-01T00:00:00Z [default: real, or
    /// with a seed the start of 2026]
    #[arg(long, value_name = "TIME", value_parser = clock)]
    clock: Option<Clock>,
    /// Folder for the key files of the Azure Arc host; its clients read them in
    /// /var/opt/azcmagent/tokens
    #[arg(long, value_name = "DIR")]
    arc_keys: Option<PathBuf>,
    /// Number of journal entries to keep
    #[arg(long, value_name = "N", default_value_t = 1000)]
    journal_limit: usize,
}

impl Play {
    /// An emulator of that world, and the world's name.
    pub(super) fn builder(&self) -> Result<(Builder, String), Failure> {
        let world = match &self.config {
            Some(path) => World::from_file(path).map_err(Failure::new)?,
            None => World::basic(),
        };
        let name = world.name.clone();
        let builder = Emulator::builder()
            .world(world)
            .journal_limit(self.journal_limit);
        let builder = self.seed.into_iter().fold(builder, Builder::seed);
        let builder = self.clock.iter().cloned().fold(builder, Builder::clock);
        let builder = self.arc_keys.iter().fold(builder, Builder::arc_keys);
        Ok((builder, name))
    }
}

fn clock(text: &str) -> Result<Clock, String> {
    if text == "real" {
        return Ok(Clock::default());
    }
    let moment = OffsetDateTime::parse(text, &Rfc3339);
    moment.map(Clock::frozen_at).map_err(|_| {
        format!("`{text}` is neither `real` nor a moment such as 2030-01-01T00:00:00Z")
    })
}
