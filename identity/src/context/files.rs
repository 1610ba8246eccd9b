//! The file system.

#[cfg(feature = "persistent-cache")]
mod lock;
#[cfg(feature = "persistent-cache")]
mod replace;

use std::any::Any;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures_util::future::{self, BoxFuture, FutureExt};
#[cfg(feature = "persistent-cache")]
use zeroize::Zeroizing;

/// Reads files, and writes those of token caches.
pub trait Files: fmt::Debug + Send + Sync {
    /// Returns the content of the file at `path`.
    ///
    /// # Errors
    /// The error of the system; `FileTooLarge` when there are more than `limit` bytes.
    fn read<'a>(&'a self, path: &'a Path, limit: u64) -> BoxFuture<'a, io::Result<Vec<u8>>>;

    /// Whether there is a file at `path`. The default implementation knows none.
    fn exists(&self, _path: &Path) -> bool {
        false
    }

    /// Returns a value that changes whenever the file at `path` does, links followed. `None`, the
    /// default, means that changes cannot be seen.
    fn version<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Option<FileVersion>> {
        let _ = path;
        future::ready(None).boxed()
    }

    /// Checks that the directory of `path` is this user's own, for files whose content is trusted.
    /// A missing directory is fine. The default implementation checks nothing.
    ///
    /// # Errors
    /// `PermissionDenied` when another user can put files there.
    fn check_directory<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let _ = path;
        future::ready(Ok(())).boxed()
    }

    /// Replaces the file at `path` by one with `content` that only this user can read. The change
    /// is atomic: a reader, or an interruption, finds either the old file or the new one. Missing
    /// directories are created, for this user only.
    ///
    /// # Errors
    /// The error of the system; `Unsupported`, the default, where nothing can be written.
    fn replace<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        let _ = (path, content);
        future::ready(Err(io::ErrorKind::Unsupported.into())).boxed()
    }

    /// Sets the modification time of the file at `path` to now, and creates the file if needed.
    ///
    /// # Errors
    /// As [`Files::replace`].
    fn touch<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let _ = path;
        future::ready(Err(io::ErrorKind::Unsupported.into())).boxed()
    }

    /// Renames the file at `from` to `to`.
    ///
    /// # Errors
    /// As [`Files::replace`].
    fn rename<'a>(&'a self, from: &'a Path, to: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let _ = (from, to);
        future::ready(Err(io::ErrorKind::Unsupported.into())).boxed()
    }

    /// Takes the lock whose file is at `path` and exists while the lock is held. Returns `None`
    /// while another process holds it. Dropping the returned value releases the lock. Missing
    /// directories are created.
    ///
    /// # Errors
    /// As [`Files::replace`].
    fn try_lock<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Option<FileLock>>> {
        let _ = path;
        future::ready(Err(io::ErrorKind::Unsupported.into())).boxed()
    }
}

/// A lock that is held until it is dropped.
pub type FileLock = Box<dyn Any + Send + Sync>;

/// The version of a file's content, as far as its metadata tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileVersion {
    /// The time at which the content was last written.
    pub modified: SystemTime,
    /// Its length in bytes.
    pub length: u64,
}

/// The files of this machine. Under a tokio runtime they are read on its threads for blocking work.
/// Without the feature `persistent-cache` nothing is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemFiles;

impl Files for SystemFiles {
    fn read<'a>(&'a self, path: &'a Path, limit: u64) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        let path = path.to_owned();
        run_blocking(move || read(path, limit))
    }

    fn exists(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn version<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Option<FileVersion>> {
        let path = path.to_owned();
        let version =
            run_blocking(move || version(&path).ok_or_else(|| io::ErrorKind::NotFound.into()));
        version.map(Result::ok).boxed()
    }

    #[cfg(feature = "persistent-cache")]
    fn check_directory<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let path = path.to_owned();
        run_blocking(move || replace::check_directory(&path))
    }

    #[cfg(feature = "persistent-cache")]
    fn replace<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        let (path, content) = (path.to_owned(), Zeroizing::new(content.to_vec()));
        run_blocking(move || replace::replace(&path, &content))
    }

    #[cfg(feature = "persistent-cache")]
    fn touch<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let path = path.to_owned();
        run_blocking(move || replace::touch(&path))
    }

    #[cfg(feature = "persistent-cache")]
    fn rename<'a>(&'a self, from: &'a Path, to: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let (from, to) = (from.to_owned(), to.to_owned());
        run_blocking(move || replace::rename(&from, &to))
    }

    #[cfg(feature = "persistent-cache")]
    fn try_lock<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Option<FileLock>>> {
        let path = path.to_owned();
        run_blocking(move || Ok(lock::try_lock(&path)?.map(|lock| Box::new(lock) as FileLock)))
    }
}

/// Runs `work` on a thread for blocking work, or right here without a tokio runtime. Once begun it
/// runs to its end, even when the future is dropped.
pub(super) fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> BoxFuture<'static, io::Result<T>> {
    async move {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => runtime.spawn_blocking(work).await?,
            Err(_) => work(),
        }
    }
    .boxed()
}

#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn version(path: &Path) -> Option<FileVersion> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(FileVersion {
        modified: metadata.modified().ok()?,
        length: metadata.len(),
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn read(path: PathBuf, limit: u64) -> io::Result<Vec<u8>> {
    // Opening a pipe waits for a program that writes into it, which may never come.
    is_regular(&path, std::fs::metadata(&path))?;
    let mut content = Vec::new();
    std::fs::File::open(path)?
        // One byte more than allowed tells a file of exactly `limit` bytes from a larger one.
        .take(limit.saturating_add(1))
        .read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("more than {limit} bytes"),
        ));
    }
    Ok(content)
}

/// Checks that the file with `metadata` is a regular one.
///
/// # Errors
/// `InvalidInput` otherwise; that of `metadata`.
fn is_regular(path: &Path, metadata: io::Result<std::fs::Metadata>) -> io::Result<()> {
    match metadata?.is_file() {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "{} is no regular file (a directory, link, pipe or device)",
                path.display()
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "a pipe is made by a program")]
    pub(super) fn make_pipe(path: &Path) {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_directory_is_refused_instead_of_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let pipe = home.path().join("pipe");
        make_pipe(&pipe);
        for path in [&*pipe, home.path(), Path::new("/dev/null")] {
            let error = read(path.to_owned(), 10).expect_err("no regular file");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
        }
    }

    #[test]
    fn a_file_is_read_with_and_without_a_runtime_and_never_past_its_limit() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        let bare = SystemFiles
            .read(path, 1 << 20)
            .now_or_never()
            .expect("no waiting");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let within = runtime.block_on(SystemFiles.read(path, 1 << 20));
        assert_eq!(bare.unwrap(), within.unwrap());
        let short = runtime
            .block_on(SystemFiles.read(path, 10))
            .expect_err("too large");
        assert_eq!(short.kind(), io::ErrorKind::FileTooLarge);
    }
}
