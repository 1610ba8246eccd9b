//! Programs.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use futures_util::future::{BoxFuture, FutureExt};

/// Runs programs.
pub trait Processes: fmt::Debug + Send + Sync {
    /// Runs `command` to its end; dropping the future kills it.
    ///
    /// # Errors
    /// What the system says when the program cannot be started (`NotFound` when there is none).
    fn run(&self, command: Command) -> BoxFuture<'_, io::Result<Output>>;
}

/// A program and its arguments. No shell is involved, and its standard input is closed.
#[derive(Clone)]
pub struct Command {
    /// The program: a path, or a name looked up in `PATH`.
    pub program: PathBuf,
    /// Its arguments. No place for secrets: every user of the machine can see them.
    pub args: Vec<String>,
    /// Variables set on top of this process's own.
    pub env: Vec<(String, String)>,
    /// Where it runs; this process's directory when `None`.
    pub directory: Option<PathBuf>,
}

/// Shows variables by name only: values may be secrets.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Command")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("env", &names)
            .field("directory", &self.directory)
            .finish()
    }
}

/// What a program left behind.
#[derive(Clone)]
pub struct Output {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

/// Shows sizes only: the text may be a token.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("code", &self.code)
            .field("stdout_bytes", &self.stdout.len())
            .field("stderr_bytes", &self.stderr.len())
            .finish()
    }
}

/// The programs of this machine. Needs a tokio runtime.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemProcesses;

impl Processes for SystemProcesses {
    #[expect(clippy::disallowed_methods, reason = "this is the port")]
    fn run(&self, command: Command) -> BoxFuture<'_, io::Result<Output>> {
        async move {
            if tokio::runtime::Handle::try_current().is_err() {
                return Err(io::Error::other("running a program needs a tokio runtime"));
            }
            let mut child = tokio::process::Command::new(command.program);
            child
                .args(command.args)
                .envs(command.env)
                .stdin(Stdio::null())
                .kill_on_drop(true);
            if let Some(directory) = command.directory {
                child.current_dir(directory);
            }
            let output = child.output().await?;
            Ok(Output {
                code: output.status.code(),
                stdout: output.stdout,
                stderr: output.stderr,
            })
        }
        .boxed()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_its_arguments_unchanged_and_its_output_is_kept() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let echo = Command {
            program: "printf".into(),
            args: vec!["%s".into(), "$HOME; a b".into()],
            env: vec![],
            directory: None,
        };
        let output = runtime.block_on(SystemProcesses.run(echo)).unwrap();
        assert_eq!(
            (output.code, &*output.stdout),
            (Some(0), &b"$HOME; a b"[..])
        );
    }
}
