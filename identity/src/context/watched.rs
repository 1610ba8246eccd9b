//! A file that is read again only when it has to be.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Context, FileVersion, UnixTime};
use crate::error::{Error, Result};
use crate::sync::lock;

/// The file at a path, and what its content was found to mean.
pub(crate) struct WatchedFile<T> {
    path: PathBuf,
    limit: u64,
    seen: Mutex<Option<Seen<T>>>,
}

struct Seen<T> {
    version: Option<FileVersion>,
    at: UnixTime,
    meaning: Arc<T>,
}

/// Why there is nothing to go by.
pub(crate) enum Unread {
    /// The file could not be read.
    File(io::Error),
    /// Its content means nothing.
    Content(Error),
}

impl Unread {
    /// The content's own error, or what `describe` makes of the system's.
    pub(crate) fn into_error(self, describe: impl FnOnce(io::Error) -> Error) -> Error {
        match self {
            Self::File(error) => describe(error),
            Self::Content(error) => error,
        }
    }
}

impl<T> WatchedFile<T> {
    /// The file at `path`; more than `limit` bytes are not read.
    pub(crate) fn new(path: PathBuf, limit: u64) -> Self {
        Self {
            path,
            limit,
            seen: Mutex::default(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the file means by `parse`, which runs when the file has changed, or was read more than
    /// `max_age` ago.
    pub(crate) async fn load<F: Future<Output = Result<T>>>(
        &self,
        context: &Context,
        max_age: Duration,
        parse: impl FnOnce(Vec<u8>) -> F,
    ) -> Result<Arc<T>, Unread> {
        // Asked before reading: a change in between is then found next time.
        let version = context.files.version(&self.path).await;
        let now = context.clock.now();
        if let Some(meaning) = self.current(version, now, max_age) {
            return Ok(meaning);
        }
        let read = context.files.read(&self.path, self.limit).await;
        let meaning = parse(read.map_err(Unread::File)?).await;
        let meaning = Arc::new(meaning.map_err(Unread::Content)?);
        *lock(&self.seen) = Some(Seen {
            version,
            at: now,
            meaning: Arc::clone(&meaning),
        });
        Ok(meaning)
    }

    /// What the file last meant, however long ago.
    pub(crate) fn last(&self) -> Option<Arc<T>> {
        lock(&self.seen)
            .as_ref()
            .map(|seen| Arc::clone(&seen.meaning))
    }

    fn current(
        &self,
        version: Option<FileVersion>,
        now: UnixTime,
        max_age: Duration,
    ) -> Option<Arc<T>> {
        let seen = lock(&self.seen);
        let seen = seen.as_ref()?;
        let unchanged = version.is_some() && seen.version == version;
        (unchanged && now.since(seen.at) < max_age).then(|| Arc::clone(&seen.meaning))
    }
}

impl<T> fmt::Debug for WatchedFile<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}
