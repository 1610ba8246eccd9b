//! What the names in braces stand for, and the sign-ins that some of them need first.

mod facts;
mod host;
mod user;

use std::collections::HashMap;
use std::path::Path;

use identity_emulator::Emulator;
use serde_json::{Value, json};

use super::super::support::{encoded, send};
use super::assertion;
use super::fixture::Request;
use super::world::Place;
use facts::{ALICE, FACTS, TENANT, VERIFIER};
use user::redirect_uri;

/// Fills in the values of one request; what was signed in for once is used again.
pub(super) struct Filling<'a> {
    emulator: &'a Emulator,
    keys: &'a Path,
    request: &'a Request,
    known: HashMap<String, String>,
}

impl<'a> Filling<'a> {
    pub(super) fn new(place: &'a Place, request: &'a Request) -> Self {
        let emulator = &place.emulator;
        let facts = FACTS.iter();
        let mut known: HashMap<String, String> = facts
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let authority = emulator.http().trim_start_matches("http://");
        let host = authority.split(':').next().unwrap_or_default();
        known.insert("authority".to_owned(), authority.to_owned());
        known.insert("authority_host".to_owned(), host.to_owned());
        known.extend(host::facts(emulator));
        Self {
            emulator,
            keys: place.keys.path(),
            request,
            known,
        }
    }

    /// The text with every name filled in; braces of JSON stay.
    pub(super) async fn fill(&mut self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let name = after.split('}').next().unwrap_or_default();
            if name.starts_with(|c: char| c.is_ascii_lowercase()) {
                filled.push_str(&self.value(name).await?);
                rest = &after[name.len() + 1..];
            } else {
                filled.push('{');
                rest = after;
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    async fn value(&mut self, name: &str) -> Result<String, String> {
        if let Some(value) = self.known.get(name) {
            return Ok(value.clone());
        }
        let value = match name.split_once(' ').unwrap_or((name, "")) {
            ("assertion", style) => self.assertion(style),
            ("federated", state) => self.federated(state).await?,
            ("user_token", _) => self.user_token().await?,
            ("code", _) => self.code(&self.client()).await?,
            ("device_code", state) => self.device_code(state).await?,
            ("arc_key", _) => host::key(self.emulator, self.keys).await?,
            ("refresh_token", _) => self.refresh_token().await?,
            _ => return Err(format!("nothing is called {{{name}}}")),
        };
        self.known.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    /// The name or id of the client, without braces.
    fn client(&self) -> String {
        let client = self.request.field("client_id").unwrap_or_default();
        client.trim_matches(['{', '}']).to_owned()
    }

    fn fact<'b>(&'b self, name: &'b str) -> &'b str {
        self.known.get(name).map_or(name, String::as_str)
    }

    fn assertion(&self, style: &str) -> String {
        let audience = format!("{}/{TENANT}/oauth2/v2.0/token", self.emulator.https());
        let now = self.emulator.clock().now().unix_timestamp();
        assertion::signed(style, self.fact(&self.client()), &audience, now)
    }

    async fn federated(&self, state: &str) -> Result<String, String> {
        let now = self.emulator.clock().now().unix_timestamp();
        let claims = match state {
            "expired" => json!({ "nbf": now - 1200, "iat": now - 1200, "exp": now - 600 }),
            _ => json!({}),
        };
        let order = json!({ "subject": "system:serviceaccount:default:daemon", "claims": claims });
        let json = "content-type: application/json";
        let line = "POST /_emulator/issuers/aks/token";
        let answer = send(self.emulator, line, &[json], &order.to_string()).await;
        member(&answer.json(), "token")
    }

    /// A token of Alice for the API in the middle.
    async fn user_token(&self) -> Result<String, String> {
        let token = self.password("desktop", "api://orders/Orders.Read").await?;
        member(&token, "access_token")
    }

    async fn refresh_token(&self) -> Result<String, String> {
        let client = self.client();
        let tokens = match client.as_str() {
            "portal" | "spa" => self.redeemed(&client).await?,
            "orders" => self.on_behalf_of().await?,
            _ => {
                self.password(&client, "openid profile offline_access")
                    .await?
            }
        };
        member(&tokens, "refresh_token")
    }

    async fn password(&self, client: &str, scope: &str) -> Result<Value, String> {
        let fields = [
            ("grant_type", "password"),
            ("client_id", self.fact(client)),
            ("username", ALICE),
            ("password", self.fact("alice_password")),
            ("scope", scope),
        ];
        self.token(&fields, &[]).await
    }

    async fn on_behalf_of(&self) -> Result<Value, String> {
        let assertion = self.user_token().await?;
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("requested_token_use", "on_behalf_of"),
            ("client_id", self.fact("orders")),
            ("client_secret", self.fact("orders_secret")),
            ("assertion", &assertion),
            ("scope", "https://vault.azure.net/.default offline_access"),
        ];
        self.token(&fields, &[]).await
    }

    async fn redeemed(&self, client: &str) -> Result<Value, String> {
        let code = self.code(client).await?;
        let secret = format!("{client}_secret");
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.fact(client)),
            ("redirect_uri", redirect_uri(client)),
            ("code", &code),
        ];
        if client == "spa" {
            fields.push(("code_verifier", VERIFIER));
            return self
                .token(&fields, &["origin: http://localhost:3000"])
                .await;
        }
        fields.push(("client_secret", self.fact(&secret)));
        self.token(&fields, &[]).await
    }

    async fn token(&self, fields: &[(&str, &str)], headers: &[&str]) -> Result<Value, String> {
        let mut all = vec!["content-type: application/x-www-form-urlencoded"];
        all.extend(headers);
        let line = format!("POST /{TENANT}/oauth2/v2.0/token");
        let answer = send(self.emulator, &line, &all, &encoded(fields)).await;
        if answer.status != 200 {
            return Err(format!("no token to begin with: {}", answer.body));
        }
        Ok(answer.json())
    }
}

fn member(value: &Value, name: &str) -> Result<String, String> {
    let text = value[name].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("`{name}` is missing in {value}"))
}
