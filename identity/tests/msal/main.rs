//! Token caches shared with MSAL for Python, unmodified, by way of files and of the keyring.
//!
//! Needs what `tests/msal/prepare` installs below the target folder, and for the keyring Debian's
//! gnome-keyring, dbus, python3-gi and gir1.2-secret-1. Where that is missing the tests show as
//! ignored, with the reason; with `IDENTITY_CLIENT_TESTS=required` in the environment that is a
//! failure instead, so that CI cannot skip them unseen.

#![cfg(all(feature = "reqwest", feature = "persistent-cache", unix))]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test of the real world runs real programs, and one that cannot go on has failed"
)]

use std::process::Command;

use identity::AuthenticationRecord;
use libtest_mimic::{Arguments, Trial};

use self::machine::{ALICE, Machine};
use self::program::python;
use self::silence::Silence;

mod machine;
mod program;
mod settings;
mod silence;
mod writer;

const VAULT: &str = "https://vault.azure.net/.default";
const GRAPH: &str = "https://graph.microsoft.com/.default";

/// The variable that is set where this runs in a session of its own with an unlocked keyring.
const WITHIN: &str = "IDENTITY_TEST_WITHIN_KEYRING_SESSION";

/// The script that starts an unlocked keyring and then becomes the given program.
const SESSION: &str = r#"
set -eu
printf 'a password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
exec "$@"
"#;

type TestFn = fn(&Machine);

/// The tests of a cache in a file and in the keyring.
const EVERYWHERE: [(&str, TestFn); 5] = [
    ("who_signed_in_with_msal_is_signed_in_here", msal_first),
    ("who_signed_in_here_is_signed_in_with_msal", we_first),
    (
        "an_authentication_record_is_good_in_both_libraries",
        records,
    ),
    ("what_both_write_at_once_is_all_kept", at_once),
    (
        "eight_programs_that_sign_users_in_at_once_lose_none",
        many_at_once,
    ),
];
/// The test of the keyring alone.
const BY_KEYRING: (&str, TestFn) = ("a_keyring_that_is_busy_is_asked_again", busy_keyring);

fn main() {
    if writer::was_all() {
        return;
    }
    let arguments = Arguments::from_args();
    let within = std::env::var_os(WITHIN).is_some();
    let to_trial = |(name, test): (&str, TestFn)| trial(name, move || test(&Machine::new(within)));
    let mut trials: Vec<_> = EVERYWHERE.into_iter().map(to_trial).collect();
    match within {
        true => trials.push(to_trial(BY_KEYRING)),
        false => trials.extend(EVERYWHERE.into_iter().chain([BY_KEYRING]).map(|(name, _)| {
            let by_keyring = format!("{name}_by_way_of_the_keyring");
            trial(&by_keyring, move || keyring_session(name))
        })),
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(name: &str, run: impl FnOnce() + Send + 'static) -> Trial {
    let trial = Trial::test(name, move || {
        run();
        Ok(())
    });
    let required = std::env::var("IDENTITY_CLIENT_TESTS").is_ok_and(|value| value == "required");
    match what_is_missing() {
        Some(reason) if !required => trial
            .with_kind(format!("ignored: {reason}"))
            .with_ignored_flag(true),
        _ => trial,
    }
}

fn what_is_missing() -> Option<&'static str> {
    if !python().exists() {
        return Some("not installed, run identity/tests/msal/prepare");
    }
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let found = has("gnome-keyring-daemon") && has("dbus-run-session");
    (!found).then_some("no gnome-keyring or dbus")
}

/// Runs the test `name` in this program started again, in a session with a bus, a keyring and a
/// home of its own.
fn keyring_session(name: &str) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", SESSION, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(WITHIN, "1")
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("XDG_DATA_HOME")
        .output()
        .unwrap();
    let (said, wrong) = (output.stdout, output.stderr);
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&said),
        String::from_utf8_lossy(&wrong)
    );
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

fn msal_first(machine: &Machine) {
    let theirs = machine.msal_signs_in(VAULT);
    without_asking_a_user(machine, || {
        assert_eq!(machine.we_share(VAULT).unwrap(), theirs, "it was kept");
        // Another scope needs the refresh token, and the new tokens are stored for MSAL.
        let ours = machine.we_share(GRAPH).unwrap();
        assert_ne!(ours, theirs);
        assert_eq!(machine.msal_signs_in_silently(GRAPH).1, ours);
    });
}

fn we_first(machine: &Machine) {
    machine.we_sign_in(VAULT);
    without_asking_a_user(machine, || {
        let (names, vault) = machine.msal_signs_in_silently(VAULT);
        assert_eq!(names, [ALICE]);
        assert_eq!(machine.we_share(VAULT).unwrap(), vault);
        let (_, graph) = machine.msal_signs_in_silently(GRAPH);
        assert_eq!(machine.we_share(GRAPH).unwrap(), graph);
    });
}

fn records(machine: &Machine) {
    let ours = machine.we_sign_in(VAULT);
    without_asking_a_user(machine, || {
        let (theirs, token) = machine.azure_identity_signs_in_silently(&ours.serialize(), GRAPH);
        let theirs = AuthenticationRecord::deserialize(&theirs).unwrap();
        assert_eq!(theirs, ours);
        assert!(!token.is_empty());
    });
    let theirs = machine.azure_identity_signs_in(VAULT);
    without_asking_a_user(machine, || {
        assert!(
            !machine
                .we_sign_in_silently(&theirs, GRAPH)
                .unwrap()
                .is_empty()
        );
    });
}

fn without_asking_a_user(machine: &Machine, run: impl FnOnce()) {
    let before = machine.requests("entra.device_code");
    run();
    assert_eq!(machine.requests("entra.device_code"), before);
}

fn at_once(machine: &Machine) {
    const EACH: usize = 20;
    let theirs = machine.msal_begins_to_add_accounts(EACH);
    for n in 0..EACH {
        machine.we_get_a_token(&format!(
            "https://account{n}.blob.core.windows.net/.default"
        ));
    }
    theirs.wait();
    machine.we_get_a_token(VAULT);
    let (accounts, tokens) = machine.kept();
    assert_eq!((accounts, tokens), (EACH, EACH + 1));
}

fn many_at_once(machine: &Machine) {
    let writers = (0..writer::WRITERS).map(|number| machine.writer_begins(number));
    for mut writer in writers.collect::<Vec<_>>() {
        assert!(writer.wait().unwrap().success());
    }
    let all = writer::users().count();
    assert_eq!(machine.kept(), (all, all));
}

fn busy_keyring(machine: &Machine) {
    let silence = Silence::of(machine.keyring());
    machine.we_sign_in(VAULT);
    assert!(silence.is_broken(), "it did not answer at first");
    assert_eq!(machine.msal_signs_in_silently(VAULT).0, [ALICE]);
}
