//! Azure credentials: service principals, managed identities, users, and chains of these.
//!
//! ```no_run
//! use identity::DefaultAzureCredential;
//!
//! # async fn example() -> identity::Result<()> {
//! let credential = DefaultAzureCredential::new()?;
//! let token = credential.get_token(&["https://vault.azure.net/.default"]).await?;
//! println!("valid until {}", token.expires_on());
//! # Ok(())
//! # }
//! ```
//!
//! # Which one do I need?
//!
//! | where your program runs | credential |
//! |---|---|
//! | anywhere, unchanged | [`DefaultAzureCredential`] |
//! | in Azure: virtual machine, App Service, Functions, Container Apps, Service Fabric, Azure ML, Cloud Shell; on a server with Azure Arc | [`ManagedIdentityCredential`] |
//! | in Kubernetes, as the workload | [`WorkloadIdentityCredential`] |
//! | in a job of Azure Pipelines | [`AzurePipelinesCredential`] |
//! | elsewhere, as an application | [`CertificateCredential`], [`ClientSecretCredential`] |
//! | the same, trusted through another identity provider | [`ClientAssertionCredential`] |
//! | in a service, in the name of the user who called it | [`OnBehalfOfCredential`] |
//! | the same, set up by environment variables | [`EnvironmentCredential`] |
//! | on a developer's machine, as whoever is signed in to `az` | [`AzureCliCredential`] |
//! | the same with `azd` | [`AzureDeveloperCliCredential`] |
//! | the same with Azure PowerShell | [`AzurePowerShellCredential`] |
//! | with a user in front of it, who has a browser | [`InteractiveBrowserCredential`] |
//! | with a user in front of it, who has a browser elsewhere | [`DeviceCodeCredential`] |
//! | with a user who is signed in to other developer tools | [`SharedTokenCacheCredential`], [`VisualStudioCodeCredential`] |
//! | in a web application, as a user who signed in to it | [`AuthorizationCodeCredential`] |
//! | where a password is all there is (legacy) | [`UsernamePasswordCredential`] |
//! | an order of your own | [`ChainedTokenCredential`] |
//!
//! In a program without an async runtime wrap any of them in a `blocking::BlockingCredential`
//! (feature `blocking`). What goes wrong, and what to do: `TROUBLESHOOTING.md`; names for those who
//! come from another library: `MIGRATING.md`, both beside this crate's `Cargo.toml`.
//!
//! With the official Azure SDK for Rust, wrap a credential in an `Arc` and hand it to a client:
//! every credential implements `azure_core::credentials::TokenCredential` (feature `azure_core`).
//!
//! # What happens to a token
//!
//! Tokens are kept in memory, per credential and its clones, by scopes (in any order), tenant,
//! claims and CAE. A fresh one is given at once, without lock or allocation. However many callers
//! ask for a new one, one request is made, and all of them get its token or its error. Past half
//! of a life of two hours or more (or when the service says) one refresh runs in the background
//! while everybody keeps the valid token; in the last five minutes callers wait for the new one.
//! A failed refresh never turns a valid token into an error, and is not tried again for 30 s.
//!
//! Credentials of one identity can share their tokens: see [`TokenCache`]. Where a function is wanted
//! instead of a credential, [`get_bearer_token_provider`] makes one.
//!
//! A request with claims is kept under its own key, and its token also takes the place of the one
//! without claims, which a resource has just refused.
//!
//! # Users
//!
//! A user is asked once: the refresh token that came with the sign-in serves every scope and tenant
//! after that, until it is used up or a policy wants the user back. A credential is for one user. The
//! tokens of another are never given, even if somebody else signs in, unless the program calls
//! `authenticate` (see [`Authenticate`]), which says who it was: the [`AuthenticationRecord`], to be
//! kept and given to a credential of the next run. Calls that need a user while one is signing in
//! wait for that user.
//!
//! # Events
//!
//! Logged with `tracing`, never with a secret in it. What happens while one token is fetched is in
//! the span `identity.token.fetch` (debug), which has the credential and the scopes.
//!
//! * info: `identity.token.acquired`
//! * warn: `identity.account.lost`, `identity.cache.unencrypted`, `identity.cache.set_aside`,
//!   `identity.cache.failed`, `identity.cache.not_locked`
//! * debug: `identity.token.failed`, `identity.chain.acquired`, `identity.tenant.ignored`,
//!   `identity.region.detected`, `identity.http.response`, `identity.http.failed`,
//!   `identity.http.retry`, `identity.keyring.silent`
//!
//! # Features
//!
//! * `reqwest` (default): the HTTP transport; without it set [`Context::transport`].
//! * `azure_core` (default): `azure_core::credentials::TokenCredential` for every credential.
//! * `developer-tools` (default): runs the programs `az`, `azd` and `pwsh`; without it set
//!   [`Context::processes`], or their credentials are unavailable.
//! * `interactive-browser` (default): listens for the answer of a sign-in page; without it set
//!   [`Context::loopback`], or [`InteractiveBrowserCredential`] is unavailable.
//! * `coarse-clock` (default): asks Linux's coarse clock for the time, at a tenth of the cost.
//! * `blocking`: `identity::blocking`, the same credentials for programs without an async runtime.
//! * `persistent-cache`: tokens and accounts that outlive the program, shared with the Microsoft
//!   libraries for other languages: `TokenCachePersistenceOptions`.
//! * `legacy-pfx`: certificates in files encrypted with 3DES or RC2.

#![warn(clippy::missing_errors_doc)]

mod authentication_record;
#[cfg(feature = "azure_core")]
pub mod azure_core;
mod bearer;
#[cfg(feature = "blocking")]
pub mod blocking;
mod cache;
mod chain;
mod cloud;
pub mod context;
mod credential;
mod error;
mod exchange;
mod isolation;
mod joint;
mod msi;
mod oauth;
mod options;
mod pipeline;
mod retry;
mod scrub;
mod secret;
mod sync;
#[cfg(test)]
mod testing;
mod token;
mod token_credential;
mod tool;
mod unix_time;
mod user;

pub use self::authentication_record::AuthenticationRecord;
pub use self::bearer::get_bearer_token_provider;
pub use self::cache::TokenCache;
#[cfg(feature = "persistent-cache")]
pub use self::cache::TokenCachePersistenceOptions;
pub use self::chain::{
    ChainedTokenCredential, ChainedTokenCredentialOptions, DefaultAzureCredential,
    DefaultAzureCredentialOptions,
};
pub use self::cloud::Cloud;
pub use self::context::Context;
pub use self::credential::*;
pub use self::error::{Attempt, Error, ErrorKind, Result};
pub use self::msi::ManagedIdentityId;
pub use self::oauth::assertion::{CertificateSource, ClientAssertion, ClientCertificate};
pub use self::options::Options;
pub use self::retry::RetryOptions;
pub use self::token::{AccessToken, TokenRequest, TokenRequestOptions};
pub use self::token_credential::TokenCredential;
pub use self::user::authenticate::Authenticate;

/// The code on that page is compiled.
#[cfg(all(
    doctest,
    feature = "azure_core",
    feature = "blocking",
    feature = "reqwest"
))]
#[doc = include_str!("../MIGRATING.md")]
mod migrating {}
