//! Signals that end programs, or ask them something, on their way to the command.

use std::fs::{self, File};
use std::future::poll_fn;
use std::task::Poll;

use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
use tokio::process::Child;
use tokio::signal::unix;

use crate::cli::Failure;

/// The signals that may be sent to us and are meant for the command.
#[derive(Debug)]
pub(super) struct Signals(Vec<(Signal, unix::Signal)>);

impl Signals {
    /// From now on no signal of these ends us. Those we were started to ignore, as `nohup` does,
    /// stay ignored, for the command as well.
    pub(super) fn listen() -> Result<Self, Failure> {
        let ignored = ignored();
        let heeded = PASSED_ON.iter().filter(|signal| !ignored.contains(signal));
        let listened = heeded.map(|signal| {
            let listener = unix::signal(unix::SignalKind::from_raw(signal.as_raw()));
            listener.map(|listener| (*signal, listener))
        });
        let listened = listened.collect::<Result<_, _>>();
        listened
            .map(Self)
            .map_err(|error| Failure::new(format!("no signals: {error}")))
    }

    pub(super) async fn next(&mut self) -> Signal {
        poll_fn(|context| {
            let mut all = self.0.iter_mut();
            let sent = all.find_map(|(signal, listener)| {
                listener.poll_recv(context).is_ready().then_some(*signal)
            });
            sent.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Passes a signal on, unless it came from the keyboard: then it has reached the command as
    /// well, which is in our process group and would not expect it twice.
    pub(super) fn pass_on(&self, signal: Signal, child: &Child) {
        if FROM_KEYBOARD.contains(&signal) && at_the_keyboard() {
            return;
        }
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(Pid::from_raw) {
            // It may have ended just now.
            let _ = kill_process(id, signal);
        }
    }
}

const PASSED_ON: &[Signal] = &[
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::TERM,
    Signal::USR1,
    Signal::USR2,
];
const FROM_KEYBOARD: &[Signal] = &[Signal::INT, Signal::QUIT];

/// Whether our process group is the one that the terminal sends its signals to.
fn at_the_keyboard() -> bool {
    let terminal = File::open("/dev/tty");
    terminal.is_ok_and(|terminal| tcgetpgrp(terminal).is_ok_and(|group| group == getpgrp()))
}

/// Returns the signals that we were started to ignore; only Linux can tell.
fn ignored() -> Vec<Signal> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = mask(&status).unwrap_or_default();
    let is_ignored = |signal: &&Signal| mask >> (signal.as_raw() - 1) & 1 == 1;
    PASSED_ON.iter().filter(is_ignored).copied().collect()
}

fn mask(status: &str) -> Option<u64> {
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_hexadecimal() {
        let status = "Name:\tx\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000001001\n";
        assert_eq!(mask(status), Some(0x1001));
        assert_eq!(mask("Name:\tx\n"), None);
    }
}
