//! Random histories of sign-ins, restarts, revocations and calls, of several credentials, users,
//! tenants, applications and token services: nobody is ever given a token of another, nobody is
//! asked without need, and no refresh token leaves for where it does not belong.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod history;
mod service;

use proptest::prelude::*;

use self::history::{Deed, History, Seat, alone, deed, for_scope, in_memory, on_disk};

fn played(seats: Vec<Seat>, deeds: &[Deed]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut history = History::new(seats);
        for deed in deeds {
            history.play(deed).await;
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_token_is_of_the_right_user_tenant_application_and_service(
        seats in prop::collection::vec(in_memory(), 3),
        deeds in prop::collection::vec(deed(), 1..40),
    ) {
        played(seats, &deeds);
    }
}

proptest! {
    // Every change is made sure to be on the disk.
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn so_it_is_with_accounts_in_a_file(
        seats in prop::collection::vec(on_disk(), 3),
        deeds in prop::collection::vec(deed(), 1..30),
    ) {
        played(seats, &deeds);
    }
}

#[test]
fn a_token_in_its_last_minutes_outlives_a_sign_in_of_the_wrong_user() {
    let (alice, bob, credential) = (0, 1, 0);
    let deeds = [
        Deed::SitDown(bob),
        Deed::Authenticate(credential, for_scope(0)),
        Deed::Pass(3300),
        Deed::Revoke(bob),
        Deed::SitDown(alice),
        Deed::Get(credential, for_scope(0)),
        // For this one there is no token yet: bob would have to sign in.
        Deed::Get(credential, for_scope(1)),
    ];
    played(vec![alone()], &deeds);
}
