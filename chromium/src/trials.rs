//! The runner of tests that need a browser, which are ignored where there is none.

use std::pin::Pin;
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Trial};

/// Runs named tests, each on a runtime of its own, as the command line says: the whole of a test
/// program's `main`.
pub fn run<F>(tests: impl IntoIterator<Item = (&'static str, F)>) -> ExitCode
where
    F: Fn() -> Pin<Box<dyn Future<Output = ()>>> + Send + 'static,
{
    let mut arguments = Arguments::from_args();
    // Each test has a browser of its own, which takes more than one core to start.
    arguments.test_threads.get_or_insert(1);
    let missing = !chromedriver_is_there() && !is_required();
    let trials = tests.into_iter().map(|(name, test)| {
        let trial = Trial::test(name, move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(test());
            Ok(())
        });
        if missing {
            trial
                .with_kind("chromedriver is not installed")
                .with_ignored_flag(true)
        } else {
            trial
        }
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn is_required() -> bool {
    std::env::var("IDENTITY_BROWSER_TEST").is_ok_and(|value| value == "required")
}

fn chromedriver_is_there() -> bool {
    let asked = Command::new("chromedriver")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}
