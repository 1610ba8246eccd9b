//! The flags of every command that starts an emulator.

use std::path::PathBuf;

use clap::Args;
use identity_emulator::{Builder, Clock, Emulator, World};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

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
    /// Address that programs know the authority by, where it is none of the listeners': the issuer
    /// of v2 tokens of managed identities, and of tokens made to order
    #[arg(long, value_name = "URL", value_parser = authority)]
    authority: Option<String>,
    /// Number of journal entries to keep
    #[arg(long, value_name = "N", default_value_t = 1000)]
    journal_limit: usize,
}

impl Play {
    /// Plays the authority at its real name, unless another was given.
    pub(super) fn at_real_name(&mut self) {
        self.authority
            .get_or_insert_with(|| PUBLIC_AUTHORITY.to_owned());
    }

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
        let builder = self.authority.iter().fold(builder, Builder::authority);
        Ok((builder, name))
    }
}

/// The authority that programs sign in to if nothing tells them another.
const PUBLIC_AUTHORITY: &str = "https://login.microsoftonline.com";

fn authority(text: &str) -> Result<String, String> {
    let url = text.parse::<Url>().ok();
    let is_origin = url.is_some_and(|url| url.scheme() == "https" && url.path() == "/");
    match is_origin {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "`{text}` is no address such as {PUBLIC_AUTHORITY}: https, a host and no path"
        )),
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
