//! `smoke`: checks a driver alone, before anybody blames the library behind it.

mod question;

use clap::Args;

use self::question::Question;
use super::driver_args::DriverArgs;
use super::print;
use crate::driver::Driver;
use crate::error::Fault;
use crate::observation::Ending;
use crate::protocol::{Ask, CAPABILITIES, Credential, Entra, Reply, Request, VERSION};
use crate::world::{Shared, World};

#[derive(Debug, Args)]
pub(super) struct SmokeArgs {
    /// Seconds one answer may take.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    timeout: u64,
    #[command(flatten)]
    driver: DriverArgs,
}

/// Sends a driver the requests of the protocol and prints one line for each.
pub(super) async fn smoke(args: &SmokeArgs) -> Result<u8, Fault> {
    let shared = Shared::new(None).with_patience(args.driver.patience);
    let world = World::empty(&shared).await?;
    let mut launcher = args.driver.launcher(None)?;
    launcher.implementation.spec.timeout_s = args.timeout;
    let imds = fill(&world, "{imds}")?;
    let variable = "AZURE_POD_IDENTITY_AUTHORITY_HOST".to_owned();
    // First, so that --env can name another.
    launcher.environment.insert(0, (variable, imds));
    let driver = launcher.start(&world)?;
    let mut smoke = Smoke {
        world: &world,
        driver,
        id: 0,
        failed: false,
    };
    smoke.questions().await?;
    let failed = smoke.finish().await;
    print(if failed {
        "the driver is not ready yet\n"
    } else {
        "the driver is ready\n"
    });
    Ok(u8::from(failed))
}

struct Smoke<'a> {
    world: &'a World,
    driver: Box<dyn Driver>,
    id: u64,
    failed: bool,
}

impl Smoke<'_> {
    async fn questions(&mut self) -> Result<(), Fault> {
        let hello = Request::Hello {
            id: 0,
            version: VERSION,
        };
        let reply = self.ask(&question::HELLO, hello, |_| Ok(())).await;
        let Some(can) = reply.and_then(|reply| reply.can) else {
            return Ok(());
        };
        let known = |name: &String| CAPABILITIES.iter().any(|(known, _)| known == name);
        match can.iter().find(|name| !known(name)) {
            None => self.say(&question::CAPABILITIES, Ok(())),
            Some(name) => {
                let text = format!("`{name}` is none of the protocol's capabilities");
                self.say(&question::CAPABILITIES, Err(text));
            }
        }
        if can.iter().any(|name| name == "credential.client_secret") {
            self.client_secret().await?;
        }
        if ["credential.managed_identity", "imds.endpoint_override"]
            .iter()
            .all(|need| can.iter().any(|name| name == need))
        {
            let identity = Credential::ManagedIdentity {
                client_id: None,
                object_id: None,
                resource_id: None,
            };
            self.token(&question::MANAGED_IDENTITY, Some(identity))
                .await;
        }
        Ok(())
    }

    async fn client_secret(&mut self) -> Result<(), Fault> {
        let right = self.secret("{client_secret}")?;
        self.token(&question::CLIENT_SECRET, Some(right)).await;
        self.token(&question::SAME_CREDENTIAL, None).await;
        let wrong = self.secret("not-the-secret")?;
        let request = Request::Token {
            id: 0,
            ask: ask(Some(wrong)),
        };
        let rejected = |reply: &Reply| match &reply.error {
            None => Err("it says there is a token".to_owned()),
            Some(failure) if failure.text.contains("not-the-secret") => {
                Err("the error text shows the secret".to_owned())
            }
            Some(failure) if failure.aadsts != [7_000_215] => Err(format!(
                "aadsts should be [7000215], is {:?}",
                failure.aadsts
            )),
            Some(_) => Ok(()),
        };
        self.ask(&question::WRONG_SECRET, request, rejected).await;
        Ok(())
    }

    fn secret(&self, client_secret: &str) -> Result<Credential, Fault> {
        let mut credential = Credential::ClientSecret(Box::new(Entra {
            tenant_id: fill(self.world, "{tenant}")?,
            client_id: fill(self.world, "{client_id}")?,
            client_secret: Some(fill(self.world, client_secret)?),
            ..Entra::default()
        }));
        self.world.complete(&mut credential);
        Ok(credential)
    }

    async fn token(&mut self, question: &Question, credential: Option<Credential>) {
        let request = Request::Token {
            id: 0,
            ask: ask(credential),
        };
        let token = |reply: &Reply| match (&reply.token, &reply.error) {
            (Some(token), _) if token.expires_on < 1_000_000_000 => Err(format!(
                "expires_on {} is not in seconds since 1970",
                token.expires_on
            )),
            (Some(_), _) => Ok(()),
            (None, Some(failure)) => Err(format!("{}: {}", failure.kind.as_str(), failure.text)),
            (None, None) => Err("there is no token".to_owned()),
        };
        self.ask(question, request, token).await;
    }

    async fn ask(
        &mut self,
        question: &Question,
        request: Request,
        judge: impl Fn(&Reply) -> Result<(), String>,
    ) -> Option<Reply> {
        self.id += 1;
        let request = numbered(request, self.id);
        let reply = self.driver.call(&request).await;
        let verdict = match &reply {
            Ok(reply) => judge(reply),
            Err(Ending::Unsupported(name)) => Err(format!("it cannot do `{name}` after all")),
            Err(ending) => Err(ending.text().to_owned()),
        };
        self.say(question, verdict);
        reply.ok()
    }

    fn say(&mut self, question: &Question, verdict: Result<(), String>) {
        match verdict {
            Ok(()) => print(&format!("ok      {}\n", question.what)),
            Err(text) => {
                self.failed = true;
                print(&question.failed(&text));
            }
        }
    }

    async fn finish(self) -> bool {
        let exit = self.driver.finish().await;
        let mut failed = self.failed;
        match &exit.ending {
            None => print(&format!("ok      {}\n", question::END.what)),
            Some(ending) => {
                failed = true;
                print(&question::END.failed(ending.text()));
            }
        }
        if failed && !exit.stderr.trim().is_empty() {
            print(&format!("its stderr:\n{}\n", exit.stderr.trim_end()));
        }
        failed
    }
}

fn ask(credential: Option<Credential>) -> Ask {
    let scopes = vec!["https://vault.azure.net/.default".to_owned()];
    Ask {
        credential,
        scopes,
        ..Ask::default()
    }
}

fn numbered(request: Request, id: u64) -> Request {
    match request {
        Request::Hello { version, .. } => Request::Hello { id, version },
        Request::Token { ask, .. } => Request::Token { id, ask },
        Request::Tokens { n, ask, .. } => Request::Tokens { id, n, ask },
        Request::Later { seconds, .. } => Request::Later { id, seconds },
    }
}

fn fill(world: &World, text: &str) -> Result<String, Fault> {
    world
        .placeholders()
        .fill(text)
        .map_err(|error| Fault::new(error.to_string()))
}
