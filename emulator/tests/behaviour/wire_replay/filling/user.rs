//! What has to be done by a user first.

use std::time::Duration;

use super::super::super::support::{Answer, encoded, get, post, send};
use super::facts::{ALICE, CHALLENGE, TENANT};
use super::{Filling, member};

impl Filling<'_> {
    /// Cookies of a browser in which Alice has signed in.
    pub(in super::super) async fn session(&self) -> Result<String, String> {
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

    /// A code for the client: with a challenge if the request has the verifier.
    pub(super) async fn code(&self, client: &str) -> Result<String, String> {
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

    pub(super) async fn device_code(&self, state: &str) -> Result<String, String> {
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

/// Where each client has its codes sent.
pub(super) fn redirect_uri(client: &str) -> &'static str {
    match client {
        "portal" => "http://localhost/callback",
        "spa" => "http://localhost:3000",
        _ => "http://localhost:8400",
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
