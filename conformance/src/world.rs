//! What is around a driver in one case: a fresh emulator, an empty HOME, a clean environment.

mod certificate;
mod command;
mod proof;
mod user;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use identity_emulator::{Emulator, IdentityHost, IssuerKeys, Pki, Projection, SigningKey};
use tempfile::TempDir;

use crate::case::{Case, CaseFile, Step, UserAct};
use crate::driver::Mount;
use crate::error::Fault;
use crate::observation::Exchange;
use crate::placeholder::Placeholders;
use crate::protocol::{Credential, Prompt};

/// What all worlds of a run share, because making it takes longer than a case.
#[derive(Debug, Clone)]
pub struct Shared {
    pki: Pki,
    key: SigningKey,
    issuers: IssuerKeys,
    worlds: PathBuf,
}

impl Shared {
    /// A certificate authority and signing keys for one run; `worlds` is the folder with
    /// directories other than `basic`.
    pub fn new(worlds: &Path) -> Self {
        Self {
            pki: Pki::generate(),
            key: SigningKey::generate(),
            issuers: IssuerKeys::generate(),
            worlds: worlds.to_owned(),
        }
    }
}

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
    patience: Duration,
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
        let proofs = proof::made_for(file, &world.emulator).await?;
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
        world.patience = Duration::from_secs(case.timeout_s);
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
        let mut builder = Emulator::builder()
            .pki(shared.pki.clone())
            .signing_key(shared.key.clone())
            .issuer_keys(shared.issuers.clone())
            .arc_keys(folder.path().join("keys"));
        if let Some(name) = directory.filter(|name| *name != "basic") {
            let path = shared.worlds.join(format!("{name}.toml"));
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Fault::new(format!("{}: {error}", path.display())))?;
            let config = identity_emulator::World::from_toml(&text, &path.display().to_string())
                .map_err(|error| Fault::new(error.to_string()))?;
            builder = builder.world(config);
        }
        let emulator = builder
            .start()
            .await
            .map_err(|error| Fault::new(format!("the emulator does not start: {error}")))?;
        Self::around(emulator, folder)
    }

    /// HOME and the rest, around an emulator that is there.
    fn around(emulator: Emulator, folder: TempDir) -> Result<Self, Fault> {
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
            patience: Duration::ZERO,
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

    /// How long a driver may take over an answer here, at least.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// What the names in a case stand for here.
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

    /// Ends the world. What the emulator saw and after that how programs were called, and all that
    /// the emulator tells of it as JSON lines.
    ///
    /// Requests that were under way are in it: their clients are gone, and so they are over.
    pub async fn end(self) -> (Vec<Exchange>, String) {
        let journal = self.emulator.journal().clone();
        let calls = self.calls();
        self.emulator.stop().await;
        let requests = journal.entries().into_iter().map(exchange);
        let exchanges = requests.chain(command::calls(&calls)).collect();
        let everything = identity_emulator::Filter::default();
        (exchanges, journal.json_lines(&everything))
    }

    /// Where programs note their calls.
    fn calls(&self) -> PathBuf {
        self.folder.path().join("calls")
    }

    /// Fills in what the harness knows and a case does not say. Credentials that read the
    /// environment find the authority there, or the case would not show that they do. Instance
    /// discovery is on only for an authority that the case names.
    pub fn complete(&self, credential: &mut Credential) {
        let ca = self.environment.get("SSL_CERT_FILE");
        if let Some(entra) = credential.entra_mut() {
            let here = || self.emulator.https().to_owned();
            entra.disable_instance_discovery = entra.authority.is_none();
            entra.authority.get_or_insert_with(here);
            entra.ca_file = ca.cloned();
        }
        match credential {
            Credential::Environment {
                ca_file,
                disable_instance_discovery,
            }
            | Credential::Default {
                ca_file,
                disable_instance_discovery,
                ..
            } => {
                *ca_file = ca.cloned();
                *disable_instance_discovery = true;
            }
            Credential::WorkloadIdentity(workload) => {
                workload.ca_file = ca.cloned();
                workload.disable_instance_discovery = true;
            }
            Credential::SharedTokenCache(cache) | Credential::VisualStudioCode(cache) => {
                cache.authority = Some(self.emulator.https().to_owned());
                cache.ca_file = ca.cloned();
                cache.disable_instance_discovery = true;
            }
            Credential::Chained { credentials } => {
                credentials
                    .iter_mut()
                    .for_each(|member| self.complete(member));
            }
            _ => {}
        }
    }

    /// Lets time pass for the emulator.
    pub fn pass(&self, time: Duration) {
        self.emulator.clock().advance(time);
    }

    /// What the user at the keyboard does when a library asks for one.
    ///
    /// # Errors
    /// Why that led to nothing: the prompt was wrong, or the emulator refused.
    pub async fn act(&self, act: &UserAct, prompt: &Prompt) -> Result<(), String> {
        user::act(&self.emulator, act, prompt).await
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

fn exchange(entry: identity_emulator::Entry) -> Exchange {
    let findings = entry
        .findings
        .into_iter()
        .map(|finding| (finding.rule, finding.text));
    Exchange {
        endpoint: entry.endpoint,
        at_ms: milliseconds(&entry.at),
        method: entry.method,
        path: entry.path,
        query: entry.query,
        headers: entry.headers,
        form: entry.form,
        option: Vec::new(),
        status: entry.status,
        body: entry.reply_body,
        issued: entry
            .issued
            .into_iter()
            .map(|issued| issued.sha256)
            .collect(),
        scripted: entry.scripted,
        findings: findings.collect(),
    }
}

/// An RFC 3339 time as milliseconds since 1970; 0 for anything else.
fn milliseconds(text: &str) -> u64 {
    let format = &time::format_description::well_known::Rfc3339;
    let nanoseconds = time::OffsetDateTime::parse(text, format).map(|at| at.unix_timestamp_nanos());
    nanoseconds.map_or(0, |nanoseconds| {
        u64::try_from(nanoseconds / 1_000_000).unwrap_or(0)
    })
}

fn io(error: std::io::Error) -> Fault {
    Fault::new(format!("a world cannot be made: {error}"))
}
