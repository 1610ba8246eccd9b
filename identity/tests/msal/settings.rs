//! The settings that programs on one machine share.

use std::sync::Arc;

use identity::context::{
    Context, Encryption, NoEncryption, ReqwestTransport, StaticEnv, SystemEncryption,
};
use identity::{Options, TokenCachePersistenceOptions};
use serde_json::{Value, json};

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
            false => Arc::new(NoEncryption),
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
