//! Random histories of sign-ins, restarts, revocations and calls, of several credentials, users,
//! tenants, applications and token services. No user is ever given a token of another, no user is
//! asked without need, and no refresh token is sent to a service it does not belong to.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod history;
mod service;

use proptest::prelude::*;

use self::history::{History, Setup, Step, alone, for_scope, in_memory, on_disk, step};

fn played(setups: Vec<Setup>, steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut history = History::new(setups);
        for step in steps {
            history.play(step).await;
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_token_is_of_the_right_user_tenant_application_and_service(
        setups in prop::collection::vec(in_memory(), 3),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        played(setups, &steps);
    }
}

proptest! {
    // Fewer cases, because each change is flushed to the disk.
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn every_token_is_right_with_accounts_in_a_file_too(
        setups in prop::collection::vec(on_disk(), 3),
        steps in prop::collection::vec(step(), 1..30),
    ) {
        played(setups, &steps);
    }
}

#[test]
fn a_token_in_its_last_minutes_outlives_a_sign_in_of_the_wrong_user() {
    let (alice, bob, credential) = (0, 1, 0);
    let steps = [
        Step::SitDown(bob),
        Step::Authenticate(credential, for_scope(0)),
        Step::Pass(3300),
        Step::Revoke(bob),
        Step::SitDown(alice),
        Step::Get(credential, for_scope(0)),
        // There is no token for this scope yet, so bob would have to sign in.
        Step::Get(credential, for_scope(1)),
    ];
    played(vec![alone()], &steps);
}
