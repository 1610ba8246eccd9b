//! Several processes with one cache, and processes that are killed while they write it.
//!
//! The other processes are this test binary, told by its environment to play `writer`.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::rig::{Home, now};
use super::*;
use crate::cache::msal::Environment;
use crate::context::{Clock, Env, SystemClock, SystemEnv};

/// The variables that tell a writer below which directory it writes, and what it calls its
/// accounts.
const HOME: &str = "IDENTITY_TEST_CACHE_HOME";
const NAME: &str = "IDENTITY_TEST_CACHE_NAME";
/// How many accounts it adds, and for how many seconds at most.
const COUNT: &str = "IDENTITY_TEST_CACHE_COUNT";
const SECONDS: &str = "IDENTITY_TEST_CACHE_SECONDS";
/// The variable that says how long the test of long writing takes.
const SOAK: &str = "IDENTITY_SOAK_SECONDS";
const FOREVER: u64 = 1 << 30;

#[expect(
    clippy::disallowed_methods,
    reason = "other processes are what is tested"
)]
fn writer_process(home: &Home, name: &str, count: usize, seconds: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            "cache::persistent::tests::processes::writer",
        ])
        .env(HOME, home.directory())
        .env(NAME, name)
        .env(COUNT, count.to_string())
        .env(SECONDS, seconds.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The part of the other processes: they add accounts one by one, and write how many to a file of
/// their name.
#[test]
#[ignore = "the part of another process"]
fn writer() {
    let var = |name| SystemEnv.var(name);
    let (Some(home), Some(name)) = (var(HOME), var(NAME)) else {
        return;
    };
    let number = |name| var(name).and_then(|number| number.parse::<u64>().ok());
    let (count, seconds) = (number(COUNT).unwrap(), number(SECONDS).unwrap());
    let home = Home::at(home.into());
    let cache = home.plain_in_real_time();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let start = SystemClock.now();
    let in_time = |_: &u64| SystemClock.now().since(start) < Duration::from_secs(seconds);
    let mut added = 0;
    for n in (0..count).take_while(in_time) {
        runtime.block_on(home.add(&cache, &format!("{name}-{n}")));
        added = n + 1;
    }
    home.note(&name, &added.to_string());
}

#[test]
fn eight_processes_that_add_accounts_at_once_lose_none() {
    const EACH: usize = 12;
    let home = Home::new();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let writers = names.map(|name| writer_process(&home, name, EACH, FOREVER));
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let written: BTreeSet<_> = now(home.names(&home.plain())).into_iter().collect();
    let each = |name: &str| (0..EACH).map(|n| format!("{name}-{n}")).collect::<Vec<_>>();
    assert_eq!(written, names.into_iter().flat_map(each).collect());
    assert_eq!(home.files(), ["msal.cache.nocae"]);
}

#[test]
#[ignore = "takes as long as IDENTITY_SOAK_SECONDS says"]
fn two_processes_that_add_accounts_for_long_lose_none() {
    let Some(seconds) = SystemEnv.var(SOAK) else {
        return;
    };
    let home = Home::new();
    let names = ["a", "b"];
    let writers =
        names.map(|name| writer_process(&home, name, usize::MAX, seconds.parse().unwrap()));
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let written: BTreeSet<_> = now(home.names(&home.plain())).into_iter().collect();
    let added = names.map(|name| home.noted(name).parse::<usize>().unwrap());
    println!("accounts added: {added:?}");
    let each = names.into_iter().zip(added);
    let each = each.flat_map(|(name, added)| (0..added).map(move |n| format!("{name}-{n}")));
    assert!(
        written == each.collect(),
        "of {added:?} there are {}",
        written.len()
    );
}

/// Each process writes without end and is killed after a while that is different every time, so
/// that every step of a write is met.
#[test]
fn a_process_killed_at_any_moment_leaves_a_readable_cache() {
    const KILLS: usize = 500;
    const FILE: &str = "msal.cache.nocae";
    let home = Home::new();
    now(home.add(&home.plain(), "first"));
    let first = home.text(FILE);
    let mut before = written(&first);
    for round in 0..KILLS {
        let unchanged = home.version(FILE);
        let mut writer = writer_process(&home, &round.to_string(), usize::MAX, FOREVER);
        while home.version(FILE) == unchanged {
            assert!(
                writer.try_wait().unwrap().is_none(),
                "it writes until it is killed"
            );
            std::thread::yield_now();
        }
        // As long as a few writes take, at most.
        for _ in 0..round * 7919 % 1009 {
            home.version(FILE);
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        let after = written(&home.text(FILE));
        assert!(
            after.is_superset(&before),
            "round {round}: {before:?} {after:?}"
        );
        before = after;
        if before.len() > 100 {
            home.write(FILE, &first);
            before = written(&first);
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(home.add(&home.plain_in_real_time(), "last"));
    assert!(
        written(&home.text(FILE)).contains("last"),
        "no lock is left for good"
    );
    assert!(!home.files().iter().any(|name| name.contains("unreadable")));
}

/// The accounts in a document, which has to be one.
fn written(text: &str) -> BTreeSet<String> {
    let document = MsalCache::parse(text.as_bytes()).unwrap();
    let accounts = document.accounts(&Environment::named("localhost"));
    accounts
        .into_iter()
        .map(|account| account.username)
        .collect()
}
