//! The files of a pod: its token, replaced as it ages.

mod token_proxy;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::base::atomic_file::place;
use crate::base::clock::Clock;
use crate::entra::app_state::AppState;
use crate::hosts::federation::Environment;
use crate::hosts::federation::kubernetes::{Token, environment, token, workload};
use crate::world::config::ConfigError;
use token_proxy::TokenProxy;

/// A workload's files in a folder, kept as a cluster keeps those of a pod: once four fifths of a
/// token's life are over by the emulator's clock, another takes its place in one step.
///
/// When this is dropped the files stay as they are.
#[must_use = "the token is replaced only as long as this is there"]
pub struct Projection {
    environment: Environment,
    token_file: PathBuf,
    clock: Clock,
    written: watch::Receiver<Span>,
    keeper: JoinHandle<()>,
    _proxy: Option<TokenProxy>,
}

/// Why a workload could not be put into a folder.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProjectionError {
    /// The world has no such workload.
    Workload(ConfigError),
    /// A file could not be written.
    File(PathBuf, io::Error),
    /// The token proxy found no port to listen on.
    Proxy(io::Error),
}

/// From when to when a token may stay in its file.
#[derive(Clone, Copy, Debug)]
struct Span {
    made: OffsetDateTime,
    renewal: OffsetDateTime,
}

impl Projection {
    /// Writes the first token and begins to keep it.
    pub(in crate::handle) async fn start(
        state: &AppState,
        name: &str,
        folder: &Path,
    ) -> Result<Self, ProjectionError> {
        let missing = || {
            let text = format!("there is no workload `{name}`");
            ProjectionError::Workload(ConfigError::new(text))
        };
        let mut environment = environment(state, name).ok_or_else(missing)?;
        let now = state.clock().now();
        let first = token(state, name, now).await.ok_or_else(missing)?;
        let failed = |error| ProjectionError::File(folder.to_owned(), error);
        let token_file = write(folder, &first).map_err(failed)?;
        environment.push((
            "AZURE_FEDERATED_TOKEN_FILE",
            token_file.display().to_string(),
        ));
        let proxied = |name| workload(&state.directory().load(), name).is_some_and(|it| it.proxy);
        let proxy = if proxied(name) {
            let proxy = TokenProxy::start(state)
                .await
                .map_err(ProjectionError::Proxy)?;
            environment.extend(proxy.environment(name));
            let ca = place(folder, CA_NAME, proxy.ca_pem().as_bytes()).map_err(failed)?;
            environment.push(("AZURE_KUBERNETES_CA_FILE", ca.display().to_string()));
            Some(proxy)
        } else {
            None
        };
        let (told, written) = watch::channel(Span::of(&first));
        let keeper = Keeper {
            state: state.clone(),
            workload: name.to_owned(),
            folder: folder.to_owned(),
            told,
        };
        Ok(Self {
            environment,
            token_file,
            clock: state.clock().clone(),
            written,
            keeper: tokio::spawn(keeper.keep()),
            _proxy: proxy,
        })
    }

    /// What the workload finds in its environment: `AZURE_CLIENT_ID`, `AZURE_TENANT_ID`,
    /// `AZURE_AUTHORITY_HOST`, `AZURE_FEDERATED_TOKEN_FILE`; for one that has to ask through the
    /// token proxy also `AZURE_KUBERNETES_TOKEN_PROXY`, `AZURE_KUBERNETES_SNI_NAME` and
    /// `AZURE_KUBERNETES_CA_FILE`, of a proxy that runs until this is dropped.
    pub fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }

    /// The file with the token of the service account, without a line break at its end.
    pub fn token_file(&self) -> &Path {
        &self.token_file
    }

    /// Waits until the file has a token that the clock, as it is set now, lets stay: after the
    /// clock was moved, the old one may be there for another moment.
    pub async fn settled(&self) {
        let mut written = self.written.clone();
        let stays = |span: &Span| (span.made..span.renewal).contains(&self.clock.now());
        // Without a keeper nothing changes any more.
        drop(written.wait_for(stays).await);
    }
}

impl Drop for Projection {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl fmt::Debug for Projection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Projection")
            .field("token_file", &self.token_file)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ProjectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workload(error) => error.fmt(f),
            Self::File(path, error) => write!(f, "cannot write to {}: {error}", path.display()),
            Self::Proxy(error) => write!(f, "no port for the token proxy: {error}"),
        }
    }
}

impl std::error::Error for ProjectionError {}

impl Span {
    fn of(token: &Token) -> Self {
        Self {
            made: token.made,
            renewal: token.renewal,
        }
    }
}

struct Keeper {
    state: AppState,
    workload: String,
    folder: PathBuf,
    told: watch::Sender<Span>,
}

impl Keeper {
    /// A workload that is taken out of the world keeps its last token.
    async fn keep(self) {
        loop {
            let Span { made, renewal } = *self.told.borrow();
            self.state.clock().leaves(made..renewal).await;
            let now = self.state.clock().now();
            let Some(next) = token(&self.state, &self.workload, now).await else {
                return;
            };
            let span = match write(&self.folder, &next) {
                Ok(_) => Span::of(&next),
                // The next try is a while from now; the old token is good until then.
                Err(_) => Span {
                    made: now,
                    renewal: now + RETRY,
                },
            };
            self.told.send_replace(span);
        }
    }
}

const RETRY: time::Duration = time::Duration::seconds(10);

/// The name that the webhook gives it.
const NAME: &str = "azure-identity-token";
/// That of the token proxy's authority.
const CA_NAME: &str = "ca.crt";

fn write(folder: &Path, token: &Token) -> io::Result<PathBuf> {
    place(folder, NAME, token.value.as_bytes())
}
