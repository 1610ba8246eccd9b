//! The surroundings of a driver in one case: a fresh emulator, an empty HOME, a clean environment.

mod certificate;
mod command;
mod complete;
mod developer_cache;
mod exchange;
mod loopback;
mod proof;
mod shared;
mod user;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use identity_emulator::{Emulator, IdentityHost, Projection};
use tempfile::TempDir;

use self::loopback::Loopback;
pub use self::shared::Shared;
use crate::case::Placeholders;
use crate::case::{Case, CaseFile, Step, UserAct};
use crate::driver::Mount;
use crate::error::Fault;
use crate::observation::Exchange;
use crate::protocol::{Credential, Prompt};

/// The surroundings of one case; gone when dropped.
#[derive(Debug)]
pub struct World {
    emulator: Emulator,
    folder: TempDir,
    placeholders: Placeholders,
    environment: BTreeMap<String, String>,
    /// The pod the driver is in; its files are kept as long as this is there.
    pod: Option<Projection>,
    mounts: Vec<Mount>,
    /// The limit that the case sets for an answer.
    answer_limit: Duration,
    /// The client that does what a user's browser and the harness itself do.
    client: Loopback,
}

impl World {
    /// Starts a world without a case: the `basic` directory, no variables but the usual.
    ///
    /// # Errors
    /// The emulator or a folder cannot be made.
    pub async fn empty(shared: &Shared) -> Result<Self, Fault> {
        Self::start(shared, None).await
    }

    /// Starts the world of a case and gives the case as it is in it.
    ///
    /// # Errors
    /// The emulator or a file cannot be made, or the case cannot be used after all.
    pub async fn of_case(shared: &Shared, file: &CaseFile) -> Result<(Self, Case), Fault> {
        let mut world = Self::start(shared, file.case.world.directory.as_deref()).await?;
        let proofs = proof::issue_for(file, &world.emulator, world.client).await?;
        world.placeholders.extend(proofs);
        if let Some(host) = file.case.world.host {
            world.place_on(host);
        }
        let mut case = file.in_world(&world.placeholders)?;
        let script = world.emulator.script().extend(case.world.script.clone());
        script.map_err(|error| Fault::new(format!("{}: {error}", file.path().display())))?;
        if let Some(workload) = &case.world.workload {
            world.enter_pod(workload).await?;
        }
        world.answer_limit = Duration::from_secs(case.timeout_s);
        world.environment.extend(case.world.env.clone());
        world.write_files(&case.world.files)?;
        let programs = world.folder.path().join("bin");
        command::write(&case.world.command, &programs, &world.calls())?;
        for step in &mut case.steps {
            if let Step::Token { credential, .. } | Step::Tokens { credential, .. } = step {
                credential
                    .iter_mut()
                    .for_each(|credential| world.complete(credential));
            }
        }
        Ok((world, case))
    }

    async fn start(shared: &Shared, directory: Option<&str>) -> Result<Self, Fault> {
        let folder = tempfile::Builder::new()
            .prefix("conformance-")
            .tempdir()
            .map_err(io)?;
        let emulator = shared
            .emulator(directory, folder.path().join("keys"))
            .await?;
        Self::around(emulator, folder, Loopback::new(shared.patience()))
    }

    /// Makes HOME and the rest around an emulator that was started.
    fn around(emulator: Emulator, folder: TempDir, client: Loopback) -> Result<Self, Fault> {
        for name in ["home", "bin", "tmp", "certificates"] {
            std::fs::create_dir(folder.path().join(name)).map_err(io)?;
        }
        std::fs::write(folder.path().join("ca.pem"), emulator.ca_pem()).map_err(io)?;
        for (name, pem) in certificate::ALL {
            let path = folder.path().join("certificates").join(name);
            std::fs::write(path, pem).map_err(io)?;
        }
        let text = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let (https, http) = (emulator.https(), emulator.http());
        let mut placeholders = Placeholders::of_world(https, http, &text("home"), &text("ca.pem"));
        let certificate = |name: &str| text(&format!("certificates/{name}.pem"));
        placeholders.extend([
            ("certificate_file", certificate("daemon")),
            ("by_name_certificate_file", certificate("by_name")),
            ("stranger_certificate_file", certificate("stranger")),
        ]);
        placeholders.extend(in_an_hour(&emulator)?);
        let environment = [
            ("HOME", text("home")),
            ("PATH", text("bin")),
            ("TMPDIR", text("tmp")),
            ("LANG", "C.UTF-8".to_owned()),
            ("SSL_CERT_FILE", text("ca.pem")),
            ("REQUESTS_CA_BUNDLE", text("ca.pem")),
            ("NODE_EXTRA_CA_CERTS", text("ca.pem")),
        ];
        let environment = environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Ok(Self {
            emulator,
            folder,
            placeholders,
            environment,
            pod: None,
            mounts: Vec::new(),
            answer_limit: Duration::ZERO,
            client,
        })
    }

    async fn enter_pod(&mut self, workload: &str) -> Result<(), Fault> {
        let folder = self.folder.path().join("pod");
        let pod = self.emulator.project(workload, folder).await;
        let pod = pod.map_err(|error| Fault::new(error.to_string()))?;
        let variables = pod.environment().iter();
        let variables = variables.map(|(name, value)| ((*name).to_owned(), value.clone()));
        self.environment.extend(variables);
        self.pod = Some(pod);
        Ok(())
    }

    /// Makes the driver a program on `host`.
    fn place_on(&mut self, host: IdentityHost) {
        for (name, value) in self.emulator.environment(host) {
            if matches!(name, "IDENTITY_HEADER" | "MSI_SECRET") {
                self.placeholders.extend([("host_secret", value.clone())]);
            }
            self.environment.insert(name.to_owned(), value);
        }
        if host.name() == "arc" {
            self.mounts.push(Mount {
                place: "/var/opt/azcmagent/tokens".into(),
                folder: self.folder.path().join("keys"),
            });
        }
    }

    /// How long the case lets an answer take; an implementation's own limit may be longer.
    pub fn answer_limit(&self) -> Duration {
        self.answer_limit
    }

    /// The values of the placeholders in this world.
    pub fn placeholders(&self) -> &Placeholders {
        &self.placeholders
    }

    /// The whole environment of a driver.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// Folders a driver finds at other places.
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// A driver's working directory.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the world. Returns the requests to the emulator followed by the calls of programs, and
    /// the emulator's whole journal as JSON lines.
    ///
    /// Requests that were under way are included: their drivers have ended, and with them they did.
    pub async fn end(self) -> (Vec<Exchange>, String) {
        let journal = self.emulator.journal().clone();
        let calls = self.calls();
        self.emulator.stop().await;
        let requests = journal.entries().into_iter().map(exchange::of_entry);
        let exchanges = requests.chain(command::calls(&calls)).collect();
        let everything = identity_emulator::Filter::default();
        (exchanges, journal.json_lines(&everything))
    }

    /// The file in which programs log their calls.
    fn calls(&self) -> PathBuf {
        self.folder.path().join("calls")
    }

    /// Fills in the members of a credential that only the harness knows.
    pub fn complete(&self, credential: &mut Credential) {
        let ca = self.environment.get("SSL_CERT_FILE");
        complete::credential(credential, self.emulator.https(), ca);
    }

    /// Puts the emulator's clock forward.
    pub fn pass(&self, time: Duration) {
        self.emulator.clock().advance(time);
    }

    /// Reacts to a prompt as the user at the keyboard does.
    ///
    /// # Errors
    /// The prompt was wrong, or the emulator refused.
    pub async fn act(&self, act: &UserAct, prompt: &Prompt) -> Result<(), String> {
        user::act(&self.emulator, act, prompt, self.client).await
    }

    fn write_files(&self, files: &BTreeMap<String, String>) -> Result<(), Fault> {
        for (name, content) in files {
            let relative = Path::new(name);
            if !relative
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
            {
                return Err(Fault::new(format!("files: `{name}` must stay below HOME")));
            }
            let path = self.folder.path().join("home").join(relative);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(io)?;
            }
            std::fs::write(path, content).map_err(io)?;
        }
        Ok(())
    }
}

/// A moment an hour from now, as programs write it: in seconds since 1970, and as ISO 8601 has it.
fn in_an_hour(emulator: &Emulator) -> Result<[(&'static str, String); 2], Fault> {
    let moment = emulator.clock().now() + Duration::from_secs(3600);
    let format = &time::format_description::well_known::Rfc3339;
    let moment = moment.replace_nanosecond(0).unwrap_or(moment);
    let text = moment.format(format);
    let text = text.map_err(|error| Fault::new(format!("a time cannot be written: {error}")))?;
    let seconds = moment.unix_timestamp().to_string();
    Ok([("in_an_hour", seconds), ("in_an_hour_iso", text)])
}

fn io(error: std::io::Error) -> Fault {
    Fault::new(format!("a world cannot be made: {error}"))
}
