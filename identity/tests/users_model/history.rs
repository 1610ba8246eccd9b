//! A history of steps, and the model of the outcomes that each may have.

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

/// The settings of a credential.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    authority: usize,
    client: usize,
    tenant: usize,
    accounts: Accounts,
}

/// The accounts that a credential shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Accounts {
    /// Its own alone; they end with it.
    Own,
    /// Those of all credentials that share memory.
    Shared,
    /// Those of all credentials that share a file.
    OnDisk,
}

/// A call for a token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    scope: usize,
    tenant: Option<usize>,
    cae: bool,
    claims: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    SitDown(usize),
    Revoke(usize),
    Pass(u64),
    Get(usize, Call),
    Authenticate(usize, Call),
    /// Two calls at once.
    GetWhileAuthenticating(usize, Call, Call),
    /// The program ends and starts again, with the record it stored or without.
    Restart(usize, bool),
}

/// Credentials with accounts in memory.
pub(crate) fn in_memory() -> impl Strategy<Value = Setup> {
    setup(prop_oneof![Just(Accounts::Own), Just(Accounts::Shared)])
}

/// Credentials with accounts that outlive the program, or not.
pub(crate) fn on_disk() -> impl Strategy<Value = Setup> {
    setup(prop_oneof![1 => Just(Accounts::Own), 3 => Just(Accounts::OnDisk)])
}

/// Returns a credential of the first application with accounts of its own.
pub(crate) fn alone() -> Setup {
    Setup {
        authority: 0,
        client: 0,
        tenant: 0,
        accounts: Accounts::Own,
    }
}

fn setup(accounts: impl Strategy<Value = Accounts>) -> impl Strategy<Value = Setup> {
    (0..2_usize, 0..2_usize, 0..2_usize, accounts).prop_map(
        |(authority, client, tenant, accounts)| Setup {
            authority,
            client,
            tenant,
            accounts,
        },
    )
}

/// Returns a call for the first or the second scope without other options.
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

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..3_usize).prop_map(Step::SitDown),
        1 => (0..3_usize).prop_map(Step::Revoke),
        1 => (1..5000_u64).prop_map(Step::Pass),
        8 => (0..3_usize, call()).prop_map(|(at, call)| Step::Get(at, call)),
        2 => (0..3_usize, call()).prop_map(|(at, call)| Step::Authenticate(at, call)),
        2 => (0..3_usize, call(), call()).prop_map(|(at, a, b)| Step::GetWhileAuthenticating(at, a, b)),
        2 => (0..3_usize, any::<bool>()).prop_map(|(at, record)| Step::Restart(at, record)),
    ]
}

struct Credential {
    setup: Setup,
    credential: DeviceCodeCredential,
    /// The user of the credential.
    bound: Option<AuthenticationRecord>,
    /// The accounts it shares, with a number for those that are its own.
    accounts: (Accounts, usize),
}

/// The key of a refresh token: accounts, service, application and user.
type TokenKey = ((Accounts, usize), usize, usize, String);

/// The services with the credentials, and the model beside them.
pub(crate) struct History {
    services: Services,
    clock: VirtualClock,
    shared: TokenCache,
    home: tempfile::TempDir,
    setups: Vec<Credential>,
    /// The good refresh tokens, by accounts, service, application and user.
    alive: HashSet<TokenKey>,
    begun: usize,
}

impl History {
    pub(crate) fn new(setups: Vec<Setup>) -> Self {
        let services = Services::default();
        services.sits_down(USERS[0]);
        let mut history = Self {
            services,
            clock: VirtualClock::new(UnixTime::from_seconds(1_700_000_000)),
            shared: TokenCache::new(),
            home: tempfile::tempdir().unwrap(),
            setups: Vec::new(),
            alive: HashSet::new(),
            begun: 0,
        };
        for setup in setups {
            let seated = history.begin(setup, None);
            history.setups.push(seated);
        }
        history
    }

    pub(crate) async fn play(&mut self, step: &Step) {
        match step {
            Step::SitDown(user) => self.services.sits_down(USERS[*user]),
            Step::Revoke(user) => {
                self.services.revoke(USERS[*user]);
                self.alive.retain(|(.., alive)| alive != USERS[*user]);
            }
            Step::Pass(seconds) => self.clock.advance(Duration::from_secs(*seconds)),
            Step::Restart(at, keeps_record) => {
                let kept = self.setups[*at].bound.as_ref().filter(|_| *keeps_record);
                let kept =
                    kept.map(|it| AuthenticationRecord::deserialize(&it.serialize()).unwrap());
                self.setups[*at] = self.begin(self.setups[*at].setup.clone(), kept);
            }
            Step::Get(at, call) => self.get(*at, call).await,
            Step::Authenticate(at, call) => {
                let credential = self.setups[*at].credential.clone();
                let outcome = credential.authenticate_with(&call.request()).await;
                self.changed(*at, outcome);
            }
            Step::GetWhileAuthenticating(at, first, second) => self.both(*at, first, second).await,
        }
    }

    fn begin(&mut self, setup: Setup, record: Option<AuthenticationRecord>) -> Credential {
        self.begun += 1;
        let number = match setup.accounts {
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
            authority_host: Some(AUTHORITIES[setup.authority].into()),
            disable_instance_discovery: true,
            additionally_allowed_tenants: vec!["*".into()],
            token_cache: (setup.accounts == Accounts::Shared).then(|| self.shared.clone()),
            token_cache_persistence_options: (setup.accounts == Accounts::OnDisk).then(|| {
                TokenCachePersistenceOptions {
                    allow_unencrypted_storage: true,
                    ..Default::default()
                }
            }),
            context,
            ..Options::default()
        };
        let credential = DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
            client_id: Some(CLIENTS[setup.client].into()),
            tenant_id: Some(TENANTS[setup.tenant].into()),
            prompt: Some(DeviceCodePrompt::new(|_| ())),
            authentication_record: record.clone(),
            options,
            ..Default::default()
        });
        Credential {
            accounts: (setup.accounts, number),
            setup,
            credential: credential.unwrap(),
            bound: record,
        }
    }

    async fn get(&mut self, at: usize, call: &Call) {
        let credential = self.setups[at].credential.clone();
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
        let bound = self.setups[at].bound.clone();
        let expected = bound
            .as_ref()
            .map_or(&*keyboard, AuthenticationRecord::username);
        match outcome {
            Ok(token) => {
                self.check(at, call, &token, &[expected]);
                // A sign-in of the wrong user changes nothing: a token in its last minutes was
                // still good.
                let asked = self.services.prompts() > before;
                if asked && expected == keyboard {
                    self.signed_in(at, expected.to_owned());
                }
                if bound.is_none() {
                    self.setups[at].bound = Some(self.record(at, expected));
                }
            }
            Err(error) => {
                assert!(!needs_nobody, "a good refresh token was of no use: {error}");
                assert_ne!(expected, keyboard, "the right user was there: {error}");
                assert_eq!(error.kind(), ErrorKind::AuthenticationRequired, "{error}");
            }
        }
    }

    /// A call made before the change may still be about the earlier user; those after it are about
    /// the new one.
    async fn both(&mut self, at: usize, first: &Call, second: &Call) {
        let credential = self.setups[at].credential.clone();
        let (asked, changes) = (first.request(), second.request());
        let (token, record) = futures_util::future::join(
            credential.get_token_with(&asked),
            credential.authenticate_with(&changes),
        )
        .await;
        let keyboard = self.services.keyboard();
        let before = self.setups[at].bound.clone();
        let before = before
            .as_ref()
            .map_or(&*keyboard, AuthenticationRecord::username);
        if let Ok(token) = token {
            self.check(at, first, &token, &[before, &keyboard]);
        }
        // The two may have shared one sign-in, for which only the earlier user was right.
        match record {
            Ok(record) => self.changed(at, Ok(record)),
            Err(error) => assert_ne!(before, keyboard, "{error}"),
        }
    }

    fn changed(&mut self, at: usize, outcome: Result<AuthenticationRecord>) {
        let record = outcome.unwrap();
        assert_eq!(record.username(), self.services.keyboard());
        assert_eq!(record.client_id(), CLIENTS[self.setups[at].setup.client]);
        assert_eq!(
            record.authority(),
            AUTHORITIES[self.setups[at].setup.authority]
        );
        self.signed_in(at, record.username().to_owned());
        self.setups[at].bound = Some(record);
    }

    fn check(&self, at: usize, call: &Call, token: &AccessToken, users: &[&str]) {
        let setup = &self.setups[at].setup;
        let issued = Services::read(token.token());
        assert!(users.contains(&&*issued.user), "{users:?}: {issued:?}");
        assert_eq!(issued.tenant, TENANTS[call.tenant.unwrap_or(setup.tenant)]);
        assert_eq!(issued.client, CLIENTS[setup.client]);
        assert_eq!(issued.authority, AUTHORITIES[setup.authority]);
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
        let setup = &self.setups[at].setup;
        let text = format!(
            r#"{{"authority":"{}","clientId":"{}","homeAccountId":"{user}.{}","tenantId":"{}","username":"{user}","version":"1.0"}}"#,
            AUTHORITIES[setup.authority],
            CLIENTS[setup.client],
            crate::service::HOME,
            TENANTS[setup.tenant],
        );
        AuthenticationRecord::deserialize(&text).unwrap()
    }

    fn is_alive(&self, at: usize) -> bool {
        let bound = self.setups[at].bound.as_ref();
        bound.is_some_and(|user| self.alive.contains(&self.token_key(at, user.username())))
    }

    fn signed_in(&mut self, at: usize, user: String) {
        let token_key = self.token_key(at, &user);
        self.alive.insert(token_key);
    }

    fn token_key(&self, at: usize, user: &str) -> TokenKey {
        let seated = &self.setups[at];
        (
            seated.accounts,
            seated.setup.authority,
            seated.setup.client,
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
