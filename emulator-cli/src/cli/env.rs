//! `env`: the variables that point SDKs at a running emulator.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use identity_emulator::Ready;
use serde::Deserialize;

use crate::cli::control::Target;
use crate::cli::host::{self, Host};
use crate::cli::{Failure, print, variables};

/// Print the variables that point the SDKs of each language at the running emulator
#[derive(Debug, Args)]
pub(super) struct Env {
    /// The shell whose syntax to use
    #[arg(long, value_enum, default_value_t = Shell::Sh)]
    shell: Shell,
    /// Managed identity host to be on [default: imds, for an application with its secret]
    #[arg(long, value_name = "HOST", value_parser = host::parser())]
    host: Option<Host>,
    #[command(flatten)]
    target: Target,
}

/// One host, as the running emulator tells of it.
#[derive(Debug, Deserialize)]
struct Row {
    environment: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// POSIX shells
    Sh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// `NAME="value"` lines, as `.env` files and `docker run --env-file` have them
    Dotenv,
}

impl Env {
    pub(super) fn run(self) -> Result<(), Failure> {
        let ready: Ready = self.target.ask("ready")?;
        let own = self.own(&ready)?;
        let rest = [
            variables::authority(&ready),
            variables::trust(&ready),
            variables::java(&ready, false),
        ];
        let rest = rest.concat().into_iter();
        let rest = rest.map(|(name, value)| (name.to_owned(), value));
        own.into_iter()
            .chain(rest)
            .try_for_each(|(name, value)| print(&self.shell.line(&name, &value)))
    }

    /// Returns the identity of the program: an application, unless a host was asked for.
    fn own(&self, ready: &Ready) -> Result<Vec<(String, String)>, Failure> {
        let application = variables::application(ready).into_iter();
        let application = application.map(|(name, value)| (name.to_owned(), value));
        let (host, application) = match self.host {
            Some(Host::None) => return Ok(application.collect()),
            Some(Host::On(host)) => (host.name(), None),
            None => ("imds", Some(application)),
        };
        let mut hosts: BTreeMap<String, Row> = self.target.ask("hosts")?;
        let row = hosts.remove(host);
        let row = row.ok_or_else(|| Failure::new(format!("that emulator plays no `{host}`")))?;
        Ok(application
            .into_iter()
            .flatten()
            .chain(row.environment)
            .collect())
    }
}

impl Shell {
    fn line(self, name: &str, value: &str) -> String {
        match self {
            Self::Sh => format!("export {name}='{}'", value.replace('\'', r"'\''")),
            Self::Fish => {
                format!(
                    "set -gx {name} '{}'",
                    value.replace('\\', r"\\").replace('\'', r"\'")
                )
            }
            Self::Powershell => format!("$env:{name} = '{}'", value.replace('\'', "''")),
            Self::Dotenv => format!("{name}={value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_gets_its_own_quotes() {
        let line = |shell: Shell| shell.line("A", "it's");
        assert_eq!(line(Shell::Sh), r"export A='it'\''s'");
        assert_eq!(line(Shell::Fish), r"set -gx A 'it\'s'");
        assert_eq!(line(Shell::Powershell), "$env:A = 'it''s'");
        assert_eq!(line(Shell::Dotenv), "A=it's");
    }
}
