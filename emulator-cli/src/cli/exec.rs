//! `exec`: runs a command that finds an emulator of its own in its environment.

mod child;
mod environment;
#[cfg(target_os = "linux")]
mod leftovers;
#[cfg(unix)]
mod signals;

use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitCode};

use clap::Args;
use identity_emulator::Emulator;
use tempfile::TempDir;

use crate::cli::exec::environment::{Environment, View};
use crate::cli::host::{self, Host};
use crate::cli::others::OtherHosts;
use crate::cli::play::Play;
use crate::cli::{Failure, serve, variables};

/// Run a command whose Azure SDKs find an emulator, started for it alone and gone when it ends
///
/// The exit code is the command's own, or 128 and the number of the signal that ended it; 125 if
/// the emulator could not be started, 126 if the command could not, 127 if there is no such
/// command. On Linux, what the command leaves running ends with it.
#[derive(Debug, Args)]
pub(super) struct Exec {
    /// Managed identity host the command finds itself on [default: imds, or none with --proxy]
    #[arg(long, value_name = "HOST", value_parser = host::parser())]
    host: Option<Host>,
    /// Be the proxy of the command: it finds the emulator at `login.microsoftonline.com` and
    /// wherever else one signs in, so that nothing in it has to be told another authority
    #[arg(long)]
    proxy: bool,
    /// How the proxy treats the command's requests for other hosts
    #[arg(long, value_enum, default_value_t = OtherHosts::Pass)]
    others: OtherHosts,
    #[command(flatten)]
    play: Play,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Exec {
    pub(super) fn run(mut self) -> Result<ExitCode, Failure> {
        if self.proxy {
            self.play.at_real_name();
        }
        let status = |failure: Failure| failure.with_code(NOT_STARTED);
        let runtime = serve::runtime().map_err(status)?;
        runtime.block_on(async {
            let signals = child::Signals::listen().map_err(status)?;
            let folder = folder().map_err(status)?;
            let emulator = self.emulator(&folder).await.map_err(status)?;
            #[cfg(target_os = "linux")]
            leftovers::adopt();
            let ended = child::run(self.command(&emulator), signals).await;
            #[cfg(target_os = "linux")]
            leftovers::end().await;
            emulator.stop().await;
            // The child may have made it unreadable; then there is nobody left to tell.
            drop(folder.close());
            ended.map_err(|error| self.not_run(&error))
        })
    }

    async fn emulator(&self, folder: &TempDir) -> Result<Emulator, Failure> {
        let (builder, _) = self.play.builder()?;
        let builder = builder
            .ca_dir(folder.path())
            .unknown_hosts(self.others.into());
        let started = builder.start().await;
        started.map_err(Failure::new)
    }

    fn command(&self, emulator: &Emulator) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]);
        let inherited = |name: &str| std::env::var(name).ok();
        Environment::of(&self.view(emulator), inherited).apply(&mut command);
        command
    }

    fn view(&self, emulator: &Emulator) -> View {
        let usual = || {
            if self.proxy {
                Host::None
            } else {
                Host::machine()
            }
        };
        let host = self.host.unwrap_or_else(usual);
        let ready = emulator.ready();
        View {
            own: match host {
                Host::On(host) => emulator.environment(host),
                Host::None => variables::application(&ready),
            },
            has_metadata_service: host.has_metadata_service(),
            proxy: self.proxy,
            ready,
        }
    }

    fn not_run(&self, error: &io::Error) -> Failure {
        let name = self.command[0].display();
        match error.kind() {
            io::ErrorKind::NotFound => {
                Failure::new(format!("there is no command `{name}`")).with_code(NOT_FOUND)
            }
            _ => Failure::new(format!("cannot run `{name}`: {error}")).with_code(NOT_EXECUTABLE),
        }
    }
}

/// One's own and nobody else's: what is in it will be trusted.
fn folder() -> Result<TempDir, Failure> {
    let made = tempfile::Builder::new()
        .prefix("identity-emulator-")
        .tempdir();
    made.map_err(|error| Failure::new(format!("cannot make a temporary folder: {error}")))
}

// As `env` and `timeout` have them.
const NOT_STARTED: u8 = 125;
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;
