//! Tasks in the background and on threads for long computations.

use std::fmt;

use futures_util::future::{self, BoxFuture, FutureExt};

/// Starts tasks in the background.
pub trait Spawn: fmt::Debug + Send + Sync {
    /// Starts `task`, or returns it when nothing here can run it; the caller then runs it itself.
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Option<BoxFuture<'static, ()>>;

    /// Runs `work`, which keeps a processor busy for long, where it keeps no task waiting. The
    /// default runs it at once. The future ends with the work, and panics if the work did.
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
