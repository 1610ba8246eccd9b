//! `exec`, as people and pipelines use it: around a command.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_identity-emulator");
/// Whether the emulator of the environment answers, by the exit code.
const ASK: &str = r#""$0" health --http "$AZURE_POD_IDENTITY_AUTHORITY_HOST""#;

/// A command under `exec`, whose temporary files can be told from those of others.
struct Wrapped {
    command: Command,
    temporary: TempDir,
}

impl Wrapped {
    fn new(arguments: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut command = Command::new(PROGRAM);
        command.arg("exec").args(arguments);
        command.env("TMPDIR", temporary.path());
        Self { command, temporary }
    }

    /// A script of the shell, whose `$0` is the emulator.
    fn shell(script: &str) -> Self {
        Self::new(&["--", "sh", "-c", script, PROGRAM])
    }

    fn run(mut self) -> Output {
        let output = self.command.output().unwrap();
        assert_nothing_in(self.temporary.path());
        output
    }

    /// Started, and gone on until it said its first line.
    fn start(mut self) -> Running {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Running {
            child,
            line: line.trim_end().to_owned(),
            temporary: self.temporary,
            _stdout: stdout,
        }
    }
}

/// Killed if the test ends early.
struct Running {
    child: Child,
    line: String,
    temporary: TempDir,
    _stdout: BufReader<ChildStdout>,
}

impl Running {
    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Its code, once it ended; nothing of it is left then.
    fn ended(&mut self) -> Option<i32> {
        drop(self.child.stdin.take());
        let code = self.child.wait().unwrap().code();
        assert_nothing_in(self.temporary.path());
        code
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn assert_nothing_in(folder: &Path) {
    let left: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[track_caller]
fn assert_gone(id: &str) {
    let alive = Command::new("kill")
        .args(["-0", id])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(!alive.success(), "process {id} is still there");
}

#[test]
fn the_command_finds_an_emulator_of_its_own_and_files_to_trust_it() {
    let script = format!(
        r#"store=${{JAVA_TOOL_OPTIONS#*trustStore=}}
        for file in "$SSL_CERT_FILE" "$REQUESTS_CA_BUNDLE" "$CURL_CA_BUNDLE" \
            "$NODE_EXTRA_CA_CERTS" "$DENO_CERT" "${{store%% *}}"
        do test -s "$file" || exit 1; done
        {ASK}"#
    );
    let output = Wrapped::shell(&script).run();
    assert!(output.status.success(), "{output:?}");
    assert!(
        output.stdout.is_empty() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[test]
fn a_host_tells_the_command_what_the_real_one_would() {
    let print = "echo $AZURE_CLIENT_ID,$AZURE_POD_IDENTITY_AUTHORITY_HOST,$IDENTITY_ENDPOINT";
    let told = |flags: &[&str]| {
        let arguments = [flags, &["sh", "-c", print]].concat();
        let output = String::from_utf8(Wrapped::new(&arguments).run().stdout).unwrap();
        let [client, machine, endpoint] = output.trim_end().split(',').collect::<Vec<_>>()[..]
        else {
            panic!("{output}")
        };
        [
            !client.is_empty(),
            !machine.is_empty(),
            !endpoint.is_empty(),
        ]
    };
    assert_eq!(told(&[]), [false, true, false]);
    assert_eq!(told(&["--host", "app-service"]), [false, false, true]);
    assert_eq!(told(&["--host", "none"]), [true, false, false]);
    assert_eq!(told(&["--proxy"]), [true, false, false]);
    assert_eq!(told(&["--proxy", "--host", "imds"]), [false, true, false]);
}

#[test]
fn its_output_and_its_exit_code_are_those_of_the_command() {
    for code in [0, 1, 7, 255] {
        let output = Wrapped::shell(&format!("echo out; echo err >&2; exit {code}")).run();
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(
            (&output.stdout[..], &output.stderr[..]),
            (&b"out\n"[..], &b"err\n"[..])
        );
    }
    let output = Wrapped::shell("kill -KILL $$").run();
    assert_eq!(output.status.code(), Some(128 + 9));
}

#[test]
fn arguments_reach_the_command_as_they_are() {
    let output = Wrapped::new(&["printf", "%s|", "--host", "-x", "a b", "--"]).run();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "--host|-x|a b|--|"
    );
}

#[test]
fn signals_reach_the_command_and_its_answer_counts() {
    let mut deadly = vec![("-TERM", 143), ("-INT", 130), ("-QUIT", 131)];
    // Under nohup nobody hears it, from the start.
    if !is_hangup_ignored() {
        deadly.push(("-HUP", 129));
    }
    for (signal, code) in deadly {
        // Without a terminal of its own a shell in the background ignores the keyboard's signals,
        // so the command replaces it.
        let mut running = Wrapped::shell("echo $$; exec sleep 1000").start();
        running.signal(signal);
        assert_eq!(running.ended(), Some(code), "{signal}");
        assert_gone(&running.line);
    }
    for signal in ["TERM", "INT", "USR1", "USR2"] {
        let script = format!("trap 'kill $!; exit 9' {signal}; sleep 1000 & echo $!; wait");
        let mut running = Wrapped::shell(&script).start();
        running.signal(&format!("-{signal}"));
        assert_eq!(running.ended(), Some(9), "{signal}");
        assert_gone(&running.line);
    }
}

/// As Linux tells it: the lowest bit of the signals that this process, and whatever it starts, ignore.
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut ignored = status
        .lines()
        .filter_map(|line| line.strip_prefix("SigIgn:"));
    ignored.any(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 1 == 1))
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_command_leaves_running_ends_with_it() {
    // One that goes when it is asked, one that has to be killed, and one started by another.
    let script = "sleep 1000 & one=$!
        sh -c 'trap \"\" TERM; while :; do sleep 1000; done' & two=$!
        (setsid sleep 1000 & echo $one $two $!)
        exit 3";
    let mut running = Wrapped::shell(script).start();
    assert_eq!(running.ended(), Some(3));
    assert_eq!(running.line.split(' ').count(), 3);
    running.line.split(' ').for_each(assert_gone);
}

#[test]
fn a_signal_that_was_ignored_from_the_start_stays_ignored() {
    let mut wrapped = Wrapped::new(&[]);
    let arguments = [
        "-c",
        "trap '' HUP; exec \"$0\" exec -- sh -c 'echo up; read line; exit 4'",
    ];
    let mut command = Command::new("sh");
    command
        .args(arguments)
        .arg(PROGRAM)
        .env("TMPDIR", wrapped.temporary.path());
    wrapped.command = command;
    let mut running = wrapped.start();
    running.signal("-HUP");
    assert_eq!(running.ended(), Some(4));
}

#[test]
fn two_at_once_have_an_emulator_each() {
    let script = format!("echo $AZURE_AUTHORITY_HOST; read line; {ASK}");
    let mut both = [
        Wrapped::shell(&script).start(),
        Wrapped::shell(&script).start(),
    ];
    assert_ne!(both[0].line, both[1].line);
    assert!(
        both.iter()
            .all(|one| one.line.starts_with("https://127.0.0.1:"))
    );
    // The first one's end is not the second one's.
    for one in &mut both {
        assert_eq!(one.ended(), Some(0));
    }
}

#[test]
fn one_inside_another_is_found_first() {
    let script = r#"outer=$AZURE_AUTHORITY_HOST
        inner=$("$0" exec -- sh -c 'echo $AZURE_AUTHORITY_HOST')
        test -n "$inner" && test "$inner" != "$outer""#;
    assert!(Wrapped::shell(script).run().status.success());
}

#[test]
fn what_cannot_be_run_is_said_in_one_sentence_with_a_code_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no-program");
    std::fs::write(&file, "").unwrap();
    let cases = [
        (vec!["--", "no-such-command"], 127, "no-such-command"),
        (vec!["--", file.to_str().unwrap()], 126, "no-program"),
        (
            vec!["--config", "/nowhere/world.toml", "true"],
            125,
            "/nowhere/world.toml",
        ),
        (vec!["--host", "moon", "true"], 2, "moon"),
        (vec![], 2, "COMMAND"),
    ];
    for (arguments, code, named) in cases {
        let output = Wrapped::new(&arguments).run();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(
            text.contains(named) && text.trim_end().lines().count() == 1,
            "{text}"
        );
    }
}

#[test]
fn who_one_really_is_stays_outside() {
    let mut wrapped = Wrapped::shell("env");
    wrapped.command.envs([
        ("AZURE_CLIENT_SECRET", "real-secret"),
        ("IDENTITY_ENDPOINT", "http://real"),
    ]);
    let output = String::from_utf8(wrapped.run().stdout).unwrap();
    assert!(!output.contains("real"), "{output}");
    assert!(output.contains("AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:"));
}
