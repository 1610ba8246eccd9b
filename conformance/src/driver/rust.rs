//! The driver for this workspace's `identity` crate: the same code in process and as a process.

mod build;
mod capability;
mod clock;
mod translate;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use identity::context::{NoEncryption, ReqwestTransport, StaticEnv};
use identity::{Context, Error, Options, TokenCredential};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use self::capability::{CAN, missing};
use self::clock::ClockAhead;
use self::translate::{failure, token, token_request};
use self::users::Prompts;
use crate::driver::mount::{Mount, MountedFiles};
use crate::protocol::{
    About, Ask, Credential, Failure, FailureKind, Prompt, Reply, Request, Token,
};

/// Answers requests with our own crate.
#[derive(Debug)]
pub struct RustDriver {
    context: Context,
    clock: ClockAhead,
    credential: Option<Arc<dyn TokenCredential>>,
    prompts: Prompts,
    /// Whether the environment of a case is that of this process.
    own_process: bool,
}

impl RustDriver {
    /// A driver that sees the environment of the process, and the prompts of its credentials.
    pub fn new() -> (Self, UnboundedReceiver<Prompt>) {
        let (sender, prompts) = unbounded_channel();
        let clock = ClockAhead::default();
        let mut context = Context::system();
        context.clock = Arc::new(clock.clone());
        context.browser = Arc::new(Prompts(sender.clone()));
        let driver = Self {
            context,
            clock,
            credential: None,
            prompts: Prompts(sender),
            own_process: true,
        };
        (driver, prompts)
    }

    /// A driver that sees this environment instead, and folders at other places.
    pub fn with_environment(
        environment: &BTreeMap<String, String>,
        mounts: &[Mount],
    ) -> (Self, UnboundedReceiver<Prompt>) {
        let (mut driver, prompts) = Self::new();
        driver.own_process = false;
        // The keyring of whoever runs the cases is none of their business.
        driver.context.encryption = Arc::new(NoEncryption);
        if !mounts.is_empty() {
            driver.context.files = Arc::new(MountedFiles(mounts.to_vec()));
        }
        let pairs = environment
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        driver.context.env = Arc::new(pairs.collect::<StaticEnv>());
        driver.trust(environment.get("SSL_CERT_FILE").map(String::as_str));
        (driver, prompts)
    }

    /// Answers one request.
    pub async fn answer(&mut self, request: &Request) -> Reply {
        let reply = Reply {
            id: request.id(),
            ..Reply::default()
        };
        match request {
            Request::Hello { .. } => Reply {
                driver: Some(About {
                    name: "identity".to_owned(),
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    language: "rust".to_owned(),
                }),
                can: Some(self.can()),
                ..reply
            },
            Request::Token { ask, .. } | Request::Tokens { ask, .. }
                if ask
                    .credential
                    .as_ref()
                    .is_some_and(|credential| missing(credential).is_some()) =>
            {
                Reply {
                    unsupported: ask.credential.as_ref().and_then(missing),
                    ..reply
                }
            }
            Request::Token { ask, .. } => match self.tokens(ask, 1).await {
                Ok(mut tokens) => Reply {
                    token: tokens.pop(),
                    ..reply
                },
                Err(failure) => Reply {
                    error: Some(failure),
                    ..reply
                },
            },
            Request::Later { seconds, .. } => {
                self.clock.put_forward(*seconds);
                reply
            }
            Request::Tokens { n, ask, .. } => match self.tokens(ask, *n).await {
                Ok(tokens) => Reply {
                    tokens: Some(tokens),
                    ..reply
                },
                Err(failure) => Reply {
                    error: Some(failure),
                    ..reply
                },
            },
        }
    }

    /// The capabilities of this driver. `proxy` is only among them in a process of its own, because
    /// the HTTP client reads the variables of a proxy from the environment of its process.
    fn can(&self) -> Vec<String> {
        let can = CAN.iter().map(|&name| name.to_owned());
        can.filter(|name| self.own_process || name != "proxy")
            .collect()
    }

    async fn tokens(&mut self, ask: &Ask, n: u32) -> Result<Vec<Token>, Failure> {
        if let Some(credential) = &ask.credential {
            self.credential = None;
            self.credential = Some(self.build(credential).map_err(|error| failure(&error))?);
        }
        let credential = self.credential.as_ref().ok_or_else(|| Failure {
            kind: FailureKind::Config,
            oauth: None,
            aadsts: Vec::new(),
            attempts: Vec::new(),
            text: "no credential was built yet".to_owned(),
        })?;
        let request = token_request(ask).map_err(|error| failure(&error))?;
        let calls = (0..n).map(|_| credential.get_token_with(&request));
        let results = join_all(calls).await;
        let tokens: Result<Vec<_>, _> = results.into_iter().collect();
        tokens
            .map(|tokens| tokens.iter().map(token).collect())
            .map_err(|error| failure(&error))
    }

    fn build(&mut self, described: &Credential) -> Result<Arc<dyn TokenCredential>, Error> {
        self.trust(described.ca_file());
        let user = users::credential(described, self.options(), &self.prompts);
        user.unwrap_or_else(|| build::credential(described, self.options()))
    }

    /// Adds a certificate authority; one that cannot be used shows as a failed connection.
    fn trust(&mut self, ca_file: Option<&str>) {
        let pem = ca_file.and_then(|path| std::fs::read(path).ok());
        let builder =
            pem.and_then(|pem| ReqwestTransport::builder().root_certificate_pem(&pem).ok());
        if let Some(transport) = builder.and_then(|builder| builder.build().ok()) {
            self.context.transport = Arc::new(transport);
        }
    }

    fn options(&self) -> Options {
        Options {
            context: self.context.clone(),
            ..Options::default()
        }
    }
}
