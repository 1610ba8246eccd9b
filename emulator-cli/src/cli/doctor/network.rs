//! The emulator itself, its time, and the names of the real hosts.

use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::nearby::is_near;
use crate::cli::doctor::surroundings::{SIGN_IN_HOST, Surroundings};

/// How far apart two clocks may be, in seconds, before somebody finds a token not yet or no longer
/// valid.
const TOLERANCE: i64 = 300;

/// Whether there is an emulator at all.
pub(super) fn emulator(around: &Surroundings) -> Vec<Finding> {
    const NAME: &str = "emulator";
    vec![match &around.emulator {
        Ok(ready) => Finding::ok(NAME, format!("{} and {} answer", ready.https, ready.http)),
        Err(why) => Finding::problem(NAME, why.clone()).fixed_by(
            "start one with `identity-emulator serve`, or name its HTTP listener with --http",
        ),
    }]
}

/// Whether client and emulator live at the same time.
pub(super) fn clock(around: &Surroundings) -> Vec<Finding> {
    const NAME: &str = "clock";
    let Some((there, here)) = around.clock else {
        return Vec::new();
    };
    let ahead = (there - here).whole_seconds();
    if ahead.abs() <= TOLERANCE {
        return vec![Finding::ok(
            NAME,
            "the emulator lives at the same time as this machine",
        )];
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    let text = format!(
        "the emulator lives {} s {direction} this machine: tokens are cached too long or not at \
         all, and whoever validates them finds them not yet or no longer valid",
        ahead.abs()
    );
    vec![Finding::problem(NAME, text).fixed_by(
        "put its clock back with `DELETE /_emulator/clock`, unless the test is about time",
    )]
}

/// Checks the addresses that the name of the real host resolves to.
pub(super) fn names(around: &Surroundings) -> Vec<Finding> {
    const NAME: &str = "dns";
    let found = match &around.sign_in {
        Ok(found) => found,
        Err(why) => {
            let text = format!("{SIGN_IN_HOST} has no address here ({why})");
            return vec![Finding::ok(NAME, text)];
        }
    };
    if !is_near(found) {
        let text = format!("{SIGN_IN_HOST} is the real one");
        return vec![Finding::ok(NAME, text)];
    }
    if around.sign_in_is_ours {
        let text = format!("{SIGN_IN_HOST} is the emulator");
        return vec![Finding::ok(NAME, text)];
    }
    let text = format!("{SIGN_IN_HOST} leads to this machine, but no emulator answers on port 443");
    vec![Finding::problem(NAME, text).fixed_by(
        "start it with `serve --https 127.0.0.1:443`, or take the name out of the hosts file",
    )]
}
