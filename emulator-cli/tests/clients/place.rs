//! Where `prepare` puts things, and what happens to a test whose things are not there.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

/// A file of the folder that `prepare` fills.
pub(crate) fn installed(path: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join("token-clients").join(path)
}

/// A file of this folder.
pub(crate) fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients")
        .join(path)
}

/// A test that can run if `proof` was installed.
pub(crate) fn trial(name: &str, proof: &Path, run: impl FnOnce() + Send + 'static) -> Trial {
    let required = std::env::var("IDENTITY_CLIENT_TESTS").is_ok_and(|value| value == "required");
    let trial = Trial::test(name, move || {
        run();
        Ok(())
    });
    if proof.exists() || required {
        return trial;
    }
    let reason = "ignored: not installed, run emulator-cli/tests/clients/prepare";
    trial.with_kind(reason).with_ignored_flag(true)
}
