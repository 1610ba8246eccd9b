//! The command line of the harness; what the commands do is in [`identity_conformance::command`].

use std::process::ExitCode;

use clap::Parser;
use identity_conformance::command::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.run().await {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            complain(&fault);
            ExitCode::from(2)
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the last word of a program that failed"
)]
fn complain(fault: &identity_conformance::error::Fault) {
    eprintln!("identity-conformance: {fault}");
}
