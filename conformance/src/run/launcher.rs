//! The launcher of an implementation that is installed.

use std::path::{Path, PathBuf};

use crate::driver::{Driver, InProcess, Patience, ProcessDriver, Spawn, mount};
use crate::error::Fault;
use crate::implementation::{Implementation, Kind};
use crate::protocol::{About, Reply, Request, VERSION};
use crate::world::{Shared, World};

/// An implementation that is installed and can be started for a case.
#[derive(Debug, Clone)]
pub struct Launcher {
    /// The implementation.
    pub implementation: Implementation,
    /// Its command line, placeholders filled in; empty for one in process.
    pub command: Vec<String>,
    /// Its own environment variables, filled in too.
    pub environment: Vec<(String, String)>,
    /// The factor for its limits of time.
    pub patience: Patience,
}

impl Launcher {
    /// Fills in the placeholders of `impl.toml`.
    ///
    /// # Errors
    /// This program's own path cannot be found.
    pub fn new(
        implementation: Implementation,
        impls: Option<&Path>,
        prepared: PathBuf,
    ) -> Result<Self, Fault> {
        let this = std::env::current_exe()
            .map_err(|error| Fault::new(format!("this program cannot be found: {error}")))?;
        let fill = |text: &String| {
            text.replace("{self}", &this.to_string_lossy())
                .replace(
                    "{impls}",
                    &impls.unwrap_or_else(|| Path::new("")).to_string_lossy(),
                )
                .replace("{prepared}", &prepared.to_string_lossy())
        };
        let command = implementation.spec.command.iter().map(&fill).collect();
        let environment = implementation
            .spec
            .env
            .iter()
            .map(|(name, value)| (name.clone(), fill(value)));
        let environment = environment.collect();
        Ok(Self {
            implementation,
            command,
            environment,
            patience: Patience::default(),
        })
    }

    /// Starts a driver in a world.
    ///
    /// # Errors
    /// Its program cannot be started.
    pub fn start(&self, world: &World) -> Result<Box<dyn Driver>, Fault> {
        let timeout = world.answer_limit().max(self.implementation.spec.timeout());
        let timeout = self.patience.limit(timeout);
        let mut environment = world.environment().clone();
        let given = self.implementation.given.as_ref();
        if let (Some(given), Some(path)) = (given, environment.get_mut("PATH")) {
            // The programs of the case come first.
            *path = format!("{path}:{}", given.programs.as_str());
        }
        environment.extend(self.environment.iter().cloned());
        Ok(match self.implementation.spec.kind {
            Kind::InProcess => Box::new(InProcess::new(&environment, world.mounts(), timeout)),
            Kind::Process => Box::new(ProcessDriver::start(&Spawn {
                command: self.command.clone(),
                environment,
                mounts: world.mounts().to_vec(),
                folder: self.folder(world).to_owned(),
                timeout,
            })?),
        })
    }

    /// The working folder of the driver. For one on the command line it is the caller's, so that
    /// relative paths among its arguments keep their meaning.
    fn folder<'a>(&'a self, world: &'a World) -> &'a Path {
        match self.implementation.given {
            Some(_) => &self.implementation.folder,
            None => world.folder(),
        }
    }

    /// Asks a driver who it is and what it can do. A capability that takes mounts is dropped where
    /// a process cannot have mounts of its own.
    ///
    /// # Errors
    /// It cannot be started or does not answer as it should.
    pub async fn hello(&self, shared: &Shared) -> Result<(About, Vec<String>), Fault> {
        let world = World::empty(shared).await?;
        let mut driver = self.start(&world)?;
        let reply = driver
            .call(&Request::Hello {
                id: 1,
                version: VERSION,
            })
            .await;
        let exit = driver.finish().await;
        match reply {
            Ok(Reply {
                driver: Some(about),
                can: Some(mut can),
                ..
            }) => {
                if self.implementation.spec.kind == Kind::Process && !mount::possible() {
                    can.retain(|capability| capability != "host.arc");
                }
                Ok((about, can))
            }
            Ok(_) => Err(self.fault("it does not say who it is", &exit.stderr)),
            Err(ending) => Err(self.fault(ending.text(), &exit.stderr)),
        }
    }

    fn fault(&self, text: &str, stderr: &str) -> Fault {
        let name = &self.implementation.name;
        Fault::new(format!(
            "the driver of {name} does not answer hello: {text}\n{stderr}"
        ))
    }
}
