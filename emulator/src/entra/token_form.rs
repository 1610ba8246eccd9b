//! The fields of a token request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::entra::claims_request::ClaimsRequest;
use crate::entra::tenant_restriction;
use crate::exchange::error::Aadsts;
use crate::exchange::request::{Call, decoded};
use crate::world::config::Tenant;
use crate::world::endpoint_version::EndpointVersion;

/// The fields of a token request, each there at most once.
#[derive(Debug)]
pub(in crate::entra) struct TokenForm<'a> {
    call: &'a Call,
    /// `client_id` and `client_secret` of an `Authorization: Basic` header.
    basic: Option<(String, String)>,
    pub(in crate::entra) version: EndpointVersion,
}

impl<'a> TokenForm<'a> {
    /// Refuses a field that is there twice and a Basic header that is none.
    pub(in crate::entra) fn read(call: &'a Call, version: EndpointVersion) -> Result<Self, Aadsts> {
        for (index, (name, _)) in call.form.iter().enumerate() {
            if call.form[..index]
                .iter()
                .any(|(earlier, _)| earlier == name)
            {
                return Err(Aadsts::new(90004).with("parameter", name));
            }
        }
        Ok(Self {
            call,
            basic: basic(call)?,
            version,
        })
    }

    /// A field's value; an empty field counts as absent.
    pub(in crate::entra) fn field(&self, name: &str) -> Option<&'a str> {
        let found = self.call.form.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A field's value, or the error that names it.
    pub(in crate::entra) fn required(&self, name: &str) -> Result<&'a str, Aadsts> {
        self.field(name)
            .ok_or_else(|| Aadsts::new(900144).with("parameter", name))
    }

    /// Whether a field is there, though with nothing in it.
    pub(in crate::entra) fn is_empty(&self, name: &str) -> bool {
        self.call
            .form
            .iter()
            .any(|(key, value)| key == name && value.is_empty())
    }

    /// `client_id`, in the body or in a Basic header.
    pub(in crate::entra) fn client_id(&self) -> Result<&str, Aadsts> {
        match (self.field("client_id"), &self.basic) {
            (Some(id), Some((user, _))) if !id.eq_ignore_ascii_case(user) => {
                Err(Aadsts::new(9002313))
            }
            (None, Some((user, _))) if !user.is_empty() => Ok(user),
            _ => self.required("client_id"),
        }
    }

    /// The client secret, in the body or in a Basic header; an empty one counts as absent.
    pub(in crate::entra) fn secret(&self) -> Option<&str> {
        let basic = self.basic.as_ref().map(|(_, secret)| secret.as_str());
        self.field("client_secret")
            .or_else(|| basic.filter(|secret| !secret.is_empty()))
    }

    /// The origin of a script that sends the request from a browser.
    pub(in crate::entra) fn browser_origin(&self) -> Option<&'a str> {
        self.call.header("origin").filter(|it| !it.is_empty())
    }

    /// Refuses a tenant that a proxy on the way does not let its people use.
    pub(in crate::entra) fn check_tenant(&self, tenant: &Tenant) -> Result<(), Aadsts> {
        tenant_restriction::check(self.call, tenant)
    }

    /// Scheme and authority the client used.
    pub(in crate::entra) fn origin(&self) -> &'a str {
        &self.call.origin
    }

    /// The host the client used, without its port.
    pub(in crate::entra) fn host(&self) -> &'a str {
        let authority = self.call.origin.split_once("://");
        let host = authority.map_or("", |(_, authority)| authority);
        host.split_once(':').map_or(host, |(host, _)| host)
    }

    /// Whether the reply shall say whose account it is about.
    pub(in crate::entra) fn wants_client_info(&self) -> bool {
        let asked = self.field("client_info");
        asked.or_else(|| self.call.query("client_info")) == Some("1")
    }

    /// Returns the request in the field `claims`.
    pub(in crate::entra) fn claims(&self) -> Result<ClaimsRequest, Aadsts> {
        ClaimsRequest::parse(self.field("claims"))
    }
}

/// User and password of a Basic header, each form-encoded first (RFC 6749, section 2.3.1).
fn basic(call: &Call) -> Result<Option<(String, String)>, Aadsts> {
    let Some(value) = call.headers.get(http::header::AUTHORIZATION) else {
        return Ok(None);
    };
    let malformed = || Aadsts::new(9002313);
    let value = value.to_str().map_err(|_| malformed())?;
    let (scheme, encoded) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| malformed())?;
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    let (user, password) = text.split_once(':').ok_or_else(malformed)?;
    let form_decoded = |text: &str| decoded(&text.replace('+', "%20")).into_owned();
    Ok(Some((form_decoded(user), form_decoded(password))))
}
