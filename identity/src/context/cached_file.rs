//! A file whose parsed content is cached until the file changes.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};

use super::{Context, FileVersion, UnixTime};
use crate::error::{Error, Result};
use crate::sync::lock;

/// The longest wait for the file system.
const TIMEOUT: Duration = Duration::from_secs(10);

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
        // A hung network file system answers neither, and must not stop the caller for ever.
        let look = context.files.version(&self.path);
        let version = in_time(context, look).await.ok().flatten();
        let now = context.clock.now();
        if let Some(value) = self.current(version, now, max_age) {
            return Ok(value);
        }
        let read = in_time(context, context.files.read(&self.path, self.limit)).await;
        let read = read.and_then(|read| read).map_err(LoadFailure::File);
        let value = parse(read?).await;
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

/// Waits for `work` of the file system, but not longer than [`TIMEOUT`].
///
/// # Errors
/// `TimedOut` after that.
async fn in_time<T>(context: &Context, work: BoxFuture<'_, T>) -> io::Result<T> {
    match select(work, context.clock.sleep(TIMEOUT)).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!(
                "the file system did not answer within {} s",
                TIMEOUT.as_secs()
            ),
        )),
    }
}

impl<T> fmt::Debug for CachedFile<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::{self, FutureExt};

    use super::*;
    use crate::context::{Files, NoTransport, VirtualClock};
    use crate::testing::{START, drive, world};

    /// A file system that hangs, as one of a network does whose server is gone.
    #[derive(Debug)]
    struct Hung;

    impl Files for Hung {
        fn read<'a>(&'a self, _: &'a Path, _: u64) -> BoxFuture<'a, io::Result<Vec<u8>>> {
            future::pending().boxed()
        }

        fn version<'a>(&'a self, _: &'a Path) -> BoxFuture<'a, Option<FileVersion>> {
            future::pending().boxed()
        }
    }

    #[tokio::test]
    async fn a_file_system_that_hangs_ends_in_an_error() {
        let clock = VirtualClock::new(START);
        let context = Context {
            files: Arc::new(Hung),
            ..world(&clock, &[], Arc::new(NoTransport))
        };
        let file = CachedFile::<()>::new("/mnt/token".into(), 10);
        let load = file.load(&context, Duration::MAX, async |_| Ok(()));
        let failure = drive(&clock, load).await.expect_err("hung");
        let error = failure.into_error(|error| Error::invalid(error.to_string()));
        assert!(
            error.to_string().contains("did not answer within 10 s"),
            "{error}"
        );
    }
}
