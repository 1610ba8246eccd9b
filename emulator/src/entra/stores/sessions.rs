//! The sessions of browsers.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::base::random::Random;
use crate::base::secret::Secret;
use crate::base::store::Store;
use crate::world::config::User;

/// The accounts signed in in one browser.
#[derive(Clone, Debug)]
pub(in crate::entra) struct Session {
    /// `session_state` of answers and `sid` of tokens.
    pub(in crate::entra) id: Uuid,
    /// The latest first.
    pub(in crate::entra) accounts: Vec<SignedIn>,
    /// Client ids of the applications that got an answer, to be told of the end.
    pub(in crate::entra) apps: Vec<Uuid>,
}

/// One account of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::entra) struct SignedIn {
    /// The name of the user, as the world has it.
    pub(in crate::entra) user: String,
    /// When the password was entered.
    pub(in crate::entra) at: OffsetDateTime,
    /// How, as in `amr`.
    pub(in crate::entra) methods: Vec<&'static str>,
    /// The fingerprint of the password, if it was by that.
    pub(in crate::entra) password: Option<u64>,
}

impl SignedIn {
    /// Whether the password, if it was by that, is still the user's.
    pub(in crate::entra) fn password_counts(&self, user: &User) -> bool {
        let now = user.password.as_ref().map(Secret::fingerprint);
        self.password
            .is_none_or(|before| now == Some(before) && !user.password_expired)
    }
}

/// Sessions by the value of their cookie.
#[derive(Debug)]
pub(crate) struct Sessions(Store<String, Session>);

impl Default for Sessions {
    fn default() -> Self {
        Self(Store::with_capacity(4096))
    }
}

impl Sessions {
    pub(in crate::entra) fn find(&self, cookie: &str, now: OffsetDateTime) -> Option<Session> {
        self.0.find(&cookie.to_owned(), now)
    }

    /// Adds an account to the session of `cookie`, or starts one. The session gets a new cookie, so
    /// that one planted before the sign-in is worth nothing after it.
    pub(in crate::entra) fn sign_in(
        &self,
        cookie: Option<&str>,
        account: SignedIn,
        random: &Random,
        now: OffsetDateTime,
    ) -> String {
        let before = cookie.and_then(|cookie| self.0.remove(&cookie.to_owned(), now));
        let mut session = before.unwrap_or_else(|| Session {
            id: random.uuid(),
            accounts: Vec::new(),
            apps: Vec::new(),
        });
        session.accounts.retain(|one| one.user != account.user);
        session.accounts.insert(0, account);
        session.accounts.truncate(MOST);
        let value = random.opaque::<48>();
        self.0.keep(value.clone(), session, now + LIFETIME, now);
        value
    }

    /// How many there are, ended ones not yet dropped included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Notes that an application got an answer out of the session.
    pub(in crate::entra) fn note_app(&self, cookie: &str, client_id: Uuid, now: OffsetDateTime) {
        self.0.change(&cookie.to_owned(), now, |session| {
            if !session.apps.contains(&client_id) && session.apps.len() < MOST {
                session.apps.push(client_id);
            }
        });
    }

    /// Ends the session.
    pub(in crate::entra) fn sign_out(&self, cookie: &str, now: OffsetDateTime) -> Option<Session> {
        self.0.remove(&cookie.to_owned(), now)
    }

    /// Takes one account out and leaves the others signed in.
    pub(in crate::entra) fn sign_out_one(&self, cookie: &str, user: &str, now: OffsetDateTime) {
        self.0.change(&cookie.to_owned(), now, |session| {
            session.accounts.retain(|one| one.user != user);
        });
    }
}

/// A session nobody asked to be kept ends after a day.
const LIFETIME: Duration = Duration::DAY;
/// Accounts, and applications, that one session holds.
const MOST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn account(user: &str) -> SignedIn {
        SignedIn {
            user: user.to_owned(),
            at: OffsetDateTime::UNIX_EPOCH,
            methods: vec!["pwd"],
            password: None,
        }
    }

    #[test]
    fn a_sign_in_changes_the_cookie_and_keeps_the_session() {
        let (sessions, random) = (Sessions::default(), Random::new(Some(1)));
        let now = OffsetDateTime::UNIX_EPOCH;
        let first = sessions.sign_in(None, account("alice"), &random, now);
        let id = sessions.find(&first, now).unwrap().id;
        let second = sessions.sign_in(Some(&first), account("bob"), &random, now);
        assert!(sessions.find(&first, now).is_none());
        let session = sessions.find(&second, now).unwrap();
        assert_eq!(session.id, id);
        assert_eq!(session.accounts, [account("bob"), account("alice")]);
        assert!(sessions.find(&second, now + LIFETIME).is_none());
    }

    #[test]
    fn one_account_can_leave_alone() {
        let (sessions, random) = (Sessions::default(), Random::new(Some(1)));
        let now = OffsetDateTime::UNIX_EPOCH;
        let cookie = sessions.sign_in(None, account("alice"), &random, now);
        let cookie = sessions.sign_in(Some(&cookie), account("bob"), &random, now);
        sessions.sign_out_one(&cookie, "bob", now);
        assert_eq!(
            sessions.find(&cookie, now).unwrap().accounts,
            [account("alice")]
        );
        assert!(sessions.sign_out(&cookie, now).is_some());
        assert!(sessions.find(&cookie, now).is_none());
    }
}
