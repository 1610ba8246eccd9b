//! Work that goes on while its caller does not wait.

use std::fmt;

use futures_util::future::{self, BoxFuture, FutureExt};

/// Starts tasks in the background.
pub trait Spawn: fmt::Debug + Send + Sync {
    /// Starts `task`, or gives it back when nothing here can run it; the caller then runs it
    /// itself.
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Option<BoxFuture<'static, ()>>;

    /// Runs `work`, which keeps a processor busy for long, where no task waits behind it; at once,
    /// by default. Ends when it has ended, and panics if it has.
    fn compute(&self, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'static, ()> {
        work();
        future::ready(()).boxed()
    }
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

    fn compute(&self, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'static, ()> {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            work();
            return future::ready(()).boxed();
        };
        let done = runtime.spawn_blocking(work);
        async move {
            let failure = done.await.err().and_then(|e| e.try_into_panic().ok());
            if let Some(panic) = failure {
                std::panic::resume_unwind(panic);
            }
        }
        .boxed()
    }
}
