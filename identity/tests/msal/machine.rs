//! One machine with an emulator, and the programs on it.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::{Context, Encryption, ReqwestTransport, StaticEnv, SystemEncryption};
use identity::{
    AuthenticationRecord, ClientSecretCredential, ClientSecretCredentialOptions,
    DeviceCodeCredential, DeviceCodeCredentialOptions, DeviceCodePrompt, Options, Result,
    TokenCachePersistenceOptions,
};
use identity_emulator::Emulator;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

/// An application of the family that shares refresh tokens.
const CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const DAEMON: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const DAEMON_SECRET: &str = "daemon-secret-for-tests-only";
const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const ALICE: &str = "alice@contoso.example";
const SCOPE: &str = "https://vault.azure.net/.default";

pub(crate) struct Machine {
    encrypted: bool,
    home: tempfile::TempDir,
    runtime: Runtime,
    emulator: Arc<Emulator>,
}

/// Where `tests/msal/prepare` puts it.
pub(crate) fn python() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| manifest.join("../target"))
        .join("msal/bin/python")
}

impl Machine {
    pub(crate) fn new(encrypted: bool) -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let start = Emulator::builder().ca_dir(home.path()).start();
        let emulator = Arc::new(runtime.block_on(start).unwrap());
        Self {
            encrypted,
            home,
            runtime,
            emulator,
        }
    }

    /// How often `endpoint` was asked.
    pub(crate) fn requests(&self, endpoint: &str) -> usize {
        let entries = self.emulator.journal().entries();
        entries
            .iter()
            .filter(|entry| entry.endpoint == endpoint)
            .count()
    }

    /// The account and the token.
    pub(crate) fn msal_signs_in(&self) -> (Value, String) {
        let mut program = self.msal("sign_in", 0);
        let code = program.answer()["user_code"].as_str().unwrap().to_owned();
        self.runtime
            .block_on(self.emulator.approve_device(&code, ALICE))
            .unwrap();
        let token = program.token();
        let (accounts, _) = self.msal_signs_in_silently();
        (accounts[0].clone(), token)
    }

    /// The accounts and the token of the first.
    pub(crate) fn msal_signs_in_silently(&self) -> (Value, String) {
        let mut program = self.msal("silent", 0);
        let accounts = program.answer()["accounts"].take();
        (accounts, program.token())
    }

    pub(crate) fn msal_begins_to_add_accounts(&self, count: usize) -> Program {
        self.msal("add_accounts", count)
    }

    pub(crate) fn we_sign_in(&self) {
        let (emulator, runtime) = (Arc::clone(&self.emulator), self.runtime.handle().clone());
        let prompt = DeviceCodePrompt::new(move |code| {
            let (emulator, code) = (Arc::clone(&emulator), code.user_code.clone());
            runtime.spawn(async move { emulator.approve_device(&code, ALICE).await.unwrap() });
        });
        let credential = DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
            prompt: Some(prompt),
            options: self.options(),
            ..Default::default()
        });
        self.runtime
            .block_on(credential.unwrap().get_token(&[SCOPE]))
            .unwrap();
    }

    /// As the user of `account`, whom nobody may ask anything.
    pub(crate) fn we_sign_in_silently(&self, account: &Value) -> Result<String> {
        let authority = self.emulator.https().trim_start_matches("https://");
        let record = json!({
            "authority": authority,
            "clientId": CLIENT,
            "homeAccountId": account["home_account_id"],
            "tenantId": TENANT,
            "username": account["username"],
            "version": "1.0",
        });
        let credential = DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
            authentication_record: Some(AuthenticationRecord::deserialize(&record.to_string())?),
            disable_automatic_authentication: true,
            options: self.options(),
            ..Default::default()
        })?;
        let token = self.runtime.block_on(credential.get_token(&[SCOPE]))?;
        Ok(token.token().to_owned())
    }

    /// A token of an application for `scope`, by a credential that knows of no other.
    pub(crate) fn we_get_a_token(&self, scope: &str) {
        let options = ClientSecretCredentialOptions {
            options: self.options(),
        };
        let credential =
            ClientSecretCredential::with_options(TENANT, DAEMON, DAEMON_SECRET, options).unwrap();
        self.runtime
            .block_on(credential.get_token(&[scope]))
            .unwrap();
    }

    /// How many accounts and access tokens MSAL finds.
    pub(crate) fn kept(&self) -> (usize, usize) {
        let counts = self.msal("count", 0).answer();
        let count = |section: &str| counts[section].as_u64().unwrap() as usize;
        (count("accounts"), count("tokens"))
    }

    fn options(&self) -> Options {
        let ca = self.emulator.ca_pem().as_bytes();
        let trust = ReqwestTransport::builder()
            .root_certificate_pem(ca)
            .unwrap();
        let home = self.home.path().to_str().unwrap();
        let encryption: Arc<dyn Encryption> = match self.encrypted {
            true => Arc::new(SystemEncryption),
            false => Arc::new(Nothing),
        };
        Options {
            authority_host: Some(self.emulator.https().to_owned()),
            token_cache_persistence_options: Some(TokenCachePersistenceOptions {
                allow_unencrypted_storage: !self.encrypted,
                ..Default::default()
            }),
            context: Context {
                transport: Arc::new(trust.build().unwrap()),
                env: Arc::new(StaticEnv::from_iter([("HOME", home)])),
                encryption,
                ..Context::system()
            },
            ..Options::default()
        }
    }

    fn msal(&self, what: &str, count: usize) -> Program {
        let order = json!({
            "do": what,
            "encrypted": self.encrypted,
            "count": count,
            "client_id": CLIENT,
            "authority": format!("{}/organizations", self.emulator.https()),
            "ca_file": self.emulator.ca_file(),
            "scopes": [SCOPE],
        });
        let mut command = Command::new(python());
        command
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/msal/program.py"
            ))
            .arg(order.to_string())
            .env("HOME", self.home.path())
            // Goes above what the program says where it is set.
            .env("REQUESTS_CA_BUNDLE", self.emulator.ca_file().unwrap())
            .stdout(Stdio::piped());
        if !self.encrypted {
            command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        }
        Program::start(command)
    }
}

/// A program that answers in lines of JSON.
pub(crate) struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn answer(&mut self) -> Value {
        let line = self.lines.next().expect("an answer").unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn token(mut self) -> String {
        let answer = self.answer();
        self.wait();
        answer["token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    pub(crate) fn wait(mut self) {
        assert!(self.child.wait().unwrap().success());
    }
}

/// A system that encrypts nothing.
#[derive(Debug)]
struct Nothing;

impl Encryption for Nothing {
    fn check(&self) -> BoxFuture<'_, std::io::Result<()>> {
        future::ready(Err(std::io::ErrorKind::Unsupported.into())).boxed()
    }

    fn is_in_file(&self) -> bool {
        true
    }

    fn load<'a>(
        &'a self,
        _: &'a str,
        _: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, std::io::Result<Option<Zeroizing<Vec<u8>>>>> {
        unreachable!("it says so")
    }

    fn save<'a>(
        &'a self,
        _: &'a str,
        _: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, std::io::Result<Option<Vec<u8>>>> {
        unreachable!("it says so")
    }
}
