//! Work that goes on while its caller does not wait.

use std::fmt;

use futures_util::future::BoxFuture;

/// Starts tasks in the background.
pub trait Spawn: fmt::Debug + Send + Sync {
    /// Starts `task`, or gives it back when nothing here can run it; the caller then runs it
    /// itself.
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Option<BoxFuture<'static, ()>>;
}

/// Starts tasks on the tokio runtime the caller runs on, if there is one.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioSpawn;

impl Spawn for TokioSpawn {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Option<BoxFuture<'static, ()>> {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(task);
                None
            }
            Err(_) => Some(task),
        }
    }
}
