//! A machine with an emulator and the programs that share its token cache.

use std::process::Child;
use std::sync::Arc;

use crate::program::{self, Program};
use crate::settings::Settings;
use crate::writer;
use identity::{
    AuthenticationRecord, ClientSecretCredential, ClientSecretCredentialOptions,
    DeviceCodeCredential, DeviceCodeCredentialOptions, DeviceCodePrompt, Options, Result,
    SharedTokenCacheCredential, SharedTokenCacheCredentialOptions, TokenRequest,
};
use identity_emulator::{Emulator, User, World};
use rustix::process::Pid;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// An application of the family whose members share refresh tokens.
pub(crate) const CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const DAEMON: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const DAEMON_SECRET: &str = "daemon-secret-for-tests-only";
const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(crate) const ALICE: &str = "alice@contoso.example";

pub(crate) struct Machine {
    encrypted: bool,
    home: tempfile::TempDir,
    runtime: Runtime,
    emulator: Arc<Emulator>,
}

impl Machine {
    pub(crate) fn new(encrypted: bool) -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let mut world = World::basic();
        world.users.extend(writer::users().map(|upn| User {
            upn,
            tenant: "contoso".into(),
            password: Some(writer::PASSWORD.into()),
            ..User::default()
        }));
        let start = Emulator::builder().world(world).ca_dir(home.path()).start();
        let emulator = Arc::new(runtime.block_on(start).unwrap());
        Self {
            encrypted,
            home,
            runtime,
            emulator,
        }
    }

    /// Returns how often `endpoint` was asked.
    pub(crate) fn requests(&self, endpoint: &str) -> usize {
        let entries = self.emulator.journal().entries();
        entries
            .iter()
            .filter(|entry| entry.endpoint == endpoint)
            .count()
    }

    /// Signs a user in with MSAL and returns the token for `scope`.
    pub(crate) fn msal_signs_in(&self, scope: &str) -> String {
        self.ask_user(self.python(json!({ "do": "sign_in", "scopes": [scope] })))
            .token()
    }

    /// Returns the names of MSAL's accounts and a token of the first for `scope`.
    pub(crate) fn msal_signs_in_silently(&self, scope: &str) -> (Vec<String>, String) {
        let mut program = self.python(json!({ "do": "silent", "scopes": [scope] }));
        let accounts = program.answer()["accounts"].take();
        let names = accounts.as_array().unwrap().iter();
        let name = |account: &Value| account["username"].as_str().unwrap().to_owned();
        (names.map(name).collect(), program.token())
    }

    pub(crate) fn msal_begins_to_add_accounts(&self, count: usize) -> Program {
        self.python(json!({ "do": "add_accounts", "count": count }))
    }

    /// Signs a user in with azure-identity and returns the record.
    pub(crate) fn azure_identity_signs_in(&self, scope: &str) -> String {
        let order = json!({ "do": "authenticate", "scopes": [scope] });
        let mut program = self.ask_user(self.python(order));
        let record = program.answer()["record"].as_str().unwrap().to_owned();
        program.wait();
        record
    }

    /// Returns azure-identity's record of the user of `record` and a token, without asking the
    /// user.
    pub(crate) fn azure_identity_signs_in_silently(
        &self,
        record: &str,
        scope: &str,
    ) -> (String, String) {
        let order = json!({ "do": "silent_by_record", "scopes": [scope], "record": record });
        let mut program = self.python(order);
        let theirs = program.answer()["record"].as_str().unwrap().to_owned();
        (theirs, program.token())
    }

    pub(crate) fn we_sign_in(&self, scope: &str) -> AuthenticationRecord {
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
        let request = TokenRequest::new(&[scope]).unwrap();
        let signing_in = async { credential?.authenticate_with(&request).await };
        self.runtime.block_on(signing_in).unwrap()
    }

    /// Gets a token of the user who is signed in to other programs.
    pub(crate) fn we_share(&self, scope: &str) -> Result<String> {
        let options = SharedTokenCacheCredentialOptions {
            options: self.options(),
            ..Default::default()
        };
        let credential = SharedTokenCacheCredential::with_options(options)?;
        let token = self.runtime.block_on(credential.get_token(&[scope]))?;
        Ok(token.token().to_owned())
    }

    /// Gets a token of the user of `record` without asking them.
    pub(crate) fn we_sign_in_silently(&self, record: &str, scope: &str) -> Result<String> {
        let credential = DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
            authentication_record: Some(AuthenticationRecord::deserialize(record)?),
            disable_automatic_authentication: true,
            options: self.options(),
            ..Default::default()
        })?;
        let token = self.runtime.block_on(credential.get_token(&[scope]))?;
        Ok(token.token().to_owned())
    }

    /// Gets a token of an application for `scope` with a new credential.
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

    /// Starts another program with this crate, which signs in one user after the other.
    pub(crate) fn writer_begins(&self, number: usize) -> Child {
        writer::begin(&self.settings(), number)
    }

    /// Returns the process of the keyring.
    pub(crate) fn keyring(&self) -> Pid {
        let mut program = self.python(json!({ "do": "keyring" }));
        let pid = program.answer()["pid"].as_i64().unwrap();
        Pid::from_raw(pid.try_into().unwrap()).unwrap()
    }

    /// Returns how many accounts and access tokens MSAL finds.
    pub(crate) fn kept(&self) -> (usize, usize) {
        let counts = self.python(json!({ "do": "count" })).answer();
        let count = |section: &str| counts[section].as_u64().unwrap() as usize;
        (count("accounts"), count("tokens"))
    }

    fn options(&self) -> Options {
        self.settings().options()
    }

    /// Returns the settings for another program on this machine.
    fn settings(&self) -> Settings {
        Settings {
            authority: self.emulator.https().to_owned(),
            ca_pem: self.emulator.ca_pem().to_owned(),
            home: self.home.path().to_str().unwrap().to_owned(),
            encrypted: self.encrypted,
        }
    }

    /// Starts a program in Python that follows `order`.
    fn python(&self, mut order: Value) -> Program {
        order["encrypted"] = self.encrypted.into();
        order["client_id"] = CLIENT.into();
        order["authority"] = self.emulator.https().into();
        let mut command = program::command(&order);
        command
            .env("HOME", self.home.path())
            .env("REQUESTS_CA_BUNDLE", self.emulator.ca_file().unwrap());
        if !self.encrypted {
            command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        }
        Program::start(command)
    }

    /// Signs a user in with the device code that `program` shows.
    fn ask_user(&self, mut program: Program) -> Program {
        let code = program.answer()["user_code"].as_str().unwrap().to_owned();
        let approved = self.emulator.approve_device(&code, ALICE);
        self.runtime.block_on(approved).unwrap();
        program
    }
}
