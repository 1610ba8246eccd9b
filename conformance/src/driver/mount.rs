//! Folders that a driver finds at a fixed path, where only it sees them.
//!
//! Some libraries read files at paths that cannot be configured. A process gets a mount namespace
//! of its own, in which the folder is mounted there; our crate in process gets files that look
//! there.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use futures_util::future::BoxFuture;
use identity::context::{Files, SystemFiles};

/// A folder that appears at another path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The path at which the driver finds it.
    pub place: PathBuf,
    /// The path at which it really is.
    pub folder: PathBuf,
}

/// Whether this system lets processes have mounts of their own; tried once.
pub fn possible() -> bool {
    unshare().is_some()
}

/// The command line that makes the mounts in a shell, which then replaces itself by `command`.
///
/// The parent of each place is hidden by an empty file system, so that nothing of the machine is
/// touched, not even to make the place. Without mounts, or where they are not
/// [possible](possible), it is `command` itself.
pub fn mounted(command: &[String], mounts: &[Mount]) -> Vec<String> {
    let Some(unshare) = unshare().filter(|_| !mounts.is_empty()) else {
        return command.to_vec();
    };
    let words = [SHELL, "-c", SCRIPT, "sh"].map(str::to_owned);
    let count = mounts.len().to_string();
    let places = mounts.iter().flat_map(|mount| {
        [&mount.place, &mount.folder].map(|path| path.to_string_lossy().into_owned())
    });
    let unshare = unshare.iter().map(|word| (*word).to_owned());
    let all = unshare.chain(words).chain([count]).chain(places);
    all.chain(command.iter().cloned()).collect()
}

/// The files of this machine, with those of the mounts at their other paths.
#[derive(Debug)]
pub(super) struct MountedFiles(pub(super) Vec<Mount>);

impl Files for MountedFiles {
    fn read<'a>(&'a self, path: &'a Path, limit: u64) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        Box::pin(async move { SystemFiles.read(&self.found(path), limit).await })
    }

    fn exists(&self, path: &Path) -> bool {
        SystemFiles.exists(&self.found(path))
    }
}

impl MountedFiles {
    fn found(&self, path: &Path) -> PathBuf {
        let moved = |mount: &Mount| Some(mount.folder.join(path.strip_prefix(&mount.place).ok()?));
        let mut moved = self.0.iter().filter_map(moved);
        moved.next().unwrap_or_else(|| path.to_owned())
    }
}

/// The command that makes a mount namespace on this machine: inside a user namespace, which takes
/// no privilege where it is allowed, or without one, for root.
fn unshare() -> Option<&'static [&'static str]> {
    static FOUND: OnceLock<Option<&'static [&'static str]>> = OnceLock::new();
    *FOUND.get_or_init(|| WAYS.iter().copied().find(|way| works(way)))
}

fn works(way: &[&str]) -> bool {
    let [program, arguments @ ..] = way else {
        return false;
    };
    let ended = Command::new(program)
        .args(arguments)
        .args([SHELL, "-c", "mount -t tmpfs tmpfs /var/opt"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ended.is_ok_and(|status| status.success())
}

const WAYS: &[&[&str]] = &[
    &[
        "/usr/bin/unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "--",
    ],
    &["/usr/bin/unshare", "--mount", "--"],
];
const SHELL: &str = "/bin/sh";
/// Arguments: how many mounts, of each the place and the folder, and the command. The driver's own
/// PATH has no `mount`.
const SCRIPT: &str = "
    path=$PATH; PATH=/usr/sbin:/usr/bin:/sbin:/bin
    count=$1; shift
    while [ \"$count\" -gt 0 ]; do
        outer=/$(echo \"$1\" | cut -d/ -f2-3)
        mount -t tmpfs tmpfs \"$outer\" && mkdir -p \"$1\" && mount --bind \"$2\" \"$1\" || exit 70
        shift 2; count=$((count - 1))
    done
    PATH=$path; export PATH
    exec \"$@\"
";

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(folder: &Path) -> Mount {
        Mount {
            place: "/var/opt/azcmagent/tokens".into(),
            folder: folder.to_owned(),
        }
    }

    #[test]
    fn a_mounted_folder_is_seen_by_the_command_and_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let name = "only-here.key";
        std::fs::write(folder.path().join(name), "content").unwrap();
        let place = format!("/var/opt/azcmagent/tokens/{name}");
        let command = ["/bin/cat".to_owned(), place.clone()];
        assert_eq!(mounted(&command, &[]), command);
        if !possible() {
            return;
        }
        let [program, arguments @ ..] = &*mounted(&command, &[mount(folder.path())]) else {
            panic!("no command");
        };
        let ended = Command::new(program).args(arguments).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&ended.stdout),
            "content",
            "{ended:?}"
        );
        assert!(!Path::new(&place).exists());
    }

    #[tokio::test]
    async fn in_process_only_paths_below_the_mount_are_redirected() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.key"), "content").unwrap();
        let files = MountedFiles(vec![mount(folder.path())]);
        let path = Path::new("/var/opt/azcmagent/tokens/a.key");
        assert_eq!(files.read(path, 100).await.unwrap(), b"content");
        assert!(files.exists(path) && !files.exists(Path::new("/var/opt/azcmagent/a.key")));
        assert!(files.exists(&folder.path().join("a.key")));
    }
}
