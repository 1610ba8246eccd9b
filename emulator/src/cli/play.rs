//! What to play: the flags that every command that starts an emulator has.

use std::path::PathBuf;

use clap::Args;
use identity_emulator::{Builder, Emulator, World};

use crate::cli::Failure;

/// The world and how it is played.
#[derive(Debug, Args)]
pub(super) struct Play {
    /// World to play instead of the built-in `basic`
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Make ids and the signing key the same in every run
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
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
        let builder = match self.seed {
            Some(seed) => builder.seed(seed),
            None => builder,
        };
        Ok((builder, name))
    }
}
