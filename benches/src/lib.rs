//! The parts that the benchmarks share: the built-in world's default application, a runtime, and
//! the comparison of two things.
//!
//! Every figure worth quoting is a ratio within one run: machines drift, a ratio does not.

mod credential;
mod paired;

use tokio::runtime::{Builder, Runtime};

pub use credential::{SCOPE, bare_client, our_credential, transport};
pub use paired::Ratio;

/// The tenant of the emulator's built-in world.
pub const TENANT_ID: &str = "aaaaaaaa-0000-4000-8000-000000000001";
/// The built-in world's default application.
pub const CLIENT_ID: &str = "bbbbbbbb-0000-4000-8000-000000000001";
/// That application's secret, public on purpose.
pub const CLIENT_SECRET: &str = "daemon-secret-for-tests-only";

/// The form that the default application sends for a token of Key Vault.
#[must_use]
pub fn token_form() -> String {
    format!(
        "grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}\
         &scope=https%3A%2F%2Fvault.azure.net%2F.default"
    )
}

/// Whether figures are wanted: Criterion is also asked for one run of each, and to be watched by a
/// profiler.
#[must_use]
pub fn measuring() -> bool {
    let asked = |flag| std::env::args().any(|argument| argument == flag);
    asked("--bench") && !asked("--test") && !asked("--profile-time")
}

/// A runtime with two workers, because the figures are taken on machines with two cores.
///
/// # Panics
///
/// When the operating system gives no threads.
#[must_use]
pub fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime with two workers starts")
}
