//! The record of a signed-in user, in the form in which programs store it.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};

/// The account with which a user signed in. It holds no secret, so a program may store it anywhere.
///
/// A later run gives it to a credential, together with a cache that outlives the program. The
/// credential then finds the user's tokens in the cache, and the user need not sign in again. The
/// text form is that of the Azure SDKs for Python, JavaScript, .NET, Java and Go, which all read
/// each other's records.
///
/// ```
/// use identity::AuthenticationRecord;
///
/// let text = r#"{"authority": "login.microsoftonline.com", "clientId": "app",
///     "homeAccountId": "user.tenant", "tenantId": "tenant", "username": "me@contoso.example",
///     "version": "1.0"}"#;
/// let record = AuthenticationRecord::deserialize(text)?;
/// assert_eq!(record.username(), "me@contoso.example");
/// assert_eq!(AuthenticationRecord::deserialize(&record.serialize())?, record);
/// # Ok::<_, identity::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationRecord {
    pub(crate) authority: String,
    pub(crate) client_id: String,
    pub(crate) home_account_id: String,
    pub(crate) tenant_id: String,
    pub(crate) username: String,
}

/// The only version of the text form there is.
const VERSION: &str = "1.0";

impl AuthenticationRecord {
    /// Reads the text form. Unknown members are ignored.
    ///
    /// # Errors
    /// `InvalidArgument` when `text` is no JSON object, of another version than 1.0, or a member
    /// is missing or not a text.
    pub fn deserialize(text: &str) -> Result<Self> {
        let object: Map<String, Value> = serde_json::from_str(text)
            .map_err(|_| Error::invalid("an authentication record is a JSON object"))?;
        let member = |name: &str| {
            let value = object.get(name).and_then(Value::as_str);
            value.map(str::to_owned).ok_or_else(|| {
                Error::invalid(format!(
                    "the authentication record has no text called \"{name}\""
                ))
            })
        };
        // Another version may give the members another meaning.
        match &*member("version")? {
            VERSION => Ok(Self {
                authority: member("authority")?,
                client_id: member("clientId")?,
                home_account_id: member("homeAccountId")?,
                tenant_id: member("tenantId")?,
                username: member("username")?,
            }),
            _ => Err(Error::invalid(
                "the authentication record is of an unknown version; this library reads 1.0",
            )),
        }
    }

    /// Returns the text form.
    pub fn serialize(&self) -> String {
        json!({
            "authority": self.authority,
            "clientId": self.client_id,
            "homeAccountId": self.home_account_id,
            "tenantId": self.tenant_id,
            "username": self.username,
            "version": VERSION,
        })
        .to_string()
    }

    /// Returns the host of the token service, with its port where that is not 443.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Returns the client id of the application the user signed in to.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Returns the id of the account: `<object id>.<tenant id>` in the user's home tenant.
    pub fn home_account_id(&self) -> &str {
        &self.home_account_id
    }

    /// Returns the tenant the user signed in to. For a guest that is not the home tenant.
    pub fn tenant_id(&self) -> &str {
        &self.tenant_id
    }

    /// Returns the user's name as it was typed to sign in. It may change; the home account id does
    /// not.
    pub fn username(&self) -> &str {
        &self.username
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record as azure-identity for Python writes it.
    const PYTHON: &str = r#"{"authority": "login.microsoftonline.com", "clientId": "c", "homeAccountId": "u.t", "tenantId": "t", "username": "me", "version": "1.0"}"#;

    #[test]
    fn the_text_form_is_that_of_the_reference_library_both_ways() {
        let record = AuthenticationRecord::deserialize(PYTHON).unwrap();
        let (ours, theirs): (Value, Value) = (
            serde_json::from_str(&record.serialize()).unwrap(),
            serde_json::from_str(PYTHON).unwrap(),
        );
        assert_eq!(ours, theirs);
        assert_eq!(
            (record.authority(), record.client_id()),
            ("login.microsoftonline.com", "c")
        );
        assert_eq!((record.home_account_id(), record.tenant_id()), ("u.t", "t"));
    }

    #[test]
    fn a_text_that_is_no_record_gives_an_error_that_says_why() {
        for (text, said) in [
            ("[]".to_owned(), "JSON object"),
            (PYTHON.replace("1.0", "2.0"), "unknown version"),
            (PYTHON.replace(r#""c""#, "7"), "\"clientId\""),
            (PYTHON.replace("username", "name"), "\"username\""),
        ] {
            let error = AuthenticationRecord::deserialize(&text).expect_err(said);
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
