//! Requests for tokens.

use std::fmt;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::redact;

/// A request for a token. Creating one checks it, so that no later code meets a malformed request.
///
/// ```
/// use identity::{TokenRequest, TokenRequestOptions};
///
/// let request = TokenRequest::with_options(
///     &["https://vault.azure.net/.default"],
///     TokenRequestOptions { tenant_id: Some("contoso.example".into()), ..Default::default() },
/// )?;
/// assert_eq!(request.tenant_id(), Some("contoso.example"));
/// # Ok::<_, identity::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    scopes: Box<[String]>,
    tenant_id: Option<String>,
    claims: Option<String>,
    enable_cae: bool,
}

/// The rarer parts of a [`TokenRequest`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequestOptions {
    /// Another tenant (id or domain) than the credential's own. The credential has to allow it:
    /// see [`Options::additionally_allowed_tenants`](crate::Options::additionally_allowed_tenants).
    pub tenant_id: Option<String>,
    /// The claims challenge of a resource, a JSON object.
    pub claims: Option<String>,
    /// Whether the caller handles claims challenges (continuous access evaluation). Its tokens live
    /// longer and may be revoked at any time.
    pub enable_cae: bool,
}

impl TokenRequest {
    /// Creates a request for `scopes`, with no options.
    ///
    /// # Errors
    /// `InvalidArgument` when there is no scope, or one is empty or has spaces or control
    /// characters in it.
    pub fn new<S: AsRef<str>>(scopes: &[S]) -> Result<Self> {
        Self::with_options(scopes, TokenRequestOptions::default())
    }

    /// Creates a request for `scopes` with `options`.
    ///
    /// # Errors
    /// As [`TokenRequest::new`]; also when the tenant has other characters than letters, digits,
    /// `.` and `-`, or the claims are not a JSON object.
    pub fn with_options<S: AsRef<str>>(scopes: &[S], options: TokenRequestOptions) -> Result<Self> {
        if scopes.is_empty() {
            return Err(Error::invalid("a token request needs at least one scope"));
        }
        let mut scopes_as_text = scopes.iter().map(AsRef::as_ref);
        if let Some(scope) = scopes_as_text.find(|scope| !is_one_word(scope)) {
            return Err(Error::invalid(format!(
                "a scope must not be empty or contain spaces or control characters: {}. Pass several \
                 scopes as several strings",
                redact::argument(scope)
            )));
        }
        if let Some(tenant) = &options.tenant_id {
            check_tenant(tenant)?;
        }
        if let Some(claims) = &options.claims {
            check_claims(claims)?;
        }
        Ok(Self {
            scopes: scopes
                .iter()
                .map(|scope| scope.as_ref().to_owned())
                .collect(),
            tenant_id: options.tenant_id,
            claims: options.claims,
            enable_cae: options.enable_cae,
        })
    }

    /// The scopes, at least one, in the caller's order.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The tenant asked for, if another than the credential's own.
    pub fn tenant_id(&self) -> Option<&str> {
        self.tenant_id.as_deref()
    }

    /// The claims challenge that the token has to answer, a JSON object.
    pub fn claims(&self) -> Option<&str> {
        self.claims.as_deref()
    }

    /// Whether the caller handles claims challenges.
    pub fn enable_cae(&self) -> bool {
        self.enable_cae
    }

    /// Returns a copy of the request with this claims challenge, or without any when it is
    /// malformed: a token service wrote it, so the caller cannot correct it.
    pub(crate) fn with_claims(&self, claims: &str) -> Self {
        let claims = check_claims(claims).is_ok().then(|| claims.to_owned());
        Self {
            claims,
            ..self.clone()
        }
    }

    /// Returns a copy of the request without its claims challenge.
    pub(crate) fn without_claims(&self) -> Self {
        Self {
            claims: None,
            ..self.clone()
        }
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("scopes", &self.scopes)
            .field("tenant_id", &self.tenant_id)
            .field("claims", &self.claims)
            .field("enable_cae", &self.enable_cae)
            .finish()
    }
}

/// Checks that `tenant` is an id, a domain or an alias like `organizations`. Anything else could
/// lead to another path of the token service.
///
/// # Errors
/// `InvalidArgument`.
pub(crate) fn check_tenant(tenant: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if tenant.is_empty() || !tenant.chars().all(allowed) || tenant.chars().all(|c| c == '.') {
        return Err(Error::invalid(format!(
            "invalid tenant {}: a tenant is an id or a domain name and consists of letters, digits, \
             '.' and '-'. Find yours at https://learn.microsoft.com/partner-center/find-ids-and-domain-names",
            redact::argument(tenant)
        )));
    }
    Ok(())
}

/// Whether `text` is non-empty and free of spaces and control characters.
pub(crate) fn is_one_word(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn check_claims(claims: &str) -> Result<()> {
    let object = serde_json::from_str::<Map<String, Value>>(claims);
    let object = object.map_err(|_| Error::invalid("claims must be a JSON object"))?;
    match object.get("access_token") {
        None | Some(Value::Object(_) | Value::Null) => Ok(()),
        Some(_) => Err(Error::invalid(
            "\"access_token\" in claims must be a JSON object",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn with(options: TokenRequestOptions) -> Result<TokenRequest> {
        TokenRequest::with_options(&["s"], options)
    }

    #[test]
    fn scopes_are_words_and_at_least_one() {
        assert!(TokenRequest::new(&["https://x/.default", "openid"]).is_ok());
        for bad in [&[][..], &[""], &["a b"], &["a\n"], &["a", "\u{1b}"]] {
            let error = TokenRequest::new(bad).expect_err("malformed");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bad:?}");
        }
    }

    #[test]
    fn a_tenant_cannot_leave_its_path_segment() {
        let tenant = |t: &str| {
            with(TokenRequestOptions {
                tenant_id: Some(t.into()),
                ..Default::default()
            })
        };
        assert!(tenant("contoso.onmicrosoft.com").is_ok());
        for bad in ["", "a/b", "a b", "..", ".", "a?b", "ü"] {
            assert!(tenant(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn claims_are_a_json_object() {
        let claims = |c: &str| {
            with(TokenRequestOptions {
                claims: Some(c.into()),
                ..Default::default()
            })
        };
        assert!(claims(r#"{"access_token":{"nbf":{"essential":true}}}"#).is_ok());
        for bad in ["", "{", "[]", "1", "null", r#"{"access_token":1}"#] {
            assert!(claims(bad).is_err(), "{bad}");
        }
    }
}
