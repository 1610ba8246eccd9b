//! Waiting for a lock.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::context::{Context, FileLock};

/// How long to wait: as long as another may hold it, and for our turn.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long between two tries. A change takes a few milliseconds.
const INTERVAL: Duration = Duration::from_millis(20);

/// Locks by the file at `path`.
///
/// # Errors
/// What the system says; `TimedOut` when another does not let go of it.
pub(super) async fn lock(path: &Path, context: &Context) -> io::Result<FileLock> {
    let start = context.clock.now();
    loop {
        if let Some(lock) = context.files.try_lock(path).await? {
            return Ok(lock);
        }
        if context.clock.now().since(start) >= PATIENCE {
            return Err(io::ErrorKind::TimedOut.into());
        }
        context.clock.sleep(INTERVAL).await;
    }
}
