//! A driver process: requests on its stdin, replies on its stdout, stderr is its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::{Driver, Exit, Mount, accept, mount};
use crate::error::Fault;
use crate::observation::Ending;
use crate::protocol::{Reply, Request};

/// The longest reply read, in bytes; a driver that writes without a line end cannot fill memory.
const LONGEST_LINE: u64 = 1 << 20;
/// The most bytes kept of stderr.
const LONGEST_STDERR: u64 = 1 << 20;

/// A command line with the surroundings it starts in.
#[derive(Debug, Clone)]
pub struct Spawn {
    /// Program and arguments.
    pub command: Vec<String>,
    /// The whole environment: nothing else is inherited.
    pub environment: BTreeMap<String, String>,
    /// Folders it finds at other places.
    pub mounts: Vec<Mount>,
    /// Working directory.
    pub folder: PathBuf,
    /// How long one answer may take, and the end once stdin has ended. One limit for both, because
    /// how fast a process ends says more about the machine than about the driver.
    pub timeout: Duration,
}

/// A running driver process; killed when dropped.
#[derive(Debug)]
pub struct ProcessDriver {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
    timeout: Duration,
}

impl ProcessDriver {
    /// Starts the process.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start(spawn: &Spawn) -> Result<Self, Fault> {
        let command = mount::mounted(&spawn.command, &spawn.mounts);
        let [program, arguments @ ..] = command.as_slice() else {
            return Err(Fault::new("a driver needs a command"));
        };
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(&spawn.environment)
            .current_dir(&spawn.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Fault::new(format!("{program} cannot be started: {error}")))?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            return Err(Fault::new(format!("{program} was started without pipes")));
        };
        let stderr = tokio::spawn(async move {
            let mut bytes = Vec::new();
            let mut stderr = stderr.take(LONGEST_STDERR);
            // After an error the bytes read before it are all there is to show.
            stderr.read_to_end(&mut bytes).await.ok();
            // The rest is thrown away, but read: a full pipe would stop the driver.
            tokio::io::copy(&mut stderr.into_inner(), &mut tokio::io::sink())
                .await
                .ok();
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let stdout = BufReader::new(stdout);
        Ok(Self {
            child,
            stdin,
            stdout,
            stderr,
            timeout: spawn.timeout,
        })
    }

    async fn exchange(&mut self, request: &Request) -> Result<Reply, Ending> {
        let mut line = serde_json::to_string(request)
            .map_err(|error| Ending::Crash(format!("the request cannot be written: {error}")))?;
        line.push('\n');
        let Some(stdin) = &mut self.stdin else {
            return Err(self.ended().await);
        };
        let written = stdin.write_all(line.as_bytes()).await;
        if written.is_err() || stdin.flush().await.is_err() {
            return Err(self.ended().await);
        }
        self.reply(request).await
    }

    async fn reply(&mut self, request: &Request) -> Result<Reply, Ending> {
        let mut bytes = Vec::new();
        let mut limited = (&mut self.stdout).take(LONGEST_LINE);
        let read = limited.read_until(b'\n', &mut bytes).await;
        if read.is_err() || !bytes.ends_with(b"\n") {
            if bytes.len() as u64 == LONGEST_LINE {
                return Err(Ending::Crash(format!(
                    "a reply longer than {LONGEST_LINE} bytes"
                )));
            }
            return Err(self.ended().await);
        }
        let text = String::from_utf8_lossy(&bytes);
        let reply = serde_json::from_str(&text).map_err(|error| {
            let start: String = text.trim_end().chars().take(200).collect();
            Ending::Crash(format!(
                "its stdout has a line that is no reply ({error}): {start}"
            ))
        })?;
        accept(request, reply)
    }

    /// Waits for the end of a process whose pipes are closed, and says how it ended.
    async fn ended(&mut self) -> Ending {
        match tokio::time::timeout(self.timeout, self.child.wait()).await {
            Ok(Ok(status)) => Ending::Crash(describe(status)),
            _ => Ending::Crash("it closed its stdin or stdout and went on".to_owned()),
        }
    }
}

impl Driver for ProcessDriver {
    fn call<'a>(&'a mut self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Ending>> {
        Box::pin(async move {
            let timeout = self.timeout;
            in_time(timeout, self.exchange(request)).await
        })
    }

    fn wait<'a>(&'a mut self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Ending>> {
        Box::pin(async move {
            let timeout = self.timeout;
            in_time(timeout, self.reply(request)).await
        })
    }

    fn finish(mut self: Box<Self>) -> BoxFuture<'static, Exit> {
        Box::pin(async move {
            drop(self.stdin.take());
            let limit = self.timeout;
            let ending = match tokio::time::timeout(limit, self.child.wait()).await {
                Ok(Ok(status)) if status.success() => None,
                Ok(Ok(status)) => Some(Ending::Crash(describe(status))),
                Ok(Err(error)) => Some(Ending::Crash(format!("it cannot be waited for: {error}"))),
                Err(_) => {
                    self.child.start_kill().ok();
                    let text = format!("still there {limit:?} after the end of its stdin");
                    Some(Ending::Hang(text))
                }
            };
            // A child of the driver may hold the pipe open for ever, so this wait has a limit.
            let stderr = tokio::time::timeout(Duration::from_secs(1), self.stderr).await;
            let stderr = stderr.ok().and_then(Result::ok).unwrap_or_default();
            Exit { stderr, ending }
        })
    }
}

async fn in_time(
    timeout: Duration,
    reply: impl Future<Output = Result<Reply, Ending>>,
) -> Result<Reply, Ending> {
    match tokio::time::timeout(timeout, reply).await {
        Ok(result) => result,
        Err(_) => Err(Ending::Hang(format!("no answer within {timeout:?}"))),
    }
}

fn describe(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("it ended with exit code {code}"),
        None => format!("it was ended: {status}"),
    }
}
