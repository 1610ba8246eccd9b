use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use futures_util::{FutureExt, poll};

use self::rig::{Home, Safe, now};
use super::*;
use crate::context::Files;
use crate::error::ErrorKind;

#[cfg(unix)]
mod processes;
mod rig;

#[test]
fn a_program_finds_what_another_wrote_where_the_other_sdks_have_it() {
    let home = Home::new();
    let (one, other) = (home.plain(), home.plain());
    assert_eq!(now(home.names(&other)), [""; 0]);
    now(home.add(&one, "alice"));
    assert_eq!(now(home.names(&other)), ["alice"]);
    now(home.add(&other, "bob"));
    assert_eq!(now(home.names(&one)), ["alice", "bob"]);
    let text = home.text("msal.cache.nocae");
    assert!(text.contains("alice") && text.contains("bob"), "{text}");
    assert_eq!(
        home.files(),
        ["msal.cache.nocae"],
        "neither lock nor half a file is left"
    );
}

#[test]
fn a_file_that_has_not_changed_is_not_read_again() {
    let home = Home::new();
    let cache = home.plain();
    now(home.add(&cache, "alice"));
    let before = home.reads();
    for _ in 0..3 {
        now(home.names(&cache));
    }
    assert_eq!(home.reads(), before);
    home.write("msal.cache.nocae", "{}");
    assert_eq!(now(home.names(&cache)), [""; 0]);
    assert_eq!(home.reads(), before + 1);
}

#[test]
fn a_change_that_changes_nothing_is_not_written() {
    let home = Home::new();
    let cache = home.plain();
    now(home.add(&cache, "alice"));
    let before = home.version("msal.cache.nocae");
    now(home.add(&cache, "alice"));
    assert_eq!(home.version("msal.cache.nocae"), before);
}

#[test]
fn a_file_that_is_no_cache_is_moved_aside() {
    for foreign in ["{\"AccessToken\": {\"k\": {\"sec", "[]", "\u{0}\u{1}"] {
        let home = Home::new();
        let cache = home.plain();
        home.write("msal.cache.nocae", foreign);
        assert_eq!(now(home.names(&cache)), [""; 0]);
        now(home.add(&cache, "alice"));
        assert_eq!(
            home.files(),
            [
                "msal.cache.nocae",
                "msal.cache.nocae.unreadable-1700000000000"
            ]
        );
        assert_eq!(
            home.text("msal.cache.nocae.unreadable-1700000000000"),
            foreign
        );
        assert_eq!(now(home.names(&home.plain())), ["alice"]);
    }
}

#[test]
fn a_reader_waits_for_the_end_of_a_file_that_another_is_writing() {
    for half in ["", "{\"Account\": {"] {
        let home = Home::new();
        let cache = home.plain();
        now(home.add(&home.plain(), "alice"));
        let whole = home.text("msal.cache.nocae");
        let lock = home.lock("msal.cache.nocae.lockfile").expect("free");
        home.write("msal.cache.nocae", half);
        now(async {
            let mut reading = pin!(home.names(&cache));
            assert!(poll!(&mut reading).is_pending());
            home.write("msal.cache.nocae", &whole);
            drop(lock);
            home.clock.advance(Duration::from_secs(1));
            assert_eq!(reading.await, ["alice"]);
        });
    }
}

#[test]
fn a_change_that_cannot_be_written_stays_in_memory_and_is_written_with_the_next() {
    let home = Home::new();
    let (cache, other) = (home.plain(), home.plain());
    now(home.add(&cache, "alice"));
    let lock = home.lock("msal.cache.nocae.lockfile").expect("free");
    now(home.drive(home.add(&cache, "bob")));
    assert_eq!(now(home.names(&other)), ["alice"]);
    drop(lock);
    now(home.add(&other, "carol"));
    assert_eq!(now(home.names(&cache)), ["alice", "bob", "carol"]);
    assert_eq!(now(home.names(&other)), ["alice", "carol"]);
    now(home.add(&cache, "dave"));
    assert_eq!(now(home.names(&other)), ["alice", "bob", "carol", "dave"]);
}

#[test]
fn plain_text_has_to_be_allowed_where_nothing_can_be_encrypted() {
    let home = Home::new();
    let refused = home.open(false, Safe::broken());
    let error = now(refused.read(|_| ())).expect_err("nothing encrypts");
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    assert!(
        error.to_string().contains("allow_unencrypted_storage"),
        "{error}"
    );
    assert!(now(refused.update(|_| ())).is_err());
    assert_eq!(home.files(), [""; 0]);
}

#[test]
fn a_cache_is_encrypted_where_it_can_be_even_if_plain_text_is_allowed() {
    let home = Home::new();
    let safe = Safe::elsewhere();
    let (one, other) = (
        home.open(true, safe.clone()),
        home.open(false, safe.clone()),
    );
    now(home.add(&one, "alice"));
    assert_eq!(now(home.names(&other)), ["alice"]);
    now(home.add(&one, "bob"));
    assert_eq!(
        now(home.names(&other)),
        ["alice", "bob"],
        "the file was touched"
    );
    assert_eq!(home.text("msal.cache.nocae"), "");
    assert!(safe.text("msal.cache.nocae").contains("bob"));
}

#[test]
fn a_keyring_that_fails_for_a_while_loses_nothing() {
    let home = Home::new();
    let safe = Safe::elsewhere();
    let cache = home.open(false, safe.clone());
    now(home.add(&cache, "alice"));
    safe.fail(true);
    now(home.add(&cache, "bob"));
    assert_eq!(now(home.names(&cache)), ["alice", "bob"]);
    safe.fail(false);
    now(home.add(&cache, "carol"));
    assert_eq!(
        now(home.names(&home.open(false, safe))),
        ["alice", "bob", "carol"]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_not_written_over() {
    let home = Home::new();
    let safe = Safe::elsewhere();
    let (one, other) = (
        home.open(false, safe.clone()),
        home.open(false, safe.clone()),
    );
    now(home.add(&one, "alice"));
    now(home.add(&other, "bob"));
    safe.keep_silent(true);
    now(home.add(&one, "carol"));
    safe.keep_silent(false);
    assert_eq!(now(home.names(&other)), ["alice", "bob"]);
    now(home.add(&one, "dave"));
    assert_eq!(now(home.names(&other)), ["alice", "bob", "carol", "dave"]);
}

#[test]
fn with_a_keyring_that_does_not_answer_nothing_is_written_in_plain_text() {
    let home = Home::new();
    let safe = Safe::elsewhere();
    now(home.add(&home.open(true, safe.clone()), "alice"));
    let cache = home.open(true, safe.clone());
    safe.keep_silent(true);
    now(home.add(&cache, "bob"));
    assert_eq!(home.text("msal.cache.nocae"), "", "no secret in plain text");
    safe.keep_silent(false);
    assert_eq!(now(home.names(&cache)), ["alice", "bob"]);
}

#[test]
fn an_encrypted_text_that_is_no_cache_is_moved_aside_encrypted() {
    let home = Home::new();
    let safe = Safe::elsewhere();
    home.write("msal.cache.nocae", "");
    safe.put("msal.cache.nocae", "foreign");
    now(home.add(&home.open(false, safe.clone()), "alice"));
    assert_eq!(
        safe.text("msal.cache.nocae.unreadable-1700000000000"),
        "foreign"
    );
    assert!(safe.text("msal.cache.nocae").contains("alice"));
}

#[test]
fn a_file_that_cannot_be_decrypted_is_moved_aside_as_it_is() {
    let home = Home::new();
    let safe = Safe::in_file();
    let cache = home.open(false, safe.clone());
    now(home.add(&cache, "alice"));
    assert!(
        !home.text("msal.cache.nocae").contains("alice"),
        "encrypted"
    );
    assert_eq!(now(home.names(&home.open(false, safe))), ["alice"]);
    home.write("msal.cache.nocae", "of another user");
    assert_eq!(now(home.names(&cache)), [""; 0]);
    assert_eq!(
        home.text("msal.cache.nocae.unreadable-1700000000000"),
        "of another user"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_leaves_does_not_cut_a_write_short() {
    let home = Home::new();
    let safe = Safe::elsewhere();
    let cache = home.open(false, safe.clone());
    let gate = safe.gate();
    {
        let mut adding = pin!(home.add(&cache, "alice"));
        tokio::select! {
            () = &mut adding => panic!("it has to wait at the gate"),
            () = safe.reached() => (),
        }
    }
    assert!(
        home.lock("msal.cache.nocae.lockfile").is_none(),
        "the lock outlasts the caller"
    );
    gate.open();
    // Whose turn comes after it finds what was written.
    home.add(&cache, "bob").await;
    assert_eq!(home.names(&home.open(false, safe)).await, ["alice", "bob"]);
}

#[tokio::test]
async fn of_many_changes_at_once_in_one_process_none_is_lost() {
    let home = Home::new();
    let caches = [(); 3].map(|()| home.plain_in_real_time());
    let names: Vec<_> = (10..40).map(|n| format!("user {n}")).collect();
    let adding = names
        .iter()
        .enumerate()
        .map(|(n, name)| home.add(&caches[n % 3], name));
    futures_util::future::join_all(adding).await;
    assert_eq!(home.names(&home.plain()).await, names);
}

#[test]
fn the_location_shows_in_debug_and_nothing_of_the_content() {
    let home = Home::new();
    let cache = home.plain();
    now(home.add(&cache, "alice"));
    let shown = format!("{cache:?}");
    assert!(
        shown.contains("msal.cache.nocae") && !shown.contains("alice"),
        "{shown}"
    );
}
