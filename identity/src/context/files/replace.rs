//! Writing a file so that nobody finds half of it.

#![expect(clippy::disallowed_methods, reason = "this is the port")]

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// What the names of files that are being written end with.
const UNFINISHED: &str = ".unfinished";
/// After this long nobody is still writing.
const FORSAKEN: Duration = Duration::from_secs(60);

/// As [`Files::replace`](super::Files::replace) says.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // Where a link points is what is to be replaced, not the link.
    let target = path.canonicalize();
    let path = target.as_deref().unwrap_or(path);
    make_directory(path)?;
    clear_away(path);
    let unfinished = beside(path, &format!(".{}{UNFINISHED}", Uuid::new_v4().simple()));
    let written = write(&unfinished, content).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // The first error tells more than one about cleaning up would.
        drop(fs::remove_file(&unfinished));
    }
    written
}

/// As [`Files::touch`](super::Files::touch) says.
pub(super) fn touch(path: &Path) -> io::Result<()> {
    make_directory(path)?;
    let file = own(OpenOptions::new().write(true).create(true)).open(path)?;
    file.set_modified(now())
}

/// As [`Files::rename`](super::Files::rename) says.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Makes the directory `path` is in.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    let Some(directory) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}

/// Has files made with `options` be for this user only.
pub(super) fn own(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// The exact time.
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = own(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(content)?;
    // The file system's own time may stand still for milliseconds, in which others who go by it
    // would miss a change.
    file.set_modified(now())?;
    file.sync_all()
}

/// Removes what processes that were ended while writing `path` have left.
fn clear_away(path: &Path) {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let name = name.to_string_lossy();
    let left = |file: &PathBuf| {
        let other = file.file_name().unwrap_or_default().to_string_lossy();
        other.starts_with(&*name) && other.ends_with(UNFINISHED) && is_forsaken(file)
    };
    let files = directory.read_dir().into_iter().flatten().flatten();
    for file in files.map(|entry| entry.path()).filter(left) {
        // Whoever comes next tries again.
        drop(fs::remove_file(file));
    }
}

fn is_forsaken(path: &Path) -> bool {
    let modified = File::open(path).and_then(|file| file.metadata()?.modified());
    modified.is_ok_and(|modified| {
        now()
            .duration_since(modified)
            .is_ok_and(|age| age > FORSAKEN)
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
        let forsaken = beside(&path, ".1.unfinished");
        let busy = beside(&path, ".2.unfinished");
        for (path, age) in [(&forsaken, 61), (&busy, 1)] {
            let file = File::create(path).unwrap();
            file.set_modified(now() - Duration::from_secs(age)).unwrap();
        }
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert!(!forsaken.exists() && busy.exists());
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 2);
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("directory");
        fs::create_dir(&path).unwrap();
        replace(&path, b"x").expect_err("it is a directory");
        assert_eq!(home.path().read_dir().unwrap().count(), 1);
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
