//! Programs.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use futures_util::future::{BoxFuture, FutureExt};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process;

/// Finds and runs programs.
pub trait Processes: fmt::Debug + Send + Sync {
    /// The program `name` in one of the directories of `path`, the value of `PATH`. Only absolute
    /// directories count: a name looked up in the current directory could run anybody's program.
    fn find<'a>(&'a self, name: &'a str, path: &'a str) -> BoxFuture<'a, Option<PathBuf>>;

    /// Runs `command` to its end; dropping the future kills it and what it has started.
    ///
    /// # Errors
    /// What the system says when the program cannot be started (`NotFound` when there is none);
    /// `FileTooLarge` when it writes without end.
    fn run(&self, command: Command) -> BoxFuture<'_, io::Result<Output>>;
}

/// A program and its arguments. No shell is involved, and its standard input is closed.
#[derive(Clone)]
pub struct Command {
    /// The program's path, as [`Processes::find`] gives it.
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

/// The programs of this machine. Needs a tokio runtime. Reads at most 1 MiB of each output.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemProcesses;

/// Most that is read of what a program writes, in bytes.
const OUTPUT_LIMIT: u64 = 1 << 20;

impl Processes for SystemProcesses {
    fn find<'a>(&'a self, name: &'a str, path: &'a str) -> BoxFuture<'a, Option<PathBuf>> {
        let (name, path) = (name.to_owned(), path.to_owned());
        async move {
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => {
                    let found = runtime.spawn_blocking(move || find(&name, &path));
                    found.await.ok().flatten()
                }
                Err(_) => find(&name, &path),
            }
        }
        .boxed()
    }

    fn run(&self, command: Command) -> BoxFuture<'_, io::Result<Output>> {
        async move {
            if tokio::runtime::Handle::try_current().is_err() {
                return Err(io::Error::other("running a program needs a tokio runtime"));
            }
            let mut child = prepared(command).spawn()?;
            let mut tree = Tree::of(&child);
            let output = gather(&mut child).await?;
            tree.ended();
            Ok(output)
        }
        .boxed()
    }
}

fn find(name: &str, path: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(name))
        .find(|candidate| is_program(candidate))
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let about = std::fs::metadata(path);
    about.is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
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
    #[cfg(unix)]
    child.process_group(0);
    child
}

async fn gather(child: &mut process::Child) -> io::Result<Output> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = futures_util::try_join!(all(stdout), all(stderr))?;
    let code = child.wait().await?.code();
    Ok(Output {
        code,
        stdout,
        stderr,
    })
}

async fn all(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
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

/// A program and what it has started, killed when this is dropped before the program has ended:
/// the tools are scripts that start an interpreter.
struct Tree {
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
}

impl Tree {
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

    /// From now on the number may be another program's.
    fn ended(&mut self) {
        #[cfg(unix)]
        {
            self.group = None;
        }
    }
}

#[cfg(unix)]
impl Drop for Tree {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // One that has ended meanwhile cannot be killed, which is as well.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
