//! The sign-in pages in a real browser: headless Chromium, driven by chromedriver.
//!
//! Without chromedriver the tests are listed as ignored, with the reason; with
//! `IDENTITY_BROWSER_TEST=required` they fail instead, so that a pipeline cannot lose them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod application;
mod dashboard;
mod flows;
mod place;
mod webdriver;

use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Trial};

use crate::place::Place;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each has a browser of its own, which takes more than one core to start.
    arguments.test_threads.get_or_insert(1);
    let missing = !chromedriver_is_there() && !is_required();
    let trials = flows::ALL.iter().chain(dashboard::ALL).map(|(name, flow)| {
        let trial = Trial::test(*name, move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async { flow(Place::new().await).await });
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
