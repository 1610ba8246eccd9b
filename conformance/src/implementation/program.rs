//! The program of a driver on the command line, and the programs it may start itself.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use crate::error::Fault;

/// The tools that credentials start. One that is installed here is part of no case.
const DEVELOPER_TOOLS: [&str; 4] = ["az", "azd", "pwsh", "powershell"];

/// The command line with an absolute program, which is found as the caller's shell finds it.
///
/// # Errors
/// There is no such program.
pub(super) fn resolve(
    command: &[String],
    path: &OsStr,
    folder: &Path,
) -> Result<Vec<String>, Fault> {
    let [program, arguments @ ..] = command else {
        return Err(Fault::new(
            "a driver needs a command line: write it after `--`",
        ));
    };
    let program = find(program, path, folder)?;
    let mut resolved = vec![program.to_string_lossy().into_owned()];
    resolved.extend_from_slice(arguments);
    Ok(resolved)
}

fn find(program: &str, path: &OsStr, folder: &Path) -> Result<PathBuf, Fault> {
    if program.contains('/') {
        let file = folder.join(program);
        return match file.is_file() {
            true => Ok(file),
            false => Err(Fault::new(format!(
                "{}: there is no such file",
                file.display()
            ))),
        };
    }
    std::env::split_paths(path)
        .map(|place| folder.join(place).join(program))
        .find(|file| is_executable(file))
        .ok_or_else(|| {
            Fault::new(format!(
                "`{program}` is in no folder of the PATH; install it, or write the path of the \
                 file, such as ./{program}"
            ))
        })
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(file);
    metadata.is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

/// The caller's PATH without developer tools, for a driver that starts other programs: many a
/// `python3` or `node` is a script that looks for the real one.
#[derive(Debug, Clone)]
pub struct CallerPath {
    path: String,
    /// Holds the folders that stand in for those with a developer tool.
    _stand_ins: Arc<TempDir>,
}

impl CallerPath {
    /// Hides the developer tools of a PATH: a folder with one is replaced by a folder of links to
    /// everything else in it.
    ///
    /// # Errors
    /// A link cannot be made.
    pub(super) fn hiding_tools(path: &OsStr, current: &Path) -> io::Result<Self> {
        let stand_ins = tempfile::Builder::new()
            .prefix("conformance-path-")
            .tempdir()?;
        let mut folders = Vec::new();
        for (index, folder) in std::env::split_paths(path).enumerate() {
            let folder = current.join(folder);
            if !DEVELOPER_TOOLS
                .iter()
                .any(|tool| folder.join(tool).exists())
            {
                folders.push(folder);
                continue;
            }
            let stand_in = stand_ins.path().join(index.to_string());
            std::fs::create_dir(&stand_in)?;
            for entry in std::fs::read_dir(&folder)? {
                let name = entry?.file_name();
                if !DEVELOPER_TOOLS.iter().any(|tool| name == *tool) {
                    link(&folder.join(&name), &stand_in.join(&name))?;
                }
            }
            folders.push(stand_in);
        }
        let path = std::env::join_paths(folders).map_err(io::Error::other)?;
        Ok(Self {
            path: path.to_string_lossy().into_owned(),
            _stand_ins: Arc::new(stand_ins),
        })
    }

    /// The value of the variable.
    pub fn as_str(&self) -> &str {
        &self.path
    }
}

#[cfg(unix)]
fn link(program: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, link)
}

#[cfg(not(unix))]
fn link(program: &Path, link: &Path) -> io::Result<()> {
    std::fs::copy(program, link).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn install(folder: &Path, name: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        let file = folder.join(name);
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_program_is_found_on_the_path_of_the_caller_or_in_the_current_folder() {
        let (bin, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        install(bin.path(), "python3", 0o755);
        install(bin.path(), "not-a-program", 0o644);
        install(here.path(), "driver", 0o755);
        let python = bin.path().join("python3").display().to_string();
        let driver = here.path().join("./driver").display().to_string();
        let resolve = |command: &[&str]| {
            let command: Vec<_> = command.iter().map(|&word| word.to_owned()).collect();
            resolve(&command, bin.path().as_os_str(), here.path())
                .map_err(|fault| fault.to_string())
        };
        assert_eq!(resolve(&["python3", "a.py"]).unwrap(), [&python, "a.py"]);
        assert_eq!(resolve(&["./driver", "-v"]).unwrap(), [&driver, "-v"]);
        assert!(
            resolve(&["not-a-program"])
                .unwrap_err()
                .contains("in no folder of the PATH")
        );
        assert!(
            resolve(&["./nothing"])
                .unwrap_err()
                .contains("there is no such file")
        );
        assert!(resolve(&[]).unwrap_err().contains("after `--`"));
    }

    #[cfg(unix)]
    #[test]
    fn a_developer_tool_is_hidden_and_its_neighbours_are_not() {
        let (with, without) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        install(with.path(), "az", 0o755);
        install(with.path(), "python3", 0o755);
        install(without.path(), "node", 0o755);
        let path = std::env::join_paths([with.path(), without.path()]).unwrap();
        let hidden = CallerPath::hiding_tools(&path, Path::new("/")).unwrap();
        let folders: Vec<_> = std::env::split_paths(hidden.as_str()).collect();
        assert!(
            !folders.iter().any(|folder| folder.join("az").exists()),
            "{folders:?}"
        );
        assert!(is_executable(&folders[0].join("python3")));
        assert_eq!(folders[1], without.path());
    }
}
