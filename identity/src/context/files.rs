//! Files.

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
    /// The content of the file at `path`.
    ///
    /// # Errors
    /// What the system says; `FileTooLarge` when there are more than `limit` bytes.
    fn read<'a>(&'a self, path: &'a Path, limit: u64) -> BoxFuture<'a, io::Result<Vec<u8>>>;

    /// Whether there is a file at `path`; no by default.
    fn exists(&self, _path: &Path) -> bool {
        false
    }

    /// What changes whenever the file at `path` does, links followed; `None`, the default, when
    /// that cannot be told.
    fn version<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Option<FileVersion>> {
        let _ = path;
        future::ready(None).boxed()
    }

    /// Puts a file with `content`, for this user's eyes only, in the place of the one at `path`, all
    /// at once: whoever reads meanwhile, and whatever interrupts, finds one or the other. Missing
    /// directories are made, for this user only.
    ///
    /// # Errors
    /// What the system says; `Unsupported`, the default, when this is read-only.
    fn replace<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        let _ = (path, content);
        future::ready(Err(io::ErrorKind::Unsupported.into())).boxed()
    }

    /// Has the file at `path`, made if there is none, last modified now.
    ///
    /// # Errors
    /// As [`Files::replace`].
    fn touch<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let _ = path;
        future::ready(Err(io::ErrorKind::Unsupported.into())).boxed()
    }

    /// Gives the file at `from` the path `to`.
    ///
    /// # Errors
    /// As [`Files::replace`].
    fn rename<'a>(&'a self, from: &'a Path, to: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let _ = (from, to);
        future::ready(Err(io::ErrorKind::Unsupported.into())).boxed()
    }

    /// Locks by the file at `path`, which exists as long as somebody holds it; `None` while another
    /// does. What is returned releases the lock when dropped. Missing directories are made.
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

/// One state of a file's content, as far as its directory entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileVersion {
    /// When the content was last written.
    pub modified: SystemTime,
    /// Its length in bytes.
    pub length: u64,
}

/// The files of this machine, read off the async threads when there are any. Without the feature
/// `persistent-cache` it writes none.
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

/// Runs `work` off the async threads when there are any. Once begun it is carried through.
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
    let found = std::fs::metadata(path).ok()?;
    Some(FileVersion {
        modified: found.modified().ok()?,
        length: found.len(),
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn read(path: PathBuf, limit: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    std::fs::File::open(path)?
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

#[cfg(test)]
mod tests {
    use super::*;

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
