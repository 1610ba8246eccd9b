//! A lock other Microsoft libraries respect.
//!
//! They take turns by a file that whoever comes first creates, writes its process id into, and
//! removes when done. Some lock the file as well, so that what a dead process left can be taken over;
//! others wait five seconds for it and give up. Here both is done.

#![expect(clippy::disallowed_methods, reason = "this is the port")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::replace::{make_directory, now, own};

/// After this long whoever has not locked the file itself has left it behind: the others wait no
/// longer either.
const ABANDONED: Duration = Duration::from_secs(5);

/// A lock file of ours. Dropped, it is gone.
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

/// As [`Files::try_lock`](super::Files::try_lock) says.
pub(super) fn try_lock(path: &Path) -> io::Result<Option<Lock>> {
    make_directory(path)?;
    let made = own(OpenOptions::new().read(true).write(true).create_new(true)).open(path);
    match made {
        Ok(file) => take(file, path, |_| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match there(path)? {
            Some(file) => take(file, path, is_abandoned),
            None => Ok(None),
        },
        Err(error) => busy_or(error),
    }
}

/// The lock file of another.
fn there(path: &Path) -> io::Result<Option<File>> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => Ok(Some(file)),
        // Gone by now.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => busy_or(error).map(|_| None),
    }
}

/// Makes `file` ours if nobody holds it and `is_free` says so.
fn take(
    mut file: File,
    path: &Path,
    is_free: impl FnOnce(&mut File) -> bool,
) -> io::Result<Option<Lock>> {
    match file.try_lock() {
        Ok(()) => (),
        Err(TryLockError::WouldBlock) => return Ok(None),
        // A file system without locks: the file alone has to do.
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => (),
        Err(TryLockError::Error(error)) => return Err(error),
    }
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

/// Whether the process that made the lock file, and nobody has locked, is no more.
fn is_abandoned(file: &mut File) -> bool {
    let mut holder = String::new();
    // What cannot be read, or is not yet written, says nothing; its age does.
    drop(file.take(64).read_to_string(&mut holder));
    let pid = holder
        .split_whitespace()
        .next()
        .and_then(|pid| pid.parse().ok());
    let modified = file.metadata().and_then(|metadata| metadata.modified());
    // A time to come is as far off as one gone by.
    let age = modified.map(|m| {
        now()
            .duration_since(m)
            .unwrap_or_else(|ahead| ahead.duration())
    });
    pid.is_some_and(is_dead) || age.is_ok_and(|age| age > ABANDONED)
}

/// Whether `pid` is no running process, or this one: our own locks lock the file as well.
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

/// Whether `path` leads to `file`, and not to what another has put there since it was opened.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let same = |a: fs::Metadata, b: fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    let there = File::open(path).and_then(|there| there.metadata());
    there.is_ok_and(|there| file.metadata().is_ok_and(|own| same(own, there)))
}

/// Elsewhere a file that is open keeps its place.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Where a file that is open or about to be removed cannot be opened, somebody has it.
fn busy_or(error: io::Error) -> io::Result<Option<Lock>> {
    let busy = cfg!(windows) && error.kind() == ErrorKind::PermissionDenied;
    if busy { Ok(None) } else { Err(error) }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if is_at(&self.file, &self.path) {
            // If it cannot be removed, it is unlocked, and others find our process gone or the
            // file too old.
            drop(fs::remove_file(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self) -> PathBuf {
            self.0.path().join("cache.lockfile")
        }

        /// As another library leaves it: made and written, not locked.
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
    fn one_holds_it_at_a_time_and_it_is_gone_afterwards() {
        let place = Place::new();
        let lock = try_lock(&place.path()).unwrap().expect("free");
        let content = fs::read_to_string(place.path()).unwrap();
        assert_eq!(
            content.split(' ').next(),
            Some(&*std::process::id().to_string())
        );
        assert!(!place.is_free());
        drop(lock);
        assert!(!place.path().exists());
        assert!(place.is_free());
    }

    #[test]
    fn a_lock_file_of_another_library_counts_while_its_process_lives() {
        let place = Place::new();
        let alive = std::os::unix::process::parent_id();
        place.held_by(alive, Duration::ZERO);
        assert!(!place.is_free());
        place.held_by(alive, ABANDONED * 2);
        assert!(place.is_free(), "too old");
        place.held_by(i32::MAX as u32, Duration::ZERO);
        assert!(place.is_free(), "no such process");
        place.held_by(std::process::id(), Duration::ZERO);
        assert!(place.is_free(), "a process before us had our id");
    }

    #[test]
    fn one_without_a_process_id_is_somebodys_until_it_is_old() {
        let place = Place::new();
        fs::write(place.path(), "").unwrap();
        assert!(!place.is_free());
        let file = OpenOptions::new().write(true).open(place.path()).unwrap();
        file.set_modified(now() + ABANDONED * 2).unwrap();
        assert!(place.is_free());
    }

    #[test]
    fn what_another_has_put_there_meanwhile_is_not_removed() {
        let place = Place::new();
        let lock = try_lock(&place.path()).unwrap().expect("free");
        fs::remove_file(place.path()).unwrap();
        fs::write(place.path(), "1 other").unwrap();
        drop(lock);
        assert!(place.path().exists());
    }
}
