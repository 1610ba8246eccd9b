//! The program of a command line, found as the caller's shell would find it.
//!
//! A driver's own PATH has only the programs of its case, so that a developer tool of this machine
//! is no part of any case. The driver itself must be found before that, on the caller's PATH.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::Fault;

/// The longest first line read of a script, in bytes.
const LONGEST_LINE: u64 = 256;

/// The command line with an absolute program. A script that names its interpreter by `env` is
/// started through that interpreter, because `env` would search the driver's PATH.
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
    let mut resolved = Vec::new();
    if let [interpreter, options @ ..] = &*interpreter(&program) {
        let interpreter = find(interpreter, path, folder)?;
        resolved.push(interpreter.to_string_lossy().into_owned());
        resolved.extend_from_slice(options);
    }
    resolved.push(program.to_string_lossy().into_owned());
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
                "`{program}` is on no folder of the PATH; install it, or write the path of the \
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

/// The words after `env` in the first line of a script; none for any other file.
fn interpreter(file: &Path) -> Vec<String> {
    let mut start = Vec::new();
    let read = std::fs::File::open(file).and_then(|file| {
        let mut limited = file.take(LONGEST_LINE);
        limited.read_to_end(&mut start)
    });
    let text = String::from_utf8_lossy(&start);
    let line = text.lines().next().unwrap_or_default();
    let mut words = line
        .strip_prefix("#!")
        .unwrap_or_default()
        .split_whitespace();
    if read.is_err() || !words.next().is_some_and(|word| word.ends_with("/env")) {
        return Vec::new();
    }
    // `env -S` splits its argument into words, which has happened here already.
    words
        .filter(|word| *word != "-S")
        .map(str::to_owned)
        .collect()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn install(folder: &Path, name: &str, text: &str, mode: u32) {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn resolved(command: &[&str], path: &Path, folder: &Path) -> Result<Vec<String>, String> {
        let command: Vec<_> = command.iter().map(|&word| word.to_owned()).collect();
        resolve(&command, path.as_os_str(), folder).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_program_is_found_on_the_path_of_the_caller_or_in_the_current_folder() {
        let (bin, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        install(bin.path(), "python3", "", 0o755);
        install(bin.path(), "not-a-program", "", 0o644);
        install(here.path(), "driver", "#!/bin/sh\n", 0o755);
        let python = bin.path().join("python3").display().to_string();
        let driver = here.path().join("./driver").display().to_string();
        let resolve = |command: &[&str]| resolved(command, bin.path(), here.path());
        assert_eq!(resolve(&["python3", "a.py"]).unwrap(), [&python, "a.py"]);
        assert_eq!(resolve(&["./driver", "-v"]).unwrap(), [&driver, "-v"]);
        assert!(
            resolve(&["not-a-program"])
                .unwrap_err()
                .contains("on no folder of the PATH")
        );
        assert!(
            resolve(&["./nothing"])
                .unwrap_err()
                .contains("there is no such file")
        );
        assert!(resolve(&[]).unwrap_err().contains("after `--`"));
    }

    #[test]
    fn a_script_that_names_its_interpreter_by_env_is_started_through_it() {
        let (bin, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        install(bin.path(), "python3", "", 0o755);
        install(
            here.path(),
            "driver",
            "#!/usr/bin/env -S python3 -u\n",
            0o755,
        );
        let python = bin.path().join("python3").display().to_string();
        let driver = here.path().join("./driver").display().to_string();
        let command = resolved(&["./driver"], bin.path(), here.path()).unwrap();
        assert_eq!(command, [&python, "-u", &driver]);
    }
}
