//! The programs in Python, which run the script `program.py`.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A program that answers in lines of JSON.
pub(crate) struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// Returns the interpreter that `tests/msal/prepare` installs.
pub(crate) fn python() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| manifest.join("../target"))
        .join("msal/bin/python")
}

/// Returns the command that follows `order`.
pub(crate) fn command(order: &Value) -> Command {
    let mut command = Command::new(python());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/msal/program.py");
    command.arg(script).arg(order.to_string());
    command
}

impl Program {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    pub(crate) fn answer(&mut self) -> Value {
        let line = self.lines.next().expect("an answer").unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Returns the token it got, which is the last line of its output.
    pub(crate) fn token(mut self) -> String {
        let answer = self.answer();
        self.wait();
        answer["token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    pub(crate) fn wait(mut self) {
        assert!(self.child.wait().unwrap().success());
    }
}
