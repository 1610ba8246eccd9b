//! Files.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures_util::future::{self, BoxFuture, FutureExt};

/// Reads files.
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
}

/// One state of a file's content, as far as its directory entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileVersion {
    /// When the content was last written.
    pub modified: SystemTime,
    /// Its length in bytes.
    pub length: u64,
}

/// The files of this machine, read off the async threads when there are any.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemFiles;

impl Files for SystemFiles {
    fn read<'a>(&'a self, path: &'a Path, limit: u64) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        let path = path.to_owned();
        async move {
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => runtime.spawn_blocking(move || read(path, limit)).await?,
                Err(_) => read(path, limit),
            }
        }
        .boxed()
    }

    fn exists(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn version<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Option<FileVersion>> {
        let path = path.to_owned();
        async move {
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => runtime.spawn_blocking(move || version(&path)).await.ok()?,
                Err(_) => version(&path),
            }
        }
        .boxed()
    }
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
