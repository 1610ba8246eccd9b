//! What happens, and the model of what may come of it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use identity::context::{Context, NoEncryption, StaticEnv, UnixTime, VirtualClock};
use identity::{
    AccessToken, AuthenticationRecord, DeviceCodeCredential, DeviceCodeCredentialOptions,
    DeviceCodePrompt, ErrorKind, Options, Result, TokenCache, TokenCachePersistenceOptions,
    TokenRequest, TokenRequestOptions,
};
use proptest::prelude::*;

use crate::service::Services;

const USERS: [&str; 3] = ["alice", "bob", "carol"];
const AUTHORITIES: [&str; 2] = ["login.one.example", "login.two.example"];
const CLIENTS: [&str; 2] = ["app-one", "app-two"];
const TENANTS: [&str; 2] = [
    "11111111-0000-4000-8000-000000000001",
    "22222222-0000-4000-8000-000000000002",
];
const SCOPES: [&str; 2] = ["https://r/.default", "https://s/.default"];

/// Where a credential stands.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    authority: usize,
    client: usize,
    tenant: usize,
    accounts: Accounts,
}

/// Which accounts it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Accounts {
    /// Those of nobody else; they end with it.
    Own,
    /// Those of all who share memory.
    Shared,
    /// Those of all who share a file.
    OnDisk,
}

/// What a caller asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    scope: usize,
    tenant: Option<usize>,
    cae: bool,
    claims: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Deed {
    SitDown(usize),
    Revoke(usize),
    Pass(u64),
    Get(usize, Call),
    Authenticate(usize, Call),
    /// Both at once.
    GetWhileAuthenticating(usize, Call, Call),
    /// The program ends and begins again, with the record it kept or without.
    Restart(usize, bool),
}

/// Accounts in memory.
pub(crate) fn in_memory() -> impl Strategy<Value = Seat> {
    seat(prop_oneof![Just(Accounts::Own), Just(Accounts::Shared)])
}

/// Accounts that outlive the program, or not.
pub(crate) fn on_disk() -> impl Strategy<Value = Seat> {
    seat(prop_oneof![1 => Just(Accounts::Own), 3 => Just(Accounts::OnDisk)])
}

/// One of the first application, with accounts of its own.
pub(crate) fn alone() -> Seat {
    Seat {
        authority: 0,
        client: 0,
        tenant: 0,
        accounts: Accounts::Own,
    }
}

fn seat(accounts: impl Strategy<Value = Accounts>) -> impl Strategy<Value = Seat> {
    (0..2_usize, 0..2_usize, 0..2_usize, accounts).prop_map(
        |(authority, client, tenant, accounts)| Seat {
            authority,
            client,
            tenant,
            accounts,
        },
    )
}

/// The first scope, or the second, and nothing else.
pub(crate) fn for_scope(scope: usize) -> Call {
    Call {
        scope,
        ..Call::default()
    }
}

fn call() -> impl Strategy<Value = Call> {
    let tenant = prop::option::of(0..2_usize);
    (0..2_usize, tenant, any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        |(scope, tenant, cae, claims)| Call {
            scope,
            tenant,
            cae,
            claims,
        },
    )
}

pub(crate) fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (0..3_usize).prop_map(Deed::SitDown),
        1 => (0..3_usize).prop_map(Deed::Revoke),
        1 => (1..5000_u64).prop_map(Deed::Pass),
        8 => (0..3_usize, call()).prop_map(|(at, call)| Deed::Get(at, call)),
        2 => (0..3_usize, call()).prop_map(|(at, call)| Deed::Authenticate(at, call)),
        2 => (0..3_usize, call(), call()).prop_map(|(at, a, b)| Deed::GetWhileAuthenticating(at, a, b)),
        2 => (0..3_usize, any::<bool>()).prop_map(|(at, record)| Deed::Restart(at, record)),
    ]
}

struct Seated {
    seat: Seat,
    credential: DeviceCodeCredential,
    /// The user it is for.
    bound: Option<AuthenticationRecord>,
    /// Which accounts it knows: a number for those of nobody else.
    accounts: (Accounts, usize),
}

/// Accounts, service, application and user.
type Place = ((Accounts, usize), usize, usize, String);

/// The world, and the model beside it.
pub(crate) struct History {
    services: Services,
    clock: VirtualClock,
    shared: TokenCache,
    home: tempfile::TempDir,
    seats: Vec<Seated>,
    /// Users with a good refresh token: where it is known, of which service and application.
    alive: HashSet<Place>,
    begun: usize,
}

impl History {
    pub(crate) fn new(seats: Vec<Seat>) -> Self {
        let services = Services::default();
        services.sits_down(USERS[0]);
        let mut history = Self {
            services,
            clock: VirtualClock::new(UnixTime::from_seconds(1_700_000_000)),
            shared: TokenCache::new(),
            home: tempfile::tempdir().unwrap(),
            seats: Vec::new(),
            alive: HashSet::new(),
            begun: 0,
        };
        for seat in seats {
            let seated = history.begin(seat, None);
            history.seats.push(seated);
        }
        history
    }

    pub(crate) async fn play(&mut self, deed: &Deed) {
        match deed {
            Deed::SitDown(user) => self.services.sits_down(USERS[*user]),
            Deed::Revoke(user) => {
                self.services.revoke(USERS[*user]);
                self.alive.retain(|(.., alive)| alive != USERS[*user]);
            }
            Deed::Pass(seconds) => self.clock.advance(Duration::from_secs(*seconds)),
            Deed::Restart(at, keeps_record) => {
                let kept = self.seats[*at].bound.as_ref().filter(|_| *keeps_record);
                let kept =
                    kept.map(|it| AuthenticationRecord::deserialize(&it.serialize()).unwrap());
                self.seats[*at] = self.begin(self.seats[*at].seat.clone(), kept);
            }
            Deed::Get(at, call) => self.get(*at, call).await,
            Deed::Authenticate(at, call) => {
                let credential = self.seats[*at].credential.clone();
                let outcome = credential.authenticate_with(&call.request()).await;
                self.changed(*at, outcome);
            }
            Deed::GetWhileAuthenticating(at, first, second) => self.both(*at, first, second).await,
        }
    }

    fn begin(&mut self, seat: Seat, record: Option<AuthenticationRecord>) -> Seated {
        self.begun += 1;
        let number = match seat.accounts {
            Accounts::Own => self.begun,
            Accounts::Shared | Accounts::OnDisk => 0,
        };
        let home = self.home.path().to_str().unwrap();
        let context = Context {
            transport: Arc::new(self.services.clone()),
            env: Arc::new(StaticEnv::from_iter([
                ("HOME", home),
                ("LOCALAPPDATA", home),
            ])),
            encryption: Arc::new(NoEncryption),
            clock: Arc::new(self.clock.clone()),
            ..Context::system()
        };
        let options = Options {
            authority_host: Some(AUTHORITIES[seat.authority].into()),
            disable_instance_discovery: true,
            additionally_allowed_tenants: vec!["*".into()],
            token_cache: (seat.accounts == Accounts::Shared).then(|| self.shared.clone()),
            token_cache_persistence_options: (seat.accounts == Accounts::OnDisk).then(|| {
                TokenCachePersistenceOptions {
                    allow_unencrypted_storage: true,
                    ..Default::default()
                }
            }),
            context,
            ..Options::default()
        };
        let credential = DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
            client_id: Some(CLIENTS[seat.client].into()),
            tenant_id: Some(TENANTS[seat.tenant].into()),
            prompt: Some(DeviceCodePrompt::new(|_| ())),
            authentication_record: record.clone(),
            options,
            ..Default::default()
        });
        Seated {
            accounts: (seat.accounts, number),
            seat,
            credential: credential.unwrap(),
            bound: record,
        }
    }

    async fn get(&mut self, at: usize, call: &Call) {
        let credential = self.seats[at].credential.clone();
        let needs_nobody = self.is_alive(at);
        let before = self.services.prompts();
        let outcome = credential.get_token_with(&call.request()).await;
        if needs_nobody {
            assert_eq!(
                self.services.prompts(),
                before,
                "somebody was asked without need"
            );
        }
        let keyboard = self.services.keyboard();
        let bound = self.seats[at].bound.clone();
        let expected = bound
            .as_ref()
            .map_or(&*keyboard, AuthenticationRecord::username);
        match outcome {
            Ok(token) => {
                self.check(at, call, &token, &[expected]);
                // The wrong one's sign-in is nobody's: a token in its last minutes was still good.
                let asked = self.services.prompts() > before;
                if asked && expected == keyboard {
                    self.signed_in(at, expected.to_owned());
                }
                if bound.is_none() {
                    self.seats[at].bound = Some(self.record(at, expected));
                }
            }
            Err(error) => {
                assert!(!needs_nobody, "a good refresh token was of no use: {error}");
                assert_ne!(expected, keyboard, "the right user was there: {error}");
                assert_eq!(error.kind(), ErrorKind::AuthenticationRequired, "{error}");
            }
        }
    }

    /// A call that was made before the change may still be about the user before it; what comes
    /// after is about the new one.
    async fn both(&mut self, at: usize, first: &Call, second: &Call) {
        let credential = self.seats[at].credential.clone();
        let (asked, changes) = (first.request(), second.request());
        let (token, record) = futures_util::future::join(
            credential.get_token_with(&asked),
            credential.authenticate_with(&changes),
        )
        .await;
        let keyboard = self.services.keyboard();
        let before = self.seats[at].bound.clone();
        let before = before
            .as_ref()
            .map_or(&*keyboard, AuthenticationRecord::username);
        if let Ok(token) = token {
            self.check(at, first, &token, &[before, &keyboard]);
        }
        // The two may have met in one sign-in, for which only the user before was right.
        match record {
            Ok(record) => self.changed(at, Ok(record)),
            Err(error) => assert_ne!(before, keyboard, "{error}"),
        }
    }

    fn changed(&mut self, at: usize, outcome: Result<AuthenticationRecord>) {
        let record = outcome.unwrap();
        assert_eq!(record.username(), self.services.keyboard());
        assert_eq!(record.client_id(), CLIENTS[self.seats[at].seat.client]);
        assert_eq!(
            record.authority(),
            AUTHORITIES[self.seats[at].seat.authority]
        );
        self.signed_in(at, record.username().to_owned());
        self.seats[at].bound = Some(record);
    }

    fn check(&self, at: usize, call: &Call, token: &AccessToken, users: &[&str]) {
        let seat = &self.seats[at].seat;
        let issued = Services::read(token.token());
        assert!(users.contains(&&*issued.user), "{users:?}: {issued:?}");
        assert_eq!(issued.tenant, TENANTS[call.tenant.unwrap_or(seat.tenant)]);
        assert_eq!(issued.client, CLIENTS[seat.client]);
        assert_eq!(issued.authority, AUTHORITIES[seat.authority]);
        assert!(
            issued
                .scope
                .split(' ')
                .any(|scope| scope == SCOPES[call.scope]),
            "{issued:?}"
        );
        assert_eq!(issued.cae, call.cae);
    }

    fn record(&self, at: usize, user: &str) -> AuthenticationRecord {
        let seat = &self.seats[at].seat;
        let text = format!(
            r#"{{"authority":"{}","clientId":"{}","homeAccountId":"{user}.{}","tenantId":"{}","username":"{user}","version":"1.0"}}"#,
            AUTHORITIES[seat.authority],
            CLIENTS[seat.client],
            crate::service::HOME,
            TENANTS[seat.tenant],
        );
        AuthenticationRecord::deserialize(&text).unwrap()
    }

    fn is_alive(&self, at: usize) -> bool {
        let bound = self.seats[at].bound.as_ref();
        bound.is_some_and(|user| self.alive.contains(&self.place(at, user.username())))
    }

    fn signed_in(&mut self, at: usize, user: String) {
        let place = self.place(at, &user);
        self.alive.insert(place);
    }

    fn place(&self, at: usize, user: &str) -> Place {
        let seated = &self.seats[at];
        (
            seated.accounts,
            seated.seat.authority,
            seated.seat.client,
            user.to_owned(),
        )
    }
}

impl Call {
    fn request(&self) -> TokenRequest {
        let options = TokenRequestOptions {
            tenant_id: self.tenant.map(|tenant| TENANTS[tenant].to_owned()),
            claims: self
                .claims
                .then(|| r#"{"access_token":{"nbf":{"value":"1"}}}"#.to_owned()),
            enable_cae: self.cae,
        };
        TokenRequest::with_options(&[SCOPES[self.scope]], options).unwrap()
    }
}
