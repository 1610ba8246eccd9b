//! Tokens of applications in a persistent cache: over restarts each is given only to its own
//! application.
#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::sync::Arc;

use identity::context::{Context, NoEncryption, ReqwestTransport, StaticEnv};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, Options, TokenCachePersistenceOptions,
    TokenRequest, TokenRequestOptions,
};
use identity_emulator::Emulator;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use tokio::runtime::Runtime;

const TENANTS: [&str; 2] = [
    "aaaaaaaa-0000-4000-8000-000000000001",
    "aaaaaaaa-0000-4000-8000-000000000002",
];
/// The multi-tenant applications, with their secrets.
const APPS: [(&str, &str); 2] = [
    (
        "bbbbbbbb-0000-4000-8000-000000000001",
        "daemon-secret-for-tests-only",
    ),
    (
        "bbbbbbbb-0000-4000-8000-000000000007",
        "portal-secret-for-tests-only",
    ),
];
const SCOPES: [&str; 2] = [
    "https://vault.azure.net/.default",
    "https://graph.microsoft.com/.default",
];

/// A program that starts, asks for one token and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Program {
    app: usize,
    tenant: usize,
    /// Whether it asks for that tenant with a credential of the other one.
    by_request: bool,
    scope: usize,
    /// Whether it uses the other name of the service.
    by_address: bool,
}

struct Machine {
    emulator: Emulator,
    transport: Arc<ReqwestTransport>,
    runtime: Runtime,
}

#[test]
fn a_cached_token_is_given_only_to_its_application_tenant_scope_and_service() {
    let runtime = Runtime::new().unwrap();
    let emulator = runtime.block_on(Emulator::builder().start()).unwrap();
    let trust = ReqwestTransport::builder().root_certificate_pem(emulator.ca_pem().as_bytes());
    let machine = Machine {
        transport: Arc::new(trust.unwrap().build().unwrap()),
        emulator,
        runtime,
    };
    let programs = prop::collection::vec(program(), 1..12);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(8));
    let outcome = runner.run(&programs, |programs| {
        machine.run_all(&programs);
        Ok(())
    });
    outcome.unwrap();
}

impl Machine {
    fn run_all(&self, programs: &[Program]) {
        let home = tempfile::tempdir().unwrap();
        let mut kept: Vec<(Program, String)> = Vec::new();
        for program in programs {
            let before = self.requests();
            let token = self.run(program, home.path());
            let claims = claims(&token);
            assert_eq!(claims["tid"], TENANTS[program.tenant], "{program:?}");
            assert_eq!(claims["appid"], APPS[program.app].0, "{program:?}");
            let audience = claims["aud"].as_str().unwrap().trim_end_matches('/');
            assert!(SCOPES[program.scope].starts_with(audience), "{claims}");
            let same = |(other, _): &&(Program, String)| other.is_served_as(program);
            match kept.iter().find(same) {
                Some((_, before)) => assert_eq!(&token, before, "it was kept"),
                None => {
                    assert_eq!(self.requests(), before + 1, "{program:?}");
                    kept.push((*program, token));
                }
            }
        }
    }

    fn run(&self, program: &Program, home: &Path) -> String {
        let (client, secret) = APPS[program.app];
        let tenant = match program.by_request {
            true => 1 - program.tenant,
            false => program.tenant,
        };
        let options = ClientSecretCredentialOptions {
            options: self.options(home, program.by_address),
        };
        let credential =
            ClientSecretCredential::with_options(TENANTS[tenant], client, secret, options).unwrap();
        let asked = TokenRequestOptions {
            tenant_id: program
                .by_request
                .then(|| TENANTS[program.tenant].to_owned()),
            ..Default::default()
        };
        let request = TokenRequest::with_options(&[SCOPES[program.scope]], asked).unwrap();
        let token = self.runtime.block_on(credential.get_token_with(&request));
        token.unwrap().token().to_owned()
    }

    fn options(&self, home: &Path, by_address: bool) -> Options {
        let home = home.to_str().unwrap();
        let https = self.emulator.https();
        let (name, address) = ("localhost", "127.0.0.1");
        Options {
            authority_host: Some(match by_address {
                true => https.replace(name, address),
                false => https.replace(address, name),
            }),
            disable_instance_discovery: true,
            additionally_allowed_tenants: vec!["*".into()],
            token_cache_persistence_options: Some(TokenCachePersistenceOptions {
                allow_unencrypted_storage: true,
                ..Default::default()
            }),
            context: Context {
                transport: Arc::clone(&self.transport) as _,
                env: Arc::new(StaticEnv::from_iter([
                    ("HOME", home),
                    ("LOCALAPPDATA", home),
                ])),
                encryption: Arc::new(NoEncryption),
                ..Context::system()
            },
            ..Options::default()
        }
    }

    fn requests(&self) -> usize {
        self.emulator.journal().of("entra.token").len()
    }
}

impl Program {
    /// Whether a token service sees no difference between the two.
    fn is_served_as(&self, other: &Self) -> bool {
        let by_request = other.by_request;
        Self {
            by_request,
            ..*self
        } == *other
    }
}

fn program() -> impl Strategy<Value = Program> {
    (
        0..2_usize,
        0..2_usize,
        any::<bool>(),
        0..2_usize,
        any::<bool>(),
    )
        .prop_map(|(app, tenant, by_request, scope, by_address)| Program {
            app,
            tenant,
            by_request,
            scope,
            by_address,
        })
}

fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode(token)
        .unwrap()
        .claims
}
