//! Processes that the command started and left running, such as a build daemon: with an environment
//! whose emulator is gone it could only confuse whoever finds it, so it ends with the command.

use std::fs;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, wait};
use tokio::signal::unix::{SignalKind, signal};

/// How long leftovers may take over their end before they are killed, and after it.
const PATIENCE: Duration = Duration::from_secs(2);

/// From now on what the command leaves behind becomes ours.
pub(super) fn adopt() {
    // Where that cannot be asked for, leftovers stay, as they would without us.
    let _ = set_child_subreaper(Some(getpid()));
}

/// Ends all that was left behind, politely first. The command itself must have been waited for.
pub(super) async fn end() {
    let Ok(mut ended) = signal(SignalKind::child()) else {
        return;
    };
    for kind in [Signal::TERM, Signal::KILL] {
        // Each that ends may leave another.
        let all = async {
            while send(kind) {
                ended.recv().await;
            }
        };
        if tokio::time::timeout(PATIENCE, all).await.is_ok() {
            return;
        }
    }
}

/// Sends `signal` to all that are left, and says whether there were any.
fn send(signal: Signal) -> bool {
    while matches!(wait(WaitOptions::NOHANG), Ok(Some(_)) | Err(Errno::INTR)) {}
    let left = children();
    for id in &left {
        // It may have ended just now.
        let _ = kill_process(*id, signal);
    }
    !left.is_empty()
}

fn children() -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let own = ids.filter(|id| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat"));
        stat.is_ok_and(|stat| parent(&stat) == Some(getpid().as_raw_nonzero().get()))
    });
    own.filter_map(Pid::from_raw).collect()
}

/// The fourth field; the second is a name in brackets, which may hold anything.
fn parent(stat: &str) -> Option<i32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_found_behind_any_name() {
        assert_eq!(parent("12 (sh) S 7 12 12 0"), Some(7));
        assert_eq!(parent("12 (a ) R 9 (x) S 7 12"), Some(7));
        assert_eq!(parent("12 sh"), None);
    }

    #[test]
    fn a_child_of_ours_is_found() {
        let mut child = std::process::Command::new("sleep")
            .arg("1000")
            .spawn()
            .unwrap();
        let id = Pid::from_child(&child);
        assert!(children().contains(&id));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!children().contains(&id));
    }
}
