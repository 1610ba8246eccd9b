//! A file whose parsed content is cached until the file changes.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Context, FileVersion, UnixTime};
use crate::error::{Error, Result};
use crate::sync::lock;

/// A file and the value that was parsed from its content.
pub(crate) struct CachedFile<T> {
    path: PathBuf,
    limit: u64,
    loaded: Mutex<Option<Loaded<T>>>,
}

/// The value of one version of a file, and the time at which it was read.
struct Loaded<T> {
    version: Option<FileVersion>,
    at: UnixTime,
    value: Arc<T>,
}

/// The reason why a file gave no value.
pub(crate) enum LoadFailure {
    /// The file could not be read.
    File(io::Error),
    /// Its content could not be parsed.
    Content(Error),
}

impl LoadFailure {
    /// Returns the error of parsing, or the one that `describe` makes of the system's.
    pub(crate) fn into_error(self, describe: impl FnOnce(&io::Error) -> Error) -> Error {
        match self {
            Self::File(error) => describe(&error).with_source(error),
            Self::Content(error) => error,
        }
    }
}

impl<T> CachedFile<T> {
    /// Returns the file at `path`, of which no more than `limit` bytes are read.
    pub(crate) fn new(path: PathBuf, limit: u64) -> Self {
        Self {
            path,
            limit,
            loaded: Mutex::default(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the value of the file. It is parsed anew when the file has changed or was read more
    /// than `max_age` ago.
    pub(crate) async fn load<F: Future<Output = Result<T>>>(
        &self,
        context: &Context,
        max_age: Duration,
        parse: impl FnOnce(Vec<u8>) -> F,
    ) -> Result<Arc<T>, LoadFailure> {
        // The version is taken before the content: a change in between is then seen at the next
        // call. The other way round it would be missed for good.
        let version = context.files.version(&self.path).await;
        let now = context.clock.now();
        if let Some(value) = self.current(version, now, max_age) {
            return Ok(value);
        }
        let read = context.files.read(&self.path, self.limit).await;
        let value = parse(read.map_err(LoadFailure::File)?).await;
        let value = Arc::new(value.map_err(LoadFailure::Content)?);
        *lock(&self.loaded) = Some(Loaded {
            version,
            at: now,
            value: Arc::clone(&value),
        });
        Ok(value)
    }

    /// Returns the value last parsed, however old it is.
    pub(crate) fn last(&self) -> Option<Arc<T>> {
        lock(&self.loaded)
            .as_ref()
            .map(|loaded| Arc::clone(&loaded.value))
    }

    fn current(
        &self,
        version: Option<FileVersion>,
        now: UnixTime,
        max_age: Duration,
    ) -> Option<Arc<T>> {
        let loaded = lock(&self.loaded);
        let loaded = loaded.as_ref()?;
        let unchanged = version.is_some() && loaded.version == version;
        (unchanged && now.since(loaded.at) < max_age).then(|| Arc::clone(&loaded.value))
    }
}

impl<T> fmt::Debug for CachedFile<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}
