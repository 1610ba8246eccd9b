//! The keys and certificates made once for a run.

use std::path::{Path, PathBuf};

use identity_emulator::{Emulator, IssuerKeys, Pki, SigningKey, World};

use crate::error::Fault;

/// The keys and certificates that all worlds of a run share, because making them takes longer than
/// a case.
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
            let path = self.worlds.join(format!("{name}.toml"));
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Fault::new(format!("{}: {error}", path.display())))?;
            let config = World::from_toml(&text, &path.display().to_string())
                .map_err(|error| Fault::new(error.to_string()))?;
            builder = builder.world(config);
        }
        builder
            .start()
            .await
            .map_err(|error| Fault::new(format!("the emulator does not start: {error}")))
    }
}
