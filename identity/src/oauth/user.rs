//! The user a token is about, as the ID token and `client_info` name them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use url::Url;

use crate::authentication_record::AuthenticationRecord;

/// The claims of an ID token, and the `client_info` that comes with it.
///
/// They come straight from the token service over TLS, so checking the signature would prove
/// nothing more (OpenID Connect Core, section 3.1.3.7). The claims that bind them to this sign-in,
/// `nonce` and `aud`, are checked by the credential that asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    /// The id of the account, the same in every tenant.
    pub(crate) home_account_id: String,
    /// The id of the account in the tenant that was asked.
    pub(crate) local_account_id: String,
    pub(crate) username: String,
    /// The tenant that was asked.
    pub(crate) tenant_id: String,
    /// The host of the ID token's issuer, with its port if that is not 443.
    pub(crate) authority: String,
    /// The application the ID token is for.
    pub(crate) client_id: String,
    pub(crate) nonce: Option<String>,
}

impl User {
    /// Reads the ID token and the `client_info` of a response; `None` when they name no user.
    pub(crate) fn read(id_token: &str, client_info: Option<&str>) -> Option<Self> {
        let claims = object(id_token.split('.').nth(1)?)?;
        let claim = |name: &str| text(&claims, name);
        let issuer = Url::parse(&claim("iss")?).ok()?;
        let sub = claim("sub");
        let home = client_info.and_then(object).and_then(|info| home(&info));
        // The first is of v2.0 tokens, the next two of v1.0; guests may have an e-mail address
        // only.
        let username = ["preferred_username", "upn", "unique_name", "email"];
        let first_segment = || issuer.path_segments()?.next().map(str::to_owned);
        Some(Self {
            // Federation Services send no `client_info`.
            home_account_id: home.or_else(|| sub.clone())?,
            local_account_id: claim("oid").or(sub)?,
            username: username
                .iter()
                .find_map(|name| claim(name))
                .unwrap_or_default(),
            tenant_id: claim("tid").or_else(first_segment)?,
            authority: issuer[url::Position::BeforeHost..url::Position::AfterPort].to_owned(),
            client_id: claim("aud")?,
            nonce: claim("nonce"),
        })
    }

    /// Returns the record that a program may store.
    pub(crate) fn record(&self) -> AuthenticationRecord {
        AuthenticationRecord {
            authority: self.authority.clone(),
            client_id: self.client_id.clone(),
            home_account_id: self.home_account_id.clone(),
            tenant_id: self.tenant_id.clone(),
            username: self.username.clone(),
        }
    }
}

/// Returns `uid.utid`: the object id and the tenant id in the account's home tenant.
fn home(info: &Map<String, Value>) -> Option<String> {
    Some(format!("{}.{}", text(info, "uid")?, text(info, "utid")?))
}

/// Returns the JSON object in `encoded`, base64url with or without padding.
fn object(encoded: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    let text = object.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jwt(claims: Value) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    fn read(claims: Value, info: Option<Value>) -> Option<User> {
        let info = info.map(|info| URL_SAFE_NO_PAD.encode(info.to_string()) + "==");
        User::read(&jwt(claims), info.as_deref())
    }

    #[test]
    fn a_guest_has_the_account_id_of_the_home_tenant() {
        let claims = json!({
            "iss": "https://login.example:8443/there/v2.0", "aud": "app", "sub": "s", "oid": "guest",
            "tid": "there", "preferred_username": "me@home.example", "nonce": "n",
        });
        let user = read(claims, Some(json!({"uid": "me", "utid": "home"}))).unwrap();
        assert_eq!(user.home_account_id, "me.home");
        assert_eq!(
            (&*user.local_account_id, &*user.tenant_id),
            ("guest", "there")
        );
        let record = user.record();
        assert_eq!(
            (record.authority(), record.client_id()),
            ("login.example:8443", "app")
        );
        assert_eq!(
            (record.username(), user.nonce.as_deref()),
            ("me@home.example", Some("n"))
        );
    }

    #[test]
    fn without_client_info_the_subject_is_the_account_id() {
        let claims =
            json!({"iss": "https://fs.example/adfs", "aud": "app", "sub": "s", "upn": "me"});
        let user = read(claims, None).unwrap();
        assert_eq!(
            (&*user.home_account_id, &*user.local_account_id),
            ("s", "s")
        );
        assert_eq!(
            (&*user.tenant_id, &*user.username, &*user.authority),
            ("adfs", "me", "fs.example")
        );
    }

    #[test]
    fn an_id_token_without_issuer_audience_or_subject_names_no_user() {
        let unnamed = [
            read(json!({"aud": "app", "sub": "s"}), None),
            read(json!({"iss": "https://h/t", "aud": "app"}), None),
            read(json!({"iss": "https://h/t", "sub": "s"}), None),
            User::read("not a token", None),
            User::read("a.%%%.c", Some("e30")),
        ];
        assert!(unnamed.iter().all(Option::is_none), "{unnamed:?}");
    }
}
