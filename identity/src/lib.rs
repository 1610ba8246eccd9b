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
//! | in Azure, or on a server with Azure Arc | [`ManagedIdentityCredential`] |
//! | in Kubernetes, as the workload | [`WorkloadIdentityCredential`] |
//! | in a job of Azure Pipelines | [`AzurePipelinesCredential`] |
//! | elsewhere, as an application | [`CertificateCredential`], [`ClientSecretCredential`] |
//! | as an application that trusts another identity provider | [`ClientAssertionCredential`] |
//! | in a service, on behalf of the user who called it | [`OnBehalfOfCredential`] |
//! | elsewhere, set up by environment variables | [`EnvironmentCredential`] |
//! | on a developer's machine, as the account that is signed in to `az` | [`AzureCliCredential`] |
//! | on a developer's machine, signed in to `azd` | [`AzureDeveloperCliCredential`] |
//! | on a developer's machine, signed in to Azure PowerShell | [`AzurePowerShellCredential`] |
//! | with a user who has a browser on that machine | [`InteractiveBrowserCredential`] |
//! | with a user who has a browser on another device | [`DeviceCodeCredential`] |
//! | with a user who is signed in to a developer tool | [`SharedTokenCacheCredential`] |
//! | with a user who is signed in to Visual Studio Code | [`VisualStudioCodeCredential`] |
//! | in a web application, as a user who signed in to it | [`AuthorizationCodeCredential`] |
//! | with a user's password (legacy) | [`UsernamePasswordCredential`] |
//! | an order of your own | [`ChainedTokenCredential`] |
//!
//! In a program without an async runtime wrap any of them in a `blocking::BlockingCredential`
//! (feature `blocking`). Beside this crate's `Cargo.toml`, `TROUBLESHOOTING.md` lists every error
//! message with its cause and fix, and `MIGRATING.md` has the names of other libraries' types
//! beside the names here.
//!
//! With the official Azure SDK for Rust, wrap a credential in an `Arc` and hand it to a client:
//! every credential implements `azure_core::credentials::TokenCredential` (feature `azure_core`).
//!
//! # What happens to a token
//!
//! A credential and its clones keep tokens in memory, by scopes (in any order), tenant, claims and
//! CAE. A fresh token is returned at once, without lock or allocation. However many callers need a
//! new token, one request is made, and all of them get its token or its error. After half of a
//! lifetime of two hours or more (or at the time that the service names) one refresh runs in the
//! background, and calls meanwhile get the token that is still valid; in its last five minutes they
//! wait for the new one. A failed refresh never turns a valid token into an error, and is not tried
//! again for 30 s.
//!
//! Credentials of one identity can share their tokens: see [`TokenCache`]. For clients that take a
//! function instead of a credential there is [`get_bearer_token_provider`].
//!
//! The token for a request with claims is kept under its own key. It also replaces the token
//! without claims, because a resource has just refused that one.
//!
//! # Users
//!
//! A user signs in once. After that the refresh token of the sign-in gets tokens for every scope
//! and tenant, until it expires or a policy requires a new sign-in. A credential is for one user:
//! it returns no token of another user, even if another one signs in, unless the program calls
//! `authenticate` (see [`Authenticate`]). That returns the [`AuthenticationRecord`] of the user,
//! which the program can keep and pass to a credential of its next run. Calls that need the user
//! while a sign-in is under way wait for it.
//!
//! # Events
//!
//! Events are logged with `tracing` and never hold a secret. Those of one fetch are in the span
//! `identity.token.fetch` (debug), which has the credential and the scopes.
//!
//! * info: `identity.token.acquired`
//! * warn: `identity.certificate.kept`, `identity.account.lost`, `identity.cache.unencrypted`,
//!   `identity.cache.set_aside`, `identity.cache.failed`, `identity.cache.not_locked`
//! * debug: `identity.token.failed`, `identity.chain.acquired`, `identity.chain.failed`,
//!   `identity.environment.configured`, `identity.host.detected`, `identity.tenant.ignored`,
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

mod base;
mod cache;
mod chain;
pub mod context;
mod credential;
mod exchange;
mod facade;
mod isolation;
mod msi;
mod oauth;
mod options;
mod pipeline;
#[cfg(test)]
mod testing;
mod tool;
mod user;

// The vocabulary goes by short paths: every file uses some of it.
use self::base::{
    authentication_record, cloud, error, redact, secret, single_flight, sync, token,
    token_credential, unix_time,
};
use self::exchange::retry;

pub use self::authentication_record::AuthenticationRecord;
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
#[cfg(feature = "azure_core")]
pub use self::facade::azure_core;
pub use self::facade::bearer::get_bearer_token_provider;
#[cfg(feature = "blocking")]
pub use self::facade::blocking;
pub use self::msi::{ImdsProbeOptions, ManagedIdentityId};
pub use self::oauth::assertion::{CertificateSource, ClientAssertion, ClientCertificate};
pub use self::options::Options;
pub use self::retry::RetryOptions;
pub use self::token::{AccessToken, TokenRequest, TokenRequestOptions};
pub use self::token_credential::TokenCredential;
pub use self::user::authenticate::Authenticate;

/// Compiles the code on the page as documentation tests.
#[cfg(all(
    doctest,
    feature = "azure_core",
    feature = "blocking",
    feature = "reqwest"
))]
#[doc = include_str!("../MIGRATING.md")]
mod migrating {}
