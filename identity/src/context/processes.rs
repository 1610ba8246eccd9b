//! The programs of the machine: finding them and running them.

#[cfg(feature = "developer-tools")]
mod run;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use futures_util::future::{BoxFuture, FutureExt};

#[cfg(feature = "developer-tools")]
use self::run::run;

/// Finds and runs programs.
pub trait Processes: fmt::Debug + Send + Sync {
    /// Returns the program `name` in one of the directories of `path`, the value of `PATH`. Only
    /// absolute directories count: the current directory could hold anybody's program of that name.
    fn find<'a>(&'a self, name: &'a str, path: &'a str) -> BoxFuture<'a, Option<PathBuf>>;

    /// Runs `command` to its end. Dropping the future kills it and all that it has started.
    ///
    /// # Errors
    /// The error of the system when the program cannot be started (`NotFound` when there is none);
    /// `FileTooLarge` when it writes without end.
    fn run(&self, command: Command) -> BoxFuture<'_, io::Result<Output>>;
}

/// A program and its arguments. No shell is involved, and its standard input is closed.
#[derive(Clone)]
pub struct Command {
    /// The program's path, as [`Processes::find`] gives it.
    pub program: PathBuf,
    /// Its arguments. They must hold no secret: every user of the machine can see them.
    pub args: Vec<String>,
    /// Variables set on top of this process's own.
    pub env: Vec<(String, String)>,
    /// The directory it runs in; this process's own when `None`.
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

/// The result of a program that has ended.
#[derive(Clone)]
pub struct Output {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
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

/// The programs of this machine. Running one needs a tokio runtime and the feature
/// `developer-tools`. At most 1 MiB is read of each output.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemProcesses;

impl Processes for SystemProcesses {
    fn find<'a>(&'a self, name: &'a str, path: &'a str) -> BoxFuture<'a, Option<PathBuf>> {
        let (name, path) = (name.to_owned(), path.to_owned());
        async move {
            // Directories of PATH may be on a slow network drive.
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => {
                    let search = runtime.spawn_blocking(move || find(&name, &path));
                    search.await.ok().flatten()
                }
                Err(_) => find(&name, &path),
            }
        }
        .boxed()
    }

    fn run(&self, command: Command) -> BoxFuture<'_, io::Result<Output>> {
        run(command).boxed()
    }
}

fn find(name: &str, path: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        // An empty entry of PATH stands for the current directory.
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(name))
        .find(|candidate| is_program(candidate))
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path);
    metadata.is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(not(feature = "developer-tools"))]
async fn run(_: Command) -> io::Result<Output> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this build runs no programs: enable the feature \"developer-tools\" or set \
         Context::processes",
    ))
}

#[cfg(all(test, unix, feature = "developer-tools"))]
mod tests;
