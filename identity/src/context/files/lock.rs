//! A lock that other Microsoft libraries respect.
//!
//! Processes take turns by a lock file. The holder creates it, writes its process id into it, and
//! removes it when done. Some libraries also lock the file itself, so that the file of a dead
//! process can be taken over; others wait five seconds for it and give up. This module does both.

#![expect(clippy::disallowed_methods, reason = "this is the port")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::is_regular;
use super::replace::{create_directory, now, private};

/// The age at which a lock file that is not itself locked counts as left behind. Other libraries
/// wait no longer than this either.
const ABANDONED: Duration = Duration::from_secs(5);

/// A lock file of this process. Dropping it removes the file.
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

/// Takes the lock at `path`; see [`Files::try_lock`](super::Files::try_lock).
pub(super) fn try_lock(path: &Path) -> io::Result<Option<Lock>> {
    create_directory(path)?;
    let created = private(OpenOptions::new().read(true).write(true).create_new(true)).open(path);
    match created {
        Ok(file) => acquire(file, path, |_| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match open_existing(path)? {
            Some(file) => acquire(file, path, is_abandoned),
            None => Ok(None),
        },
        Err(error) => busy_or(error),
    }
}

/// Opens the lock file that another process created; `None` when it cannot be opened now.
///
/// # Errors
/// `InvalidInput` for a link, a pipe and the like: nobody who wants a lock puts these there, and
/// writing would change the file that a link points to.
fn open_existing(path: &Path) -> io::Result<Option<File>> {
    is_regular(path, fs::symlink_metadata(path))?;
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => Ok(Some(file)),
        // Its holder has removed it in the meantime.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => busy_or(error).map(|_| None),
    }
}

/// Makes `file` the lock file of this process if no process has locked it and `is_free` agrees.
fn acquire(
    mut file: File,
    path: &Path,
    is_free: impl FnOnce(&mut File) -> bool,
) -> io::Result<Option<Lock>> {
    match file.try_lock() {
        Ok(()) => (),
        Err(TryLockError::WouldBlock) => return Ok(None),
        // On a file system without locks the existence of the file has to be enough.
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => (),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Checked with the file locked: before, another process could still replace it.
    if !is_free(&mut file) || !is_at(&file, path) {
        return Ok(None);
    }
    let program = std::env::args_os().next().unwrap_or_default();
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{} {}", std::process::id(), program.display())?;
    let path = path.to_owned();
    Ok(Some(Lock { file, path }))
}

/// Whether the process that created the lock file, which is not itself locked, is gone.
fn is_abandoned(file: &mut File) -> bool {
    let mut holder = String::new();
    // Content that cannot be read or is not yet written says nothing; the age then decides.
    drop(file.take(64).read_to_string(&mut holder));
    let pid = holder
        .split_whitespace()
        .next()
        .and_then(|pid| pid.parse().ok())
        .filter(|pid| *pid > 0);
    let modified = file.metadata().and_then(|metadata| metadata.modified());
    // A modification time in the future counts by its distance, as one in the past does: after a
    // clock was set back the lock would otherwise stay for as long as that.
    let age = modified.map(|m| {
        now()
            .duration_since(m)
            .unwrap_or_else(|ahead| ahead.duration())
    });
    pid.is_some_and(is_dead) || age.is_ok_and(|age| age > ABANDONED)
}

/// Whether `pid` is no running process, or this one. A lock file with our own id that is not itself
/// locked was left by an earlier process with that id: our own locks lock the file as well.
#[cfg(unix)]
fn is_dead(pid: i32) -> bool {
    let Some(pid) = rustix::process::Pid::from_raw(pid) else {
        return true;
    };
    let alive = rustix::process::test_kill_process(pid);
    alive == Err(rustix::io::Errno::SRCH) || pid == rustix::process::getpid()
}

#[cfg(not(unix))]
fn is_dead(_: i32) -> bool {
    false
}

/// Whether `path` leads to `file`, and not to another file that was put there since it was opened.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let same = |a: fs::Metadata, b: fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    // Without following a link, which is another file than the one it points to.
    let current = fs::symlink_metadata(path);
    current.is_ok_and(|current| file.metadata().is_ok_and(|own| same(own, current)))
}

/// Always true: on other systems an open file cannot be replaced.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Returns `None` where `error` means that another process holds the file: Windows refuses to open
/// a file that is open elsewhere or about to be removed.
fn busy_or(error: io::Error) -> io::Result<Option<Lock>> {
    let busy = cfg!(windows) && error.kind() == ErrorKind::PermissionDenied;
    if busy { Ok(None) } else { Err(error) }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if is_at(&self.file, &self.path) {
            // A file that cannot be removed is at least unlocked. Other processes take it over when
            // this process is gone or the file is too old.
            drop(fs::remove_file(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct LockDirectory(tempfile::TempDir);

    impl LockDirectory {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self) -> PathBuf {
            self.0.path().join("cache.lockfile")
        }

        /// Creates the lock file as another library does: written, but not locked.
        fn held_by(&self, pid: u32, age: Duration) {
            fs::write(self.path(), format!("{pid} other")).unwrap();
            let file = OpenOptions::new().write(true).open(self.path()).unwrap();
            file.set_modified(now() - age).unwrap();
        }

        fn is_free(&self) -> bool {
            try_lock(&self.path()).unwrap().is_some()
        }
    }

    #[test]
    fn one_process_holds_the_lock_at_a_time_and_its_file_is_gone_afterwards() {
        let directory = LockDirectory::new();
        let lock = try_lock(&directory.path()).unwrap().expect("free");
        let content = fs::read_to_string(directory.path()).unwrap();
        assert_eq!(
            content.split(' ').next(),
            Some(&*std::process::id().to_string())
        );
        assert!(!directory.is_free());
        drop(lock);
        assert!(!directory.path().exists());
        assert!(directory.is_free());
    }

    #[test]
    fn a_lock_file_of_another_library_counts_while_its_process_lives() {
        let directory = LockDirectory::new();
        let alive = std::os::unix::process::parent_id();
        directory.held_by(alive, Duration::ZERO);
        assert!(!directory.is_free());
        directory.held_by(alive, ABANDONED * 2);
        assert!(directory.is_free(), "too old");
        directory.held_by(i32::MAX as u32, Duration::ZERO);
        assert!(directory.is_free(), "no such process");
        directory.held_by(std::process::id(), Duration::ZERO);
        assert!(directory.is_free(), "an earlier process had our id");
    }

    #[test]
    fn a_lock_file_with_an_impossible_process_id_counts_until_it_is_old() {
        let directory = LockDirectory::new();
        for pid in ["-1", "0", "-2147483648", "99999999999"] {
            fs::write(directory.path(), format!("{pid} other")).unwrap();
            assert!(!directory.is_free(), "{pid}");
        }
    }

    #[test]
    fn a_link_or_a_pipe_in_the_place_of_the_lock_file_is_left_as_it_is() {
        let directory = LockDirectory::new();
        let target = directory.0.path().join("precious");
        fs::write(&target, "precious").unwrap();
        std::os::unix::fs::symlink(&target, directory.path()).unwrap();
        let file = OpenOptions::new().write(true).open(&target).unwrap();
        file.set_modified(now() - ABANDONED * 2).unwrap();
        let refused = try_lock(&directory.path()).err().expect("a link");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
        fs::remove_file(directory.path()).unwrap();
        crate::context::files::tests::make_pipe(&directory.path());
        assert!(try_lock(&directory.path()).is_err());
    }

    #[test]
    fn a_lock_file_without_a_process_id_counts_until_it_is_old() {
        let directory = LockDirectory::new();
        fs::write(directory.path(), "").unwrap();
        assert!(!directory.is_free());
        let file = OpenOptions::new()
            .write(true)
            .open(directory.path())
            .unwrap();
        file.set_modified(now() + ABANDONED * 2).unwrap();
        assert!(directory.is_free());
    }

    #[test]
    fn a_lock_file_that_another_process_has_put_there_is_not_removed() {
        let directory = LockDirectory::new();
        let lock = try_lock(&directory.path()).unwrap().expect("free");
        fs::remove_file(directory.path()).unwrap();
        fs::write(directory.path(), "1 other").unwrap();
        drop(lock);
        assert!(directory.path().exists());
    }
}
