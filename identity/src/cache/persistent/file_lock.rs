//! The lock of a cache, a file that other programs respect, too.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::context::{Context, FileLock};

/// The longest wait for the lock. Another program may hold it, and others may be before us.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The pause between two tries. A change takes a few milliseconds.
const INTERVAL: Duration = Duration::from_millis(20);

/// Takes the lock that is the file at `path`.
///
/// # Errors
/// The system's; `TimedOut` when another program does not release it.
pub(super) async fn lock(path: &Path, context: &Context) -> io::Result<FileLock> {
    let start = context.clock.now();
    loop {
        if let Some(lock) = context.files.try_lock(path).await? {
            return Ok(lock);
        }
        if context.clock.now().since(start) >= TIMEOUT {
            return Err(io::ErrorKind::TimedOut.into());
        }
        context.clock.sleep(INTERVAL).await;
    }
}
