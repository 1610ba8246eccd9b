//! A keyring that does not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A stopped keyring process. It goes on once this library has noticed that it does not answer.
pub(crate) struct Silence(Arc<Held>);

struct Held {
    keyring: Pid,
    broken: AtomicBool,
}

impl Silence {
    /// Stops the keyring. There can be one such value in a process.
    pub(crate) fn of(keyring: Pid) -> Self {
        kill_process(keyring, Signal::STOP).unwrap();
        let held = Arc::new(Held {
            keyring,
            broken: AtomicBool::new(false),
        });
        tracing::subscriber::set_global_default(Listener(Arc::clone(&held))).unwrap();
        Self(held)
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.0.broken.load(Ordering::SeqCst)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        kill_process(self.0.keyring, Signal::CONT).unwrap();
    }
}

struct Listener(Arc<Held>);

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn event(&self, event: &Event<'_>) {
        if event.metadata().name() == "identity.keyring.silent" {
            self.0.broken.store(true, Ordering::SeqCst);
            kill_process(self.0.keyring, Signal::CONT).unwrap();
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
