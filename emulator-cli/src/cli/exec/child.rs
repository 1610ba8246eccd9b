//! The command at work: started, signalled, waited for.

use std::io;
use std::process::{Command, ExitCode, ExitStatus};

#[cfg(unix)]
pub(super) use super::signals::Signals;
#[cfg(not(unix))]
pub(super) use CtrlC as Signals;

/// Runs `command` to its end, passing on what we are told, and gives what it ended with.
pub(super) async fn run(command: Command, mut signals: Signals) -> io::Result<ExitCode> {
    let mut child = tokio::process::Command::from(command).spawn()?;
    loop {
        let signal = tokio::select! {
            status = child.wait() => return Ok(exit_code(status?)),
            signal = signals.next() => signal,
        };
        signals.pass_on(signal, &child);
    }
}

#[cfg(unix)]
fn exit_code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt as _;
    let signalled = status.signal().map(|number| 128 + number);
    let code = status.code().or(signalled);
    ExitCode::from(
        code.and_then(|code| u8::try_from(code).ok())
            .unwrap_or(u8::MAX),
    )
}

#[cfg(not(unix))]
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(u8::MAX))
}

/// The signals of a system without any: Ctrl-C reaches the command by itself, and we only must not
/// end before it.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct CtrlC;

#[cfg(not(unix))]
impl CtrlC {
    pub(super) fn listen() -> Result<Self, crate::cli::Failure> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }

    pub(super) fn pass_on(&self, _signal: (), _child: &tokio::process::Child) {}
}
