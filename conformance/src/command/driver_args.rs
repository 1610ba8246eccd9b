//! The arguments about a driver on the command line, which several commands take.

use clap::Args;

use crate::driver::Patience;
use crate::error::Fault;
use crate::implementation::Implementation;
use crate::run::Launcher;

#[derive(Debug, Clone, Args)]
pub(super) struct DriverArgs {
    /// Factor for every limit of time, for machines that are slow or busy.
    #[arg(long, value_name = "FACTOR", default_value = "1")]
    pub(super) patience: Patience,
    /// Environment variable the driver's runtime needs; only the PATH is inherited; may be
    /// repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) env: Vec<(String, String)>,
    /// A driver's command line, after `--`; its program is looked for on the PATH, and it runs in
    /// the current folder.
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<String>,
}

impl DriverArgs {
    /// The same arguments for another command line.
    pub(super) fn with_command(&self, command: &[String]) -> Self {
        Self {
            command: command.to_vec(),
            ..self.clone()
        }
    }

    /// The driver of the command line, ready to be started.
    pub(super) fn launcher(&self, name: Option<&str>) -> Result<Launcher, Fault> {
        let implementation = Implementation::of_command(name, &self.command)?;
        let mut launcher = Launcher::new(implementation, None, std::path::PathBuf::new())?;
        launcher.environment.extend(self.env.iter().cloned());
        launcher.patience = self.patience;
        Ok(launcher)
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
