//! Chains compared with a model of ten lines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use futures_util::future::{BoxFuture, FutureExt};
use identity::{
    AccessToken, ChainedTokenCredential, ChainedTokenCredentialOptions, Error, ErrorKind, Result,
    TokenCredential, TokenRequest,
};
use proptest::prelude::*;
use time::OffsetDateTime;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Behaviour {
    Ok,
    Unavailable,
    Failing,
}

use Behaviour::{Failing, Ok as Good, Unavailable};

#[derive(Debug)]
struct Member {
    place: usize,
    name: String,
    behaviour: Behaviour,
    asked: Arc<Mutex<Vec<usize>>>,
}

impl TokenCredential for Member {
    fn name(&self) -> &str {
        &self.name
    }

    fn get_token_with<'a>(&'a self, _: &'a TokenRequest) -> BoxFuture<'a, Result<AccessToken>> {
        async {
            self.asked.lock().unwrap().push(self.place);
            match self.behaviour {
                Good => Ok(AccessToken::new(
                    self.place.to_string(),
                    OffsetDateTime::UNIX_EPOCH,
                )),
                Unavailable => Err(Error::new(ErrorKind::CredentialUnavailable, "not here")),
                Failing => Err(Error::new(ErrorKind::ClientAuthentication, "no")),
            }
        }
        .boxed()
    }
}

/// Returns the member that gives the token, if any does, and the members that are asked: all up to
/// the first that is not unavailable.
fn model(behaviours: &[Behaviour]) -> (Option<usize>, Vec<usize>) {
    let end = behaviours.iter().position(|&b| b != Unavailable);
    let asked = (0..behaviours.len())
        .take(end.map_or(usize::MAX, |end| end + 1))
        .collect();
    (end.filter(|&end| behaviours[end] == Good), asked)
}

fn check(behaviours: &[Behaviour], remember_winner: bool) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let member = |(place, &behaviour): (usize, &Behaviour)| {
        let (name, asked) = (format!("Member{place}"), Arc::clone(&asked));
        Arc::new(Member {
            place,
            name,
            behaviour,
            asked,
        }) as Arc<dyn TokenCredential>
    };
    let members = behaviours.iter().enumerate().map(member).collect();
    let options = ChainedTokenCredentialOptions { remember_winner };
    let chain = ChainedTokenCredential::with_options(members, options);
    let Ok(chain) = chain else {
        return assert!(behaviours.is_empty());
    };
    let (winner, expected) = model(behaviours);
    for round in 0..2 {
        let outcome = chain.get_token(&["s"]).now_or_never().expect("no waiting");
        let seen = std::mem::take(&mut *asked.lock().unwrap());
        match (&outcome, winner) {
            (Ok(token), Some(winner)) => assert_eq!(token.token(), winner.to_string()),
            (Err(error), None) => {
                let names: Vec<_> = error
                    .attempts()
                    .iter()
                    .map(|a| a.name().to_owned())
                    .collect();
                let wanted: Vec<_> = expected.iter().map(|n| format!("Member{n}")).collect();
                assert_eq!(names, wanted);
                assert!(
                    wanted
                        .iter()
                        .all(|name| error.to_string().contains(&format!("\t{name}: ")))
                );
                let is_refused = behaviours.contains(&Failing) && winner.is_none();
                let kind = match is_refused {
                    true => ErrorKind::ClientAuthentication,
                    false => ErrorKind::CredentialUnavailable,
                };
                assert_eq!(error.kind(), kind);
            }
            _ => panic!("{behaviours:?}: {outcome:?}, the model says {winner:?}"),
        }
        match (round, remember_winner, winner) {
            (1, true, Some(winner)) => assert_eq!(seen, [winner]),
            _ => assert_eq!(seen, expected, "{behaviours:?}"),
        }
    }
}

#[test]
fn every_chain_of_up_to_six_members_equals_the_model() {
    for length in 0..=6_u32 {
        for number in 0..3_usize.pow(length) {
            let digit = |place| [Good, Unavailable, Failing][number / 3_usize.pow(place) % 3];
            let behaviours: Vec<_> = (0..length).map(digit).collect();
            check(&behaviours, false);
            check(&behaviours, true);
        }
    }
}

proptest! {
    #[test]
    fn longer_chains_equal_the_model_too(
        behaviours in prop::collection::vec(
            prop_oneof![1 => Just(Good), 8 => Just(Unavailable), 1 => Just(Failing)],
            7..40,
        ),
        remember in any::<bool>(),
    ) {
        check(&behaviours, remember);
    }
}
