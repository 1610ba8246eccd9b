//! The sign-in pages in a real browser.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod application;
mod dashboard;
mod flows;
mod place;

use std::process::ExitCode;

use crate::flows::Flow;
use crate::place::Place;

fn main() -> ExitCode {
    let flows = flows::ALL.iter().chain(dashboard::ALL);
    identity_chromium::run(flows.map(|&(name, flow)| (name, move || in_its_place(flow))))
}

fn in_its_place(flow: Flow) -> flows::Playing {
    Box::pin(async move { flow(Place::new().await).await })
}
