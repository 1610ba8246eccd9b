//! What the names in braces stand for, and the sign-ins that some of them need first.

use std::collections::HashMap;
use std::time::Duration;

use identity_emulator::Emulator;
use serde_json::{Value, json};

use super::super::support::{Answer, encoded, get, post, send};
use super::assertion;
use super::fixture::Request;

const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const ALICE: &str = "alice@contoso.example";
// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Names whose value is a fact of the world.
const FACTS: &[(&str, &str)] = &[
    ("tenant", TENANT),
    ("fabrikam", "aaaaaaaa-0000-4000-8000-000000000002"),
    ("unknown_tenant", "aaaaaaaa-0000-4000-8000-0000000000ff"),
    ("daemon", "bbbbbbbb-0000-4000-8000-000000000001"),
    ("daemon_secret", "daemon-secret-for-tests-only"),
    ("orders", "bbbbbbbb-0000-4000-8000-000000000004"),
    ("orders_secret", "orders-secret-for-tests-only"),
    ("desktop", "bbbbbbbb-0000-4000-8000-000000000006"),
    ("azure_cli", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
    ("portal", "bbbbbbbb-0000-4000-8000-000000000007"),
    ("portal_secret", "portal-secret-for-tests-only"),
    ("spa", "bbbbbbbb-0000-4000-8000-000000000008"),
    ("alice", ALICE),
    ("alice_id", "eeeeeeee-0000-4000-8000-000000000001"),
    ("alice_password", "alice-password-for-tests-only"),
    ("mfa", "mfa@contoso.example"),
    ("mfa_password", "user-password-for-tests-only"),
    ("uuid", "12345678-9abc-4def-8123-456789abcdef"),
    ("verifier", VERIFIER),
    ("challenge", CHALLENGE),
];

/// Fills in the values of one request; what was signed in for once is used again.
pub(super) struct Filling<'a> {
    emulator: &'a Emulator,
    request: &'a Request,
    known: HashMap<String, String>,
}

impl<'a> Filling<'a> {
    pub(super) fn new(emulator: &'a Emulator, request: &'a Request) -> Self {
        let facts = FACTS.iter();
        let mut known: HashMap<String, String> = facts
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let authority = emulator.http().trim_start_matches("http://");
        let host = authority.split(':').next().unwrap_or_default();
        known.insert("authority".to_owned(), authority.to_owned());
        known.insert("authority_host".to_owned(), host.to_owned());
        Self {
            emulator,
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

    /// Cookies of a browser in which Alice has signed in.
    pub(super) async fn session(&self) -> Result<String, String> {
        let query = encoded(&[
            ("client_id", self.fact("desktop")),
            ("response_type", "code"),
            ("redirect_uri", redirect_uri("desktop")),
            ("scope", "openid"),
        ]);
        let path = format!("/{TENANT}/oauth2/v2.0/authorize?{query}");
        let mut page = get(self.emulator, &path).await;
        let mut jar = cookies(&page);
        // The name, then the password: each page has a token of its own for the next.
        while let Some(flow) = flow_token(&page.body) {
            let form = encoded(&[
                ("flowToken", flow),
                ("login", ALICE),
                ("passwd", self.fact("alice_password")),
            ]);
            let kind = "content-type: application/x-www-form-urlencoded";
            let cookie = format!("cookie: {}", jar.join("; "));
            let line = format!("POST /{TENANT}/login");
            page = send(self.emulator, &line, &[kind, &cookie], &form).await;
            jar.extend(cookies(&page));
        }
        if page.status == 302 {
            return Ok(jar.join("; "));
        }
        Err(format!("the sign-in ended with {}", page.status))
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

    /// A code for the client: with a challenge if the request has the verifier.
    async fn code(&self, client: &str) -> Result<String, String> {
        let scope = self.request.field("scope").unwrap_or_default();
        let mut query = vec![
            ("client_id", self.fact(client)),
            ("response_type", "code"),
            ("redirect_uri", redirect_uri(client)),
            ("scope", scope),
            ("state", "s"),
        ];
        if self.request.field("code_verifier").is_some() || client == "spa" {
            query.extend([
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ]);
        }
        let url = format!(
            "{}/{TENANT}/oauth2/v2.0/authorize?{}",
            self.emulator.https(),
            encoded(&query)
        );
        let answer = self.emulator.sign_in(&url, ALICE).await;
        let answer = answer.map_err(|error| format!("no code: {error}"))?;
        let error = answer.field("error_description").unwrap_or_default();
        answer
            .field("code")
            .ok_or_else(|| format!("no code: {error}"))
    }

    async fn device_code(&self, state: &str) -> Result<String, String> {
        let fields = [
            ("client_id", self.fact(&self.client()).to_owned()),
            (
                "scope",
                "https://vault.azure.net/.default openid profile offline_access".to_owned(),
            ),
        ];
        let fields = fields
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let answer = post(
            self.emulator,
            &format!("/{TENANT}/oauth2/v2.0/devicecode"),
            &fields,
        )
        .await;
        let code = answer.json();
        let user_code = member(&code, "user_code")?;
        let decided = match state {
            "approved" => self.emulator.approve_device(&user_code, ALICE).await,
            "declined" => self.emulator.decline_device(&user_code),
            "expired" => {
                self.emulator.clock().advance(Duration::from_secs(1000));
                Ok(())
            }
            _ => Ok(()),
        };
        decided.map_err(|error| format!("no device is {state}: {error}"))?;
        let device_code = member(&code, "device_code")?;
        if state == "again" {
            self.poll(&device_code).await;
        }
        Ok(device_code)
    }

    /// Asks for the device's token too early; the next poll is too soon after it.
    async fn poll(&self, device_code: &str) {
        let client = self.client();
        let fields = [
            ("grant_type", "device_code"),
            ("client_id", self.fact(&client)),
            ("device_code", device_code),
        ];
        // It is refused, which is what it is for.
        self.token(&fields, &[]).await.unwrap_err();
    }
}

fn flow_token(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("name=\"flowToken\" value=\"")?;
    rest.split('"').next()
}

/// What a browser sends back.
fn cookies(answer: &Answer) -> Vec<String> {
    let lines = answer.head.lines().filter_map(|line| line.split_once(": "));
    let set = lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let pairs = set.filter_map(|(_, value)| value.split(';').next());
    pairs.map(str::to_owned).collect()
}

/// Where each client has its codes sent.
fn redirect_uri(client: &str) -> &'static str {
    match client {
        "portal" => "http://localhost/callback",
        "spa" => "http://localhost:3000",
        _ => "http://localhost:8400",
    }
}

fn member(value: &Value, name: &str) -> Result<String, String> {
    let text = value[name].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("`{name}` is missing in {value}"))
}
