//! The keys and certificates made once for a run.

use std::path::PathBuf;

use identity_emulator::{Emulator, IssuerKeys, Pki, SigningKey, World};

use crate::driver::Patience;
use crate::error::Fault;

/// The keys and certificates that all worlds of a run share, because making them takes longer than
/// a case.
#[derive(Debug, Clone)]
pub struct Shared {
    pki: Pki,
    key: SigningKey,
    issuers: IssuerKeys,
    /// The folder of directories, or nothing for those that are built in.
    worlds: Option<PathBuf>,
    patience: Patience,
}

/// The path and the text of every directory of the checkout this program was built from.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/worlds.rs"));

impl Shared {
    /// A certificate authority and signing keys for one run; `worlds` is the folder with
    /// directories other than `basic`, or nothing for those that are built in.
    pub fn new(worlds: Option<PathBuf>) -> Self {
        Self {
            pki: Pki::generate(),
            key: SigningKey::generate(),
            issuers: IssuerKeys::generate(),
            worlds,
            patience: Patience::default(),
        }
    }

    /// The same keys and certificates, for worlds whose own limits of time are multiplied.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The factor for limits of time.
    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    /// The file name and the text of a directory.
    fn directory(&self, name: &str) -> Result<(String, String), Fault> {
        let file = format!("{name}.toml");
        if let Some(worlds) = &self.worlds {
            let path = worlds.join(&file);
            let text = std::fs::read_to_string(&path);
            let text = text.map_err(|error| Fault::new(format!("{}: {error}", path.display())))?;
            return Ok((path.display().to_string(), text));
        }
        let built_in = BUILT_IN.iter().find(|(path, _)| *path == file);
        let (path, text) = built_in
            .ok_or_else(|| Fault::new(format!("{file}: no directory of that name is built in")))?;
        Ok(((*path).to_owned(), (*text).to_owned()))
    }

    /// Starts an emulator with the directory of this name, `basic` unless said, that leaves the
    /// keys of an Azure Arc host in `arc_keys`.
    pub(super) async fn emulator(
        &self,
        directory: Option<&str>,
        arc_keys: PathBuf,
    ) -> Result<Emulator, Fault> {
        let mut builder = Emulator::builder()
            .pki(self.pki.clone())
            .signing_key(self.key.clone())
            .issuer_keys(self.issuers.clone())
            .arc_keys(arc_keys);
        if let Some(name) = directory.filter(|name| *name != "basic") {
            let (path, text) = self.directory(name)?;
            let config =
                World::from_toml(&text, &path).map_err(|error| Fault::new(error.to_string()))?;
            builder = builder.world(config);
        }
        builder
            .start()
            .await
            .map_err(|error| Fault::new(format!("the emulator does not start: {error}")))
    }
}
