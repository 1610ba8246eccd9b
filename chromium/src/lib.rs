//! Headless Chromium, for tests that need a real browser.
//!
//! [`run`] is the `main` of such a test program: each of its tests gets a browser of its own,
//! driven by chromedriver. Without chromedriver they are listed as ignored, with the reason. With
//! `IDENTITY_BROWSER_TEST=required` in the environment they fail instead, so that a pipeline
//! notices.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod browser;
mod trials;

pub use crate::browser::{Browser, Scripts};
pub use crate::trials::run;
