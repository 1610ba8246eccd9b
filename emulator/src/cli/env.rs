//! `env`: the variables that point SDKs at a running emulator.

use clap::{Args, ValueEnum};
use identity_emulator::Ready;

use crate::cli::control::Target;
use crate::cli::{Failure, print, variables};

/// Print the variables that point the SDKs of each language at the running emulator
#[derive(Debug, Args)]
pub(super) struct Env {
    /// Whose syntax to use
    #[arg(long, value_enum, default_value_t = Shell::Sh)]
    shell: Shell,
    #[command(flatten)]
    target: Target,
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
        variables(&ready)
            .iter()
            .try_for_each(|(name, value)| print(&self.shell.line(name, value)))
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

fn variables(ready: &Ready) -> Vec<(&'static str, String)> {
    [
        variables::authority(ready),
        variables::application(ready),
        variables::virtual_machine(ready),
        variables::trust(ready),
        variables::java(ready, false),
    ]
    .concat()
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
