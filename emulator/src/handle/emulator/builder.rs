//! The builder of an emulator, and its start.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::Emulator;
use super::listeners::{self, ListenAddresses, Listeners};
use crate::base::clock::Clock;
use crate::crypto::issuer_keys::IssuerKeys;
use crate::crypto::keys::SigningKey;
use crate::crypto::pki::Pki;
use crate::crypto::trust_files::{self, TrustFiles};
use crate::entra::app_state::{Addresses, AppState, Parts, Sandboxes};
use crate::handle::instance::Instance;
use crate::service::app::EmulatorService;
use crate::service::proxy::{Proxy, UnknownHosts};
use crate::service::server::Server;
use crate::world::config::{ConfigError, World};

/// The settings of an emulator; see [`Emulator::builder`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    world: Option<World>,
    listeners: ListenAddresses,
    pki: Option<Pki>,
    others: UnknownHosts,
    key: Option<SigningKey>,
    issuers: Option<IssuerKeys>,
    seed: Option<u64>,
    clock: Option<Clock>,
    journal_limit: usize,
    sandbox_limit: usize,
    patience: Option<Duration>,
    ca_dir: Option<PathBuf>,
    arc_keys: Option<PathBuf>,
    authority: Option<String>,
}

/// Why an emulator did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The world contradicts itself.
    World(ConfigError),
    /// An address is taken, or is not one of this machine.
    Bind(SocketAddr, io::Error),
    /// The certificate of the authority could not be written.
    CaFile(PathBuf, io::Error),
    /// The folder for key files of the Azure Arc host could not be made.
    ArcKeys(PathBuf, io::Error),
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            world: None,
            listeners: ListenAddresses::default(),
            pki: None,
            others: UnknownHosts::default(),
            key: None,
            issuers: None,
            seed: None,
            clock: None,
            journal_limit: 10_000,
            sandbox_limit: Sandboxes::USUAL_LIMIT,
            patience: None,
            ca_dir: None,
            arc_keys: None,
            authority: None,
        }
    }

    /// The world to play; default [`World::basic`].
    pub fn world(mut self, world: World) -> Self {
        self.world = Some(world);
        self
    }

    /// Adds an address to listen on with HTTPS; default a free port of 127.0.0.1. The first one is
    /// [`Emulator::https`].
    pub fn https(mut self, address: SocketAddr) -> Self {
        self.listeners.https.push(address);
        self
    }

    /// Adds an address to listen on with plain HTTP; default a free port of 127.0.0.1. The first
    /// one is [`Emulator::http`].
    pub fn http(mut self, address: SocketAddr) -> Self {
        self.listeners.http.push(address);
        self
    }

    /// A certificate authority to share with other emulators; default a fresh one.
    pub fn pki(mut self, pki: Pki) -> Self {
        self.pki = Some(pki);
        self
    }

    /// Sets how the plain HTTP listener, which is a proxy as well, treats requests for hosts that
    /// are not played; default [`UnknownHosts::Refuse`].
    pub fn unknown_hosts(mut self, others: UnknownHosts) -> Self {
        self.others = others;
        self
    }

    /// A signing key to share with other emulators; default a fresh one, or that of the seed.
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Keys of issuers to share with other emulators; default fresh ones, or those of the seed.
    pub fn issuer_keys(mut self, keys: IssuerKeys) -> Self {
        self.issuers = Some(keys);
        self
    }

    /// Makes everything the same in every run: ids, the signing key unless one is given, and the
    /// time, which stands still at [`Clock::SEEDED`] until it is moved, unless a
    /// [`clock`](Self::clock) is given. The same requests in the same order then get the same
    /// answers, byte for byte. Certificates of listeners stay new each time: whoever trusted an
    /// authority known to everybody would trust everybody.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The clock to live by; default one that runs with the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How many journal entries are kept; default 10,000.
    pub fn journal_limit(mut self, limit: usize) -> Self {
        self.journal_limit = limit;
        self
    }

    /// How many sandboxes there may be at once; default 64. Each keeps a world, a journal and a
    /// route table: some hundred kilobytes, and what its journal grows to.
    pub fn sandbox_limit(mut self, limit: usize) -> Self {
        self.sandbox_limit = limit;
        self
    }

    /// How long a client may take over the head of a request, the pause before it included, and
    /// how long over the body, in real time; then it is cut off. Default 75 and 30 seconds.
    pub fn patience(mut self, limit: Duration) -> Self {
        self.patience = Some(limit);
        self
    }

    /// A folder to write the authority's certificate to: as `ca.pem`, together with all that this
    /// machine trusts as `bundle.pem`, and the same for Java as `truststore.jks`. Default: nothing
    /// is written.
    pub fn ca_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.ca_dir = Some(folder.into());
        self
    }

    /// A folder for the key files of the Azure Arc host, made if need be; clients have to find
    /// them at `/var/opt/azcmagent/tokens`, or where `host.arc.key_folder` of the world says.
    /// Default: none are written.
    pub fn arc_keys(mut self, folder: impl Into<PathBuf>) -> Self {
        self.arc_keys = Some(folder.into());
        self
    }

    /// The address that programs know the authority by, such as `https://login.microsoftonline.com`
    /// behind a proxy or `https://entra.example:8443` in a network of containers. It is the issuer of
    /// v2 tokens that are asked for elsewhere: at a managed identity host, or made to order.
    /// Default: [`Emulator::https`].
    pub fn authority(mut self, url: impl Into<String>) -> Self {
        self.authority = Some(url.into().trim_end_matches('/').to_owned());
        self
    }

    /// Starts on the current Tokio runtime; once this returns, all listeners answer.
    ///
    /// # Errors
    /// A world that contradicts itself, an address that cannot be bound, or a folder the
    /// certificate cannot be written to.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let world = Arc::new(self.world.unwrap_or_else(World::basic));
        world.check().map_err(StartError::World)?;
        let pki = self.pki.unwrap_or_else(Pki::generate);
        let listeners = Listeners::bind(self.listeners, &pki).await?;
        let trust = self
            .ca_dir
            .map(|folder| written(&folder, &pki))
            .transpose()?;
        let addresses = Addresses::new(listeners.https, listeners.http).known_by(
            listeners.https_sockets,
            pki.extra_names(),
            self.authority,
            trust,
        );
        if let Some(folder) = &self.arc_keys {
            let made = std::fs::create_dir_all(folder);
            made.map_err(|error| StartError::ArcKeys(folder.clone(), error))?;
        }
        let key = self.key.or_else(|| self.seed.map(SigningKey::from_seed));
        let standing = |_| Clock::frozen_at(Clock::SEEDED);
        let state = AppState::new(Parts {
            world: world.clone(),
            key: key.unwrap_or_else(SigningKey::generate),
            issuers: self.issuers,
            clock: self
                .clock
                .or_else(|| self.seed.map(standing))
                .unwrap_or_default(),
            seed: self.seed,
            journal_limit: self.journal_limit,
            sandbox_limit: self.sandbox_limit,
            serve: EmulatorService::serve,
            addresses: addresses.clone(),
            pki: pki.clone(),
            arc_keys: self.arc_keys,
        });
        let (stop, stopped) = watch::channel(false);
        let app = EmulatorService::new(state.clone(), self.patience);
        let proxy = Proxy::new(state.clone(), pki.clone(), self.others);
        let serve = |server: Server| {
            tokio::spawn(
                server
                    .proxying(proxy.clone())
                    .run(app.clone(), stopped.clone()),
            )
        };
        let servers = listeners.servers.into_iter().map(serve).collect();
        Ok(Emulator {
            instance: Instance::new(state),
            world,
            pki,
            addresses,
            stop,
            servers,
        })
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World(error) => error.fmt(f),
            Self::Bind(address, error) => listeners::explain(*address, error, f),
            Self::ArcKeys(path, error) => {
                write!(f, "cannot make the folder {}: {error}", path.display())
            }
            Self::CaFile(path, error) => write!(f, "cannot write to {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for StartError {}

fn written(folder: &Path, pki: &Pki) -> Result<TrustFiles, StartError> {
    trust_files::write(folder, pki).map_err(|error| StartError::CaFile(folder.to_owned(), error))
}
