//! Where a test plays: an emulator, an application, and browsers.

use identity_chromium::{Browser, Scripts};
use identity_emulator::Emulator;
use url::form_urlencoded;

use crate::application;

pub(crate) const CONTOSO: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(crate) const PORTAL: &str = "bbbbbbbb-0000-4000-8000-000000000007";
pub(crate) const ORDERS: &str = "openid profile offline_access api://orders/Orders.Read";

pub(crate) struct Place {
    pub(crate) emulator: Emulator,
    /// Base URL of the application.
    pub(crate) app: String,
    pub(crate) http: reqwest::Client,
}

/// What came back to the application.
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn parse(text: &str) -> Self {
        Self(
            form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }
}

impl Place {
    pub(crate) async fn new() -> Self {
        let emulator = Emulator::builder().start().await.unwrap();
        let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).unwrap();
        let http = reqwest::Client::builder()
            .tls_certs_only([ca])
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            emulator,
            app: application::serve().await,
            http,
        }
    }

    pub(crate) async fn browser(&self, scripts: Scripts) -> Browser {
        Browser::start(self.emulator.ca_pem(), scripts).await
    }

    pub(crate) fn callback(&self) -> String {
        format!("{}/callback", self.app)
    }

    /// Where the portal sends a browser to sign in, with more or other fields.
    pub(crate) fn authorize(&self, more: &[(&str, &str)]) -> String {
        let callback = self.callback();
        let mut fields = vec![
            ("client_id", PORTAL),
            ("response_type", "code"),
            ("redirect_uri", callback.as_str()),
            ("scope", "openid profile"),
            ("state", "s1"),
        ];
        for (name, value) in more {
            fields.retain(|(key, _)| key != name);
            fields.push((name, value));
        }
        self.url(&format!("{CONTOSO}/oauth2/v2.0/authorize"), &fields)
    }

    pub(crate) fn url(&self, path: &str, fields: &[(&str, &str)]) -> String {
        format!("{}/{path}?{}", self.emulator.https(), encoded(fields))
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> serde_json::Value {
        let answer = self
            .http
            .post(format!("{}/{CONTOSO}/{path}", self.emulator.https()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(fields))
            .send()
            .await
            .unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}
