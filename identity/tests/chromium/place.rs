//! An emulator, a credential and a browser for a user to sign in with.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::{
    Browser, Clock, Context, ReqwestTransport, StaticEnv, SystemClock, VirtualClock,
};
use identity::{InteractiveBrowserCredential, InteractiveBrowserCredentialOptions, Options};
use identity_chromium::Scripts;
use identity_emulator::Emulator;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

pub(crate) const ALICE: &str = "alice@contoso.example";
pub(crate) const PASSWORD: &str = "alice-password-for-tests-only";

pub(crate) struct Place {
    pub(crate) emulator: Emulator,
    pub(crate) chromium: identity_chromium::Browser,
    /// The clock of the credential; the emulator has its own.
    pub(crate) clock: VirtualClock,
    pages: Mutex<UnboundedReceiver<Url>>,
    desktop: Desktop,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let emulator = Emulator::builder().start().await.unwrap();
        let chromium = identity_chromium::Browser::start(emulator.ca_pem(), Scripts::Run).await;
        let (sender, pages) = unbounded_channel();
        Self {
            emulator,
            chromium,
            clock: VirtualClock::new(SystemClock.now()),
            pages: Mutex::new(pages),
            desktop: Desktop(sender),
        }
    }

    /// Returns a credential for Alice, who has `timeout` to sign in.
    pub(crate) fn credential(&self, timeout: Duration) -> InteractiveBrowserCredential {
        let ca = self.emulator.ca_pem().as_bytes();
        let trust = ReqwestTransport::builder().root_certificate_pem(ca);
        let context = Context {
            transport: Arc::new(trust.unwrap().build().unwrap()),
            env: Arc::new(StaticEnv::default()),
            browser: Arc::new(self.desktop.clone()),
            clock: Arc::new(self.clock.clone()),
            ..Context::system()
        };
        InteractiveBrowserCredential::with_options(InteractiveBrowserCredentialOptions {
            client_id: Some("bbbbbbbb-0000-4000-8000-000000000006".into()),
            tenant_id: Some("contoso.example".into()),
            login_hint: Some(ALICE.into()),
            timeout,
            options: Options {
                authority_host: Some(self.emulator.https().to_owned()),
                context,
                ..Options::default()
            },
            ..Default::default()
        })
        .unwrap()
    }

    pub(crate) async fn go_where_the_credential_says(&self) -> Url {
        let page = self.pages.lock().await.recv().await.unwrap();
        self.chromium.go(page.as_str()).await;
        page
    }

    /// Returns a page that the credential has opened and the browser has not loaded yet.
    pub(crate) fn page(&self) -> Option<Url> {
        self.pages.try_lock().unwrap().try_recv().ok()
    }

    /// Waits until the port for the answer of `page` is listened on no more.
    pub(crate) async fn port_is_given_back(&self, page: &Url) {
        let port = redirect_uri(page).port().unwrap();
        // The tasks that held the sockets end at their next turn.
        while TcpStream::connect(("localhost", port)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

/// Returns the redirect URI of a sign-in page.
pub(crate) fn redirect_uri(page: &Url) -> Url {
    let mut fields = page.query_pairs();
    let (_, value) = fields.find(|(name, _)| name == "redirect_uri").unwrap();
    value.parse().unwrap()
}

/// The browser port of the credential, which passes pages on to Chromium.
#[derive(Clone, Debug)]
struct Desktop(UnboundedSender<Url>);

impl Browser for Desktop {
    fn open<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, io::Result<()>> {
        let shown = self.0.send(url.clone()).map_err(io::Error::other);
        future::ready(shown).boxed()
    }
}
