//! The addresses at which an emulator listens, and those it names in replies.

use crate::crypto::trust_files::TrustFiles;

/// The addresses of an emulator.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    /// Base URLs of the HTTPS listeners, the one that is told first.
    pub(crate) https: Vec<String>,
    /// Base URLs of the plain HTTP listeners, the one that is told first.
    pub(crate) http: Vec<String>,
    pub(crate) trust: Option<TrustFiles>,
    /// Path of all that is not found by its tenant: empty, or that of a sandbox.
    pub(crate) base: String,
}

impl Addresses {
    pub(crate) fn https(&self) -> &str {
        self.https.first().map_or("", String::as_str)
    }

    pub(crate) fn http(&self) -> &str {
        self.http.first().map_or("", String::as_str)
    }

    /// The address of `path`, which has no tenant in it, with TLS.
    pub(crate) fn secure(&self, path: &str) -> String {
        format!("{}{}{path}", self.https(), self.base)
    }

    /// The same places for a world that has what is not found by its tenant below `base`.
    pub(super) fn below(&self, base: &str) -> Self {
        let http = self.http.iter().map(|url| format!("{url}{base}"));
        Self {
            http: http.collect(),
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// The two that are told, then all others.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        [self.https(), self.http()].into_iter().chain(self.others())
    }

    pub(super) fn others(&self) -> impl Iterator<Item = &str> {
        let others = self.https.iter().skip(1).chain(self.http.iter().skip(1));
        others.map(String::as_str)
    }
}
