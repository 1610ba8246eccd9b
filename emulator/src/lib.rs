//! Plays Microsoft Entra ID and the managed identity endpoints of Azure, for tests.
//!
//! An [`Emulator`] answers on two loopback ports as the real services do: OpenID discovery, keys,
//! the v1 and v2 token endpoints with the real errors, and the instance metadata service. Clients
//! are unmodified SDKs of any language that are told its address and trust its certificate
//! authority. Tokens are signed and verify through its published keys, and are worth nothing
//! anywhere else. It needs no network. The program `identity-emulator` (package
//! `identity-emulator-cli`) is the same code behind a command line.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use identity_emulator::{Emulator, Reply, Rule};
//!
//! let emulator = Emulator::builder().start().await?;
//! println!("authority {}, metadata service {}", emulator.https(), emulator.http());
//!
//! // The next two answers of the metadata service are a 429.
//! let reply = Reply { status: Some(429), ..Reply::default() };
//! emulator.script().push(Rule { times: 2, ..Rule::new("imds.token", reply) })?;
//! // Its token service is out of order, until that is taken back.
//! emulator.script().preset("entra-outage")?;
//!
//! // ... let the code under test fetch a token ...
//!
//! for entry in emulator.journal().of("imds.token") {
//!     println!("{} {} -> {}", entry.method, entry.path, entry.status);
//! }
//! emulator.stop().await;
//! # Ok(()) }
//! ```
//!
//! - What there is to sign in to is a [`World`]: tenants, applications, managed identities. The
//!   built-in one, `basic`, has fixed ids and secrets.
//! - The [`Journal`] holds every request and answer in order, with secrets masked as they enter and
//!   tokens taken apart. A [`Filter`] picks, [`Journal::wait_for`] waits, and there are JSON lines
//!   and HTTP archives.
//! - The [`Script`] makes the next answers of an endpoint different: status, headers, body, members
//!   of the real one, delay, truncation, a connection that breaks, silence. A [`Preset`] is a fault
//!   with a name; `PRESETS.md` lists them.
//! - What the real service would refuse, or a reviewer would frown at, is said in an entry's
//!   [`findings`](Entry::findings); an [`Invariant`] is a rule, `ENDPOINTS.md` lists them.
//! - The [`Clock`] can be frozen and moved; with a [seed](Builder::seed) every run answers the
//!   same, byte for byte.
//! - The [`LiveDirectory`] is changed while it runs, [`Keys`] are rotated, and a [`Forgery`] is a
//!   token that a validator must refuse.
//! - Pods, pipelines and workflows have tokens of their own issuers: [`Instance::project`],
//!   [`Instance::pipeline_environment`], [`Instance::workflow_environment`].
//! - People sign in on real pages, or without a browser: [`Instance::sign_in`] follows a URL an
//!   application would open to what the application gets, [`Instance::approve_device`] lets a
//!   device in.
//! - Tests that run in parallel share one emulator, each with a [`Sandbox`] of its own.
//! - A test process with many emulators shares one [`Pki`], one [`SigningKey`] and the
//!   [`IssuerKeys`] among them.
//!
//! Over HTTP the same is under `/_emulator/`; `ENDPOINTS.md` lists it, and [`Reference`] is that
//! list as data.

mod base;
mod control;
mod crypto;
mod entra;
mod exchange;
mod handle;
mod hosts;
mod script;
mod service;
mod state;
mod world;

pub use base::clock::Clock;
pub use base::secret::Secret;
pub use crypto::issuer_keys::IssuerKeys;
pub use crypto::keys::{Keys, PublishedKey, Rotation, SigningKey};
pub use crypto::pki::Pki;
pub use entra::app_state::{Ready, SandboxError, ShownSecret};
pub use entra::forge::{Forged, Forgery, ForgeryKind};
pub use entra::sign_in::{SignInAnswer, SignInError};
pub use exchange::issued::Issued;
pub use handle::emulator::{Builder, Emulator, StartError};
pub use handle::instance::Instance;
pub use handle::projection::{Projection, ProjectionError};
pub use handle::reference::{EndpointInfo, ErrorInfo, Reference};
pub use handle::sandbox::Sandbox;
pub use hosts::IdentityHost;
pub use hosts::federation::Environment;
pub use script::{Cast, Drip, FieldCondition, Preset, Reply, Rule, Rules, Script, When};
pub use service::proxy::UnknownHosts;
pub use state::invariant::{Finding, Invariant, Severity};
pub use state::journal::{DecodedToken, Entry, Filter, Journal, WaitTimeout};
pub use state::live_directory::LiveDirectory;
pub use state::scheduled_events::{ScheduledEvent, ScheduledEventType};
pub use world::config::{
    App, AppCertificate, AppSecret, AppServiceHost, ArcHost, Assignment, CloudShellHost,
    ConfigError, Consent, FederatedCredential, FederatedDomain, FederationProtocol, GroupClaims,
    Host, Hosts, IdentityKind, ImdsHost, Implicit, Issuer, ManagedIdentity, NationalCloud,
    OptionalClaims, Permission, Pipeline, Preauthorized, RedirectUris, RoleGrant, Scope,
    ServiceConnection, Tenant, TrustedSubject, User, Workflow, Workload, World,
};
