//! An emulator and the users who sign in to it.

use std::io;
use std::sync::{Arc, Mutex};

use futures_util::future::{BoxFuture, FutureExt};
use http::{HeaderValue, header};
use identity::context::{
    Browser, Context, Request, ReqwestTransport, StaticEnv, SystemTerminal, Transport,
};
use identity::{DeviceCodePrompt, Options};
use identity_emulator::{Emulator, SignInAnswer, World};
use url::Url;

pub(crate) const CONTOSO: &str = "aaaaaaaa-0000-4000-8000-000000000001";
/// A public client.
pub(crate) const DESKTOP: &str = "bbbbbbbb-0000-4000-8000-000000000006";
pub(crate) const ALICE: &str = "alice@contoso.example";
pub(crate) const ALICE_PASSWORD: &str = "alice-password-for-tests-only";
pub(crate) const BOB: &str = "bob@contoso.example";
pub(crate) const VAULT: &str = "https://vault.azure.net/.default";
pub(crate) const GRAPH: &str = "https://graph.microsoft.com/.default";

/// An emulator, and the user who will sign in next. Clones share one state.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) emulator: Arc<Emulator>,
    transport: Arc<ReqwestTransport>,
    next: Arc<Mutex<Next>>,
}

struct Next {
    user: &'static str,
    /// The pages opened so far.
    opened: Vec<Url>,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self::of(World::basic()).await
    }

    pub(crate) async fn of(world: World) -> Self {
        let emulator = Emulator::builder().world(world).start().await.unwrap();
        let trust = ReqwestTransport::builder().root_certificate_pem(emulator.ca_pem().as_bytes());
        let next = Next {
            user: ALICE,
            opened: Vec::new(),
        };
        Self {
            emulator: Arc::new(emulator),
            transport: Arc::new(trust.unwrap().build().unwrap()),
            next: Arc::new(Mutex::new(next)),
        }
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            authority_host: Some(self.emulator.https().to_owned()),
            context: Context {
                transport: Arc::clone(&self.transport) as _,
                env: Arc::new(StaticEnv::default()),
                browser: Arc::new(self.clone()),
                terminal: Arc::new(SystemTerminal),
                ..Context::system()
            },
            ..Options::default()
        }
    }

    /// Makes `user` the one who signs in from now on.
    pub(crate) fn sits_down(&self, user: &'static str) {
        self.next.lock().unwrap().user = user;
    }

    /// Returns the sign-in pages opened so far.
    pub(crate) fn opened(&self) -> Vec<Url> {
        self.next.lock().unwrap().opened.clone()
    }

    /// Returns a prompt whose user types the code before anything else happens.
    pub(crate) fn prompt(&self) -> DeviceCodePrompt {
        let place = self.clone();
        DeviceCodePrompt::new(move |code| {
            let user = place.next.lock().unwrap().user;
            let approved = place.emulator.approve_device(&code.user_code, user);
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current()
                    .block_on(approved)
                    .unwrap();
            });
        })
    }

    /// Returns the endpoints asked so far, in order, without those of discovery and pages.
    pub(crate) fn asked(&self) -> Vec<String> {
        let entries = self.emulator.journal().entries();
        let endpoints = entries.into_iter().map(|entry| entry.endpoint);
        endpoints
            .filter(|endpoint| {
                ["token", "device_code", "user_realm"]
                    .iter()
                    .any(|it| endpoint.ends_with(it))
            })
            .collect()
    }

    /// Returns the forms sent to the token endpoint.
    pub(crate) fn forms(&self) -> Vec<std::collections::BTreeMap<String, String>> {
        let entries = self.emulator.journal().entries();
        let tokens = entries
            .into_iter()
            .filter(|entry| entry.endpoint == "entra.token");
        tokens
            .map(|entry| entry.form.into_iter().collect())
            .collect()
    }

    async fn deliver(self, url: Url) {
        let user = self.next.lock().unwrap().user;
        let answer = self.emulator.sign_in(url.as_str(), user).await;
        let request = match answer.unwrap() {
            SignInAnswer::Redirect(url) => Request::get(url.parse().unwrap()),
            SignInAnswer::FormPost { action, fields } => {
                let form = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish();
                Request::post_form(action.parse().unwrap(), form)
            }
        };
        let origin = HeaderValue::from_static("null");
        let page = self
            .transport
            .send(request.header(header::ORIGIN, origin))
            .await
            .unwrap();
        assert_eq!(
            page.status,
            200,
            "{:?}",
            String::from_utf8_lossy(&page.body)
        );
    }
}

/// A browser in which the user signs in at once.
impl Browser for Place {
    fn open<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, io::Result<()>> {
        self.next.lock().unwrap().opened.push(url.clone());
        tokio::spawn(self.clone().deliver(url.clone()));
        async { Ok(()) }.boxed()
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Place")
    }
}

/// Returns the claims of a token.
pub(crate) fn claims(token: &identity::AccessToken) -> serde_json::Value {
    let decoded = jsonwebtoken::dangerous::insecure_decode(token.token());
    decoded.unwrap().claims
}
