//! An emulator with real connections, and the machine around a credential that uses them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::{
    Browser, Context, Files, Request, ReqwestTransport, StaticEnv, SystemFiles, Transport,
};
use identity::{Options, RetryOptions, TokenCache};
use identity_emulator::{Emulator, IdentityHost, Pki, Projection, SigningKey};
use url::Url;

use crate::worlds::{NoPrograms, SECRET, TOKEN_FILE};

/// The key file of the Azure Arc agent.
pub(crate) const ARC_KEY: &str = match cfg!(windows) {
    true => r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\one.key",
    false => "/var/opt/azcmagent/tokens/one.key",
};
/// The home of the user, in which Visual Studio Code stores its record.
pub(crate) const HOME: &str = "/home/alice";
pub(crate) const NOTE: &str =
    "/home/alice/.azure/ms-azuretools.vscode-azureresourcegroups/authRecord.json";

type Variables = Vec<(String, String)>;

/// The parts that all stages share, because creating them takes longer than all the rest.
#[derive(Clone)]
pub(crate) struct Props {
    pki: Pki,
    key: SigningKey,
}

impl Props {
    pub(crate) fn new() -> Self {
        Self {
            pki: Pki::generate(),
            key: SigningKey::generate(),
        }
    }
}

/// An emulator for one credential.
pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    trusting: Arc<ReqwestTransport>,
    folder: tempfile::TempDir,
    /// The files of a pod. They exist as long as this value.
    projected: Option<Projection>,
}

/// The place in which a credential runs, as the environment shows it.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Nowhere,
    Variables(&'static [(&'static str, &'static str)]),
    /// A managed identity host, by the emulator's name for it.
    Host(&'static str),
    /// A job of Azure Pipelines.
    Job,
    /// A pod whose requests go through its cluster's token proxy.
    Cluster,
}

impl Stage {
    pub(crate) async fn new(props: &Props) -> Self {
        let emulator = Emulator::builder().pki(props.pki.clone());
        let emulator = emulator.signing_key(props.key.clone()).start();
        let emulator = emulator.await.unwrap();
        let trust = ReqwestTransport::builder().root_certificate_pem(emulator.ca_pem().as_bytes());
        Self {
            trusting: Arc::new(trust.unwrap().build().unwrap()),
            emulator,
            folder: tempfile::tempdir().unwrap(),
            projected: None,
        }
    }

    /// Returns the variables of `place`. The secrets among them are [`SECRET`].
    pub(crate) async fn variables(&mut self, place: Place) -> Variables {
        let owned = |(name, value): (&str, String)| (name.to_owned(), value);
        let found: Variables = match place {
            Place::Nowhere => Vec::new(),
            Place::Variables(all) => all
                .iter()
                .map(|&(name, value)| owned((name, value.to_owned())))
                .collect(),
            Place::Host(name) => {
                let host: IdentityHost = name.parse().unwrap();
                let found = self.emulator.environment(host);
                found.into_iter().map(owned).collect()
            }
            Place::Job => {
                let found = self.emulator.pipeline_environment("deploy").unwrap();
                found.into_iter().map(owned).collect()
            }
            Place::Cluster => {
                let projected = self.emulator.project("bound", self.folder.path());
                let projected = self.projected.insert(projected.await.unwrap());
                let found = projected.environment().iter().cloned();
                found.map(owned).collect()
            }
        };
        found.into_iter().map(with_our_secret).collect()
    }

    /// Returns options with short waits and trust in the emulator.
    pub(crate) fn options(&self, variables: Variables) -> Options {
        let env = variables.into_iter().collect::<StaticEnv>();
        Options {
            authority_host: Some(self.emulator.https().to_owned()),
            allow_http_loopback: true,
            retry: RetryOptions {
                max_retries: Some(1),
                delay: Duration::from_millis(1),
                ..RetryOptions::default()
            },
            request_timeout: Duration::from_secs(20),
            token_cache: Some(TokenCache::new()),
            context: Context {
                transport: Arc::clone(&self.trusting) as _,
                env: Arc::new(env),
                files: Arc::new(Disk::default()),
                processes: Arc::new(NoPrograms),
                browser: Arc::new(Visitor(Arc::clone(&self.trusting))),
                ..Context::system()
            },
            ..Options::default()
        }
    }
}

fn with_our_secret((name, value): (String, String)) -> (String, String) {
    let secret = matches!(&*name, "IDENTITY_HEADER" | "MSI_SECRET");
    let value = if secret { SECRET.to_owned() } else { value };
    (name, value)
}

/// The files of the machine, and some that exist only here.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    /// The record that Visual Studio Code stored of its user.
    pub(crate) note: Option<String>,
}

impl Files for Disk {
    fn read<'a>(&'a self, path: &'a Path, limit: u64) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        let made_up = if path == Path::new(NOTE) {
            self.note.as_deref()
        } else {
            let ours = [TOKEN_FILE, ARC_KEY].map(PathBuf::from);
            ours.iter().any(|it| it == path).then_some(SECRET)
        };
        match made_up {
            Some(content) => future::ready(Ok(content.into())).boxed(),
            None => async move { SystemFiles.read(path, limit).await }.boxed(),
        }
    }
}

/// A browser whose user is already signed in, so that the page redirects at once.
#[derive(Debug)]
struct Visitor(Arc<ReqwestTransport>);

impl Browser for Visitor {
    fn open<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, io::Result<()>> {
        let asked = |wanted: &str| {
            let found = url.query_pairs().find(|(name, _)| name == wanted);
            found.unwrap().1.into_owned()
        };
        let mut back = Url::parse(&asked("redirect_uri")).unwrap();
        back.query_pairs_mut()
            .append_pair("code", SECRET)
            .append_pair("state", &asked("state"));
        let transport = Arc::clone(&self.0);
        tokio::spawn(async move { transport.send(Request::get(back)).await });
        future::ready(Ok(())).boxed()
    }
}
