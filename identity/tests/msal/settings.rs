//! What our programs on one machine have in common.

use std::sync::Arc;

use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::{Context, Encryption, ReqwestTransport, StaticEnv, SystemEncryption};
use identity::{Options, TokenCachePersistenceOptions};
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub(crate) struct Settings {
    pub(crate) authority: String,
    pub(crate) ca_pem: String,
    pub(crate) home: String,
    pub(crate) encrypted: bool,
}

impl Settings {
    pub(crate) fn options(&self) -> Options {
        let trust = ReqwestTransport::builder()
            .root_certificate_pem(self.ca_pem.as_bytes())
            .unwrap();
        let encryption: Arc<dyn Encryption> = match self.encrypted {
            true => Arc::new(SystemEncryption),
            false => Arc::new(Nothing),
        };
        Options {
            authority_host: Some(self.authority.clone()),
            token_cache_persistence_options: Some(TokenCachePersistenceOptions {
                allow_unencrypted_storage: !self.encrypted,
                ..Default::default()
            }),
            context: Context {
                transport: Arc::new(trust.build().unwrap()),
                env: Arc::new(StaticEnv::from_iter([("HOME", &*self.home)])),
                encryption,
                ..Context::system()
            },
            ..Options::default()
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "authority": self.authority,
            "ca_pem": self.ca_pem,
            "home": self.home,
            "encrypted": self.encrypted,
        })
    }

    pub(crate) fn from_json(json: &Value) -> Self {
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        Self {
            authority: text("authority"),
            ca_pem: text("ca_pem"),
            home: text("home"),
            encrypted: json["encrypted"].as_bool().unwrap(),
        }
    }
}

/// A system that encrypts nothing.
#[derive(Debug)]
struct Nothing;

impl Encryption for Nothing {
    fn check(&self) -> BoxFuture<'_, std::io::Result<()>> {
        future::ready(Err(std::io::ErrorKind::Unsupported.into())).boxed()
    }

    fn is_in_file(&self) -> bool {
        true
    }

    fn load<'a>(
        &'a self,
        _: &'a str,
        _: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, std::io::Result<Option<Zeroizing<Vec<u8>>>>> {
        unreachable!("it says so")
    }

    fn save<'a>(
        &'a self,
        _: &'a str,
        _: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, std::io::Result<Option<Vec<u8>>>> {
        unreachable!("it says so")
    }
}
