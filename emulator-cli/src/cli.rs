//! The command line: flags over the library.

mod control;
mod doctor;
mod env;
mod exec;
mod health;
mod host;
mod others;
mod play;
mod serve;
mod variables;

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

/// Plays Microsoft Entra ID and the Azure managed identity endpoints, for tests only.
#[derive(Debug, Parser)]
#[command(name = "identity-emulator", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Exec(exec::Exec),
    Env(env::Env),
    Health(health::Health),
    Doctor(doctor::Doctor),
}

/// Why the program ends early: one sentence for people, and a code for other programs.
#[derive(Debug)]
struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    fn new(text: impl fmt::Display) -> Self {
        Self {
            text: text.to_string(),
            code: 1,
        }
    }

    fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }
}

/// Runs the program on the arguments it was started with.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let outcome = match cli.command {
        Command::Serve(serve) => serve.run().map(succeeded),
        Command::Exec(exec) => exec.run(),
        Command::Env(env) => env.run().map(succeeded),
        Command::Health(health) => health.run().map(succeeded),
        Command::Doctor(doctor) => doctor.run(),
    };
    outcome.unwrap_or_else(|failure| {
        say(&format!("error: {}", failure.text));
        ExitCode::from(failure.code)
    })
}

fn succeeded((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// Help and version are answers; everything else is one sentence on stderr.
fn usage(error: &clap::Error) -> ExitCode {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    if let DisplayHelp | DisplayVersion = error.kind() {
        return if error.print().is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let text = error.to_string();
    if error.kind() == DisplayHelpOnMissingArgumentOrSubcommand {
        say(&text);
    } else {
        let sentence = text
            .lines()
            .take_while(|line| !line.trim().is_empty())
            .map(str::trim);
        let sentence = sentence.collect::<Vec<_>>().join(" ");
        say(&format!("{sentence}; try `identity-emulator --help`"));
    }
    ExitCode::from(2)
}

/// A line for people. If nobody listens any more, that is no reason to stop.
fn say(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// A line for programs.
fn print(line: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    written.map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))
}
