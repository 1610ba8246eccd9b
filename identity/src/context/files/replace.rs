//! Writing a file so that no reader finds half of it.

#![expect(clippy::disallowed_methods, reason = "this is the port")]

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// The ending of the names of files that are being written.
const UNFINISHED: &str = ".unfinished";
/// The age at which an unfinished file counts as left behind: no write takes this long.
const STALE_AFTER: Duration = Duration::from_secs(60);

/// Replaces a file; see [`Files::replace`](super::Files::replace).
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // A link stays; the file it points to is replaced.
    let target = path.canonicalize();
    let path = target.as_deref().unwrap_or(path);
    create_directory(path)?;
    remove_stale(path);
    // In the same directory: a rename is atomic only within one file system.
    let unfinished = beside(path, &format!(".{}{UNFINISHED}", Uuid::new_v4().simple()));
    let written = write(&unfinished, content).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // The first error says more than one about cleaning up would.
        drop(fs::remove_file(&unfinished));
    }
    written
}

/// Marks a file as changed; see [`Files::touch`](super::Files::touch).
pub(super) fn touch(path: &Path) -> io::Result<()> {
    create_directory(path)?;
    let file = private(OpenOptions::new().write(true).create(true)).open(path)?;
    file.set_modified(now())
}

/// Renames a file; see [`Files::rename`](super::Files::rename).
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Creates the directory of `path`, for this user only.
pub(super) fn create_directory(path: &Path) -> io::Result<()> {
    let Some(directory) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)?;
    check_directory(path)
}

/// Checks that nobody else can put files into the directory of `path`: whoever can replaces the
/// cache, and with it the accounts that this user acts as. A missing directory is fine.
///
/// # Errors
/// `PermissionDenied` when the directory belongs to another user or all users may write to it.
#[cfg(unix)]
pub(super) fn check_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let Some(directory) = directory.filter(|directory| directory.exists()) else {
        return Ok(());
    };
    let metadata = fs::metadata(directory)?;
    let user = rustix::process::geteuid().as_raw();
    let problem = match () {
        // The administrator may run a program in a user's home directory.
        () if metadata.uid() != user && user != 0 => "belongs to another user",
        () if metadata.mode() & 0o002 != 0 => "may be written by every user: chmod 700",
        () => return Ok(()),
    };
    let text = format!("the directory {} {problem}", directory.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
}

/// Always fine: on other systems the directories are below the user's own.
#[cfg(not(unix))]
pub(super) fn check_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Lets only this user read and write the files that `options` create.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Returns the exact time, which modification times are compared with.
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(content)?;
    // The file system's own clock may stand still for milliseconds. Two changes in that time would
    // look like one to processes that compare modification times.
    file.set_modified(now())?;
    // Without it a power cut after the rename could leave an empty file in the place of the old.
    file.sync_all()
}

/// Removes the unfinished files of processes that ended while they wrote `path`.
fn remove_stale(path: &Path) {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let name = name.to_string_lossy();
    let left = |file: &PathBuf| {
        let other = file.file_name().unwrap_or_default().to_string_lossy();
        other.starts_with(&*name) && other.ends_with(UNFINISHED) && is_stale(file)
    };
    let files = directory.read_dir().into_iter().flatten().flatten();
    for file in files.map(|entry| entry.path()).filter(left) {
        // The next write tries again.
        drop(fs::remove_file(file));
    }
}

fn is_stale(path: &Path) -> bool {
    let modified = File::open(path).and_then(|file| file.metadata()?.modified());
    modified.is_ok_and(|modified| {
        now()
            .duration_since(modified)
            .is_ok_and(|age| age > STALE_AFTER)
    })
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("made/for/it");
        replace(&path, b"one").unwrap();
        let stale = beside(&path, ".1.unfinished");
        let busy = beside(&path, ".2.unfinished");
        for (path, age) in [(&stale, 61), (&busy, 1)] {
            let file = File::create(path).unwrap();
            file.set_modified(now() - Duration::from_secs(age)).unwrap();
        }
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert!(!stale.exists() && busy.exists());
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 2);
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("directory");
        fs::create_dir(&path).unwrap();
        replace(&path, b"x").expect_err("it is a directory");
        assert_eq!(home.path().read_dir().unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_all_users_may_write_to_is_not_used() {
        use std::os::unix::fs::PermissionsExt;

        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("open/file");
        replace(&path, b"one").unwrap();
        for (mode, is_used) in [
            (0o777, false),
            (0o1777, false),
            (0o755, true),
            (0o775, true),
        ] {
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(path.parent().unwrap(), mode).unwrap();
            for outcome in [
                replace(&path, b"two"),
                touch(&path),
                super::super::lock::try_lock(&path.with_extension("lock")).map(drop),
                check_directory(&path),
            ] {
                assert_eq!(outcome.is_ok(), is_used, "{outcome:?}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn files_and_directories_are_for_this_user_only_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("directory/file");
        replace(&path, b"one").unwrap();
        let touched = home.path().join("directory/touched");
        touch(&touched).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&touched)), (0o600, 0o600));
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        let link = home.path().join("link");
        symlink(&path, &link).unwrap();
        replace(&link, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert!(link.is_symlink());
    }
}
