//! Running a program of this machine.

use std::io;
use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process;

use super::{Command, Output};

/// The most bytes that are read of each output of a program.
const OUTPUT_LIMIT: u64 = 1 << 20;

/// Runs a program; see [`Processes::run`](super::Processes::run).
pub(super) async fn run(command: Command) -> io::Result<Output> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(io::Error::other("running a program needs a tokio runtime"));
    }
    let mut child = prepared(command).spawn()?;
    let mut group = ProcessGroup::of(&child);
    let output = gather(&mut child).await?;
    group.disarm();
    Ok(output)
}

#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn prepared(command: Command) -> process::Command {
    let mut child = process::Command::new(command.program);
    child
        .args(command.args)
        .envs(command.env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(directory) = command.directory {
        child.current_dir(directory);
    }
    // A group of its own, so that killing it reaches what the program has started.
    #[cfg(unix)]
    child.process_group(0);
    child
}

async fn gather(child: &mut process::Child) -> io::Result<Output> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // Both at once: a program that fills one pipe waits until it is read.
    let (stdout, stderr) = futures_util::try_join!(read_all(stdout), read_all(stderr))?;
    let code = child.wait().await?.code();
    Ok(Output {
        code,
        stdout,
        stderr,
    })
}

async fn read_all(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(OUTPUT_LIMIT + 1).read_to_end(&mut text).await?;
    }
    if text.len() as u64 > OUTPUT_LIMIT {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it wrote more than {OUTPUT_LIMIT} bytes"),
        ));
    }
    Ok(text)
}

/// The process group of a program. Unless it is disarmed, dropping it kills the program and all
/// that it has started: the tools are scripts that start an interpreter.
struct ProcessGroup {
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
}

impl ProcessGroup {
    #[cfg(unix)]
    fn of(child: &process::Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self {
            group: id.and_then(rustix::process::Pid::from_raw),
        }
    }

    #[cfg(not(unix))]
    fn of(_: &process::Child) -> Self {
        Self {}
    }

    /// Forgets the group once its program has ended: its number may then be given to another one.
    fn disarm(&mut self) {
        #[cfg(unix)]
        {
            self.group = None;
        }
    }
}

#[cfg(unix)]
impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // A group that has ended meanwhile cannot be killed, and needs not to be.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
