//! Clients in other languages: libraries that verify tokens, and unmodified SDKs.
//!
//! Needs what `tests/clients/prepare` installs below the target folder. Where that is missing the
//! tests show as ignored, with the reason; with `IDENTITY_CLIENT_TESTS=required` in the environment
//! that is a failure instead, so that CI cannot skip them unseen.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod place;
mod verify;
mod wrapped;

use libtest_mimic::Arguments;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = verify::trials();
    trials.extend(wrapped::trials());
    libtest_mimic::run(&arguments, trials).exit();
}
