//! Files that other programs read while we may write them again.

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes `name` into `folder`, which is made for its owner alone if need be. The file takes the
/// place of an earlier one in one step, so that no reader sees half of it and no link is followed.
pub(crate) fn place(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    make(folder)?;
    let folder = fs::canonicalize(folder)?;
    replace(&folder, name, bytes)
}

fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let path = folder.join(name);
    let mut builder = tempfile::Builder::new();
    // In a container's volume somebody else will read it; Kubernetes gives tokens the same.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(folder)?;
    refuse_foreign(folder, file.as_file())?;
    file.write_all(bytes)?;
    file.persist(&path)?;
    Ok(path)
}

fn make(folder: &Path) -> io::Result<()> {
    if fs::symlink_metadata(folder).is_ok_and(|found| found.is_symlink()) {
        return Err(io::Error::other(
            "that is a symbolic link; name the folder itself",
        ));
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Refuses a folder that somebody else could change, since what is put there will be trusted: the
/// folder has to belong to the owner of the file just made, or to the administrator, and must not
/// be writable for everybody.
#[cfg(unix)]
fn refuse_foreign(folder: &Path, mine: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let (folder, me) = (fs::metadata(folder)?, mine.metadata()?.uid());
    let open_to_all = folder.mode() & 0o002 != 0 && folder.mode() & 0o1000 == 0;
    if open_to_all || (folder.uid() != me && folder.uid() != 0) {
        let text = "others may change that folder; choose one of your own";
        return Err(io::Error::other(text));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_foreign(_folder: &Path, _mine: &fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_replaces_an_earlier_one() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("new/ca");
        place(&folder, "file", b"first").unwrap();
        let path = place(&folder, "file", b"second").unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "second");
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_file_is_replaced_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let victim = home.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        std::os::unix::fs::symlink(&victim, home.path().join("file")).unwrap();
        place(home.path(), "file", b"new").unwrap();
        assert_eq!(fs::read_to_string(victim).unwrap(), "mine");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_everybody_may_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(place(home.path(), "file", b"").is_err());
    }
}
