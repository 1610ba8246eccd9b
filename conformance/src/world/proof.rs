//! The proofs of identity that a case uses: assertions, tokens of users, codes. Each is made only
//! for a case that mentions it.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use identity_emulator::{Emulator, World};
use serde_json::{Value, json};

use super::developer_cache;
use super::loopback::{HttpReply, Loopback};
use crate::case::{CaseFile, Placeholders};
use crate::error::Fault;

/// Makes the proofs a case mentions and returns their names and values. The journal is cleared
/// after that, so that it has only the driver's requests.
pub(super) async fn issue_for(
    file: &CaseFile,
    emulator: &Emulator,
    client: Loopback,
) -> Result<Vec<(&'static str, String)>, Fault> {
    let issuer = ProofIssuer {
        emulator,
        client,
        facts: Placeholders::stand_ins(),
    };
    let mut proofs = Vec::new();
    for name in NAMES {
        if file.mentions(name) {
            let value = issuer.issue(name).await?;
            if name == "developer_cache" {
                proofs.extend(developer_cache::secret_of(&value));
            }
            proofs.push((name, value));
        }
    }
    emulator.journal().clear();
    Ok(proofs)
}

const NAMES: [&str; 8] = [
    "assertion",
    "expired_assertion",
    "lasting_assertion",
    "federated_token",
    "user_token",
    "foreign_user_token",
    "authorization_code",
    "developer_cache",
];

struct ProofIssuer<'a> {
    emulator: &'a Emulator,
    client: Loopback,
    facts: Placeholders,
}

impl ProofIssuer<'_> {
    async fn issue(&self, name: &str) -> Result<String, Fault> {
        match name {
            "assertion" => self.assertion(600),
            "lasting_assertion" => self.assertion(7200),
            "expired_assertion" => self.assertion(-600),
            "federated_token" => self.federated().await,
            "user_token" => self.user_token("api://orders/Orders.Read").await,
            "foreign_user_token" => {
                self.user_token("https://graph.microsoft.com/User.Read")
                    .await
            }
            "authorization_code" => self.code().await,
            "developer_cache" => self.developer_cache().await,
            _ => Err(Fault::new(format!("there is no proof called {name}"))),
        }
    }

    /// An assertion of `daemon` about itself that ends so many seconds from now.
    fn assertion(&self, ends_in: i64) -> Result<String, Fault> {
        let certificate = pem("CERTIFICATE")?;
        let thumbprint = digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate);
        let header = json!({
            "alg": "RS256",
            "typ": "JWT",
            "x5t": URL_SAFE_NO_PAD.encode(thumbprint),
        });
        let client_id = self.fact("{client_id}")?;
        let now = self.emulator.clock().now().unix_timestamp();
        let claims = json!({
            "aud": self.fact(&format!("{}/{{tenant}}/oauth2/v2.0/token", self.emulator.https()))?,
            "iss": client_id,
            "sub": client_id,
            "jti": uuid::Uuid::new_v4(),
            "nbf": now + ends_in.min(600) - 600,
            "exp": now + ends_in,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        Ok(format!("{message}.{}", signature(&message)?))
    }

    /// A token of the cluster that the directory knows as `aks`, about the workload of `daemon`.
    async fn federated(&self) -> Result<String, Fault> {
        let url = format!("{}/_emulator/issuers/aks/token", self.emulator.http());
        let order = json!({ "subject": "system:serviceaccount:default:daemon" });
        let reply = self.client.post_json(&url, &order).await;
        member(reply, "token")
    }

    /// An access token of Alice for the API with this scope.
    async fn user_token(&self, scope: &str) -> Result<String, Fault> {
        let client_id = self.fact("{desktop_client_id}")?;
        member(self.sign_in(&client_id, scope).await?, "access_token")
    }

    /// Redeems Alice's password at the token service and returns the answer.
    async fn sign_in(
        &self,
        client_id: &str,
        scope: &str,
    ) -> Result<std::io::Result<HttpReply>, Fault> {
        let fields = [
            ("grant_type", "password"),
            ("client_id", client_id),
            ("username", &self.fact("{alice}")?),
            ("password", &self.fact("{alice_password}")?),
            ("scope", scope),
        ];
        let url = format!("{}/{{tenant}}/oauth2/v2.0/token", self.emulator.http());
        Ok(self.client.post(&self.fact(&url)?, &fields).await)
    }

    /// A code for the web application `portal`, of a sign-in of Alice.
    async fn code(&self) -> Result<String, Fault> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.fact("{portal_client_id}")?)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &self.fact("{portal_redirect_uri}")?)
            .append_pair(
                "scope",
                "https://graph.microsoft.com/User.Read openid offline_access",
            )
            .finish();
        let url = format!(
            "{}/{{tenant}}/oauth2/v2.0/authorize?{query}",
            self.emulator.https()
        );
        let answer = self
            .emulator
            .sign_in(&self.fact(&url)?, &self.fact("{alice}")?)
            .await;
        let answer = answer.map_err(|error| Fault::new(format!("no code: {error}")))?;
        let code = answer.field("code");
        code.ok_or_else(|| Fault::new("a sign-in ended without a code"))
    }

    /// The token cache of a developer tool that Alice is signed in to.
    async fn developer_cache(&self) -> Result<String, Fault> {
        let scope = "https://management.azure.com/.default offline_access";
        let reply = self.sign_in(developer_cache::TOOL, scope).await?;
        let refresh_token = member(reply, "refresh_token")?;
        let (user, tenant) = (self.fact("{alice_object_id}")?, self.fact("{tenant}")?);
        let upn = self.fact("{alice}")?;
        let place = self.emulator.https();
        Ok(developer_cache::document(
            place,
            &user,
            &tenant,
            &upn,
            &refresh_token,
        ))
    }

    fn fact(&self, text: &str) -> Result<String, Fault> {
        let filled = self.facts.fill(text);
        filled.map_err(|error| Fault::new(error.to_string()))
    }
}

fn member(reply: std::io::Result<HttpReply>, name: &str) -> Result<String, Fault> {
    let reply = reply.map_err(|error| Fault::new(format!("no {name}: {error}")))?;
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    let text = body[name].as_str().map(str::to_owned);
    text.ok_or_else(|| Fault::new(format!("no {name}: {} {body}", reply.status)))
}

/// The RS256 signature of a message with the key of `daemon`.
fn signature(message: &str) -> Result<String, Fault> {
    let key = RsaKeyPair::from_pkcs8(&pem("PRIVATE KEY")?)
        .map_err(|error| Fault::new(format!("the key of daemon cannot be used: {error}")))?;
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message.as_bytes(),
        &mut signature,
    )
    .map_err(|_| Fault::new("the key of daemon signs nothing"))?;
    Ok(URL_SAFE_NO_PAD.encode(signature))
}

/// One part of the PEM file of `daemon`, in DER.
fn pem(label: &str) -> Result<Vec<u8>, Fault> {
    let (start, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let after = World::DAEMON_PEM.split_once(&start).map(|(_, after)| after);
    let inside = after
        .and_then(|after| after.split_once(&end))
        .map(|(inside, _)| inside);
    let text: String = inside.unwrap_or_default().split_whitespace().collect();
    let der = STANDARD.decode(text);
    der.map_err(|error| Fault::new(format!("the file of daemon has no {label}: {error}")))
}
