//! The tenant that a developer tool is asked for.

use crate::error::{Error, Result};
use crate::isolation::TenancyIdentity;
use crate::oauth::tenants::Tenants;
use crate::redact;
use crate::token::{TokenRequest, check_tenant};

/// The tenants of a developer tool's credential. A credential without a tenant of its own uses the
/// tool's current one, or any tenant that a request names.
#[derive(Debug)]
pub(crate) struct Tenancy {
    own: Option<Tenants>,
    single: bool,
}

impl Tenancy {
    /// Checks and collects the tenants.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed tenant.
    pub(crate) fn new(own: Option<&str>, allowed: &[String], single: bool) -> Result<Self> {
        for tenant in own.into_iter().chain(allowed.iter().map(String::as_str)) {
            // The tool would take it for an option.
            if tenant.starts_with('-') {
                return Err(begins_like_an_option(tenant));
            }
            if tenant != "*" {
                check_tenant(tenant)?;
            }
        }
        let own = own.map(|own| Tenants::new(own, allowed, single));
        let own = own.transpose()?;
        Ok(Self { own, single })
    }

    /// The part of an [`Identity`](crate::isolation::Identity) that these tenants are.
    pub(crate) fn identity(&self) -> TenancyIdentity {
        match &self.own {
            Some(own) => own.identity(),
            None => TenancyIdentity::Current {
                single: self.single,
            },
        }
    }

    /// Returns the tenant to name to the tool; `None` for the tool's current one.
    ///
    /// # Errors
    /// `ClientAuthentication` when the tenant of the request is not allowed.
    pub(crate) fn of<'a>(&'a self, request: &'a TokenRequest) -> Result<Option<&'a str>> {
        let requested = request.tenant_id();
        match &self.own {
            Some(own) => own.resolve(requested).map(Some),
            None => match requested {
                Some(tenant) if tenant.starts_with('-') => Err(begins_like_an_option(tenant)),
                requested => Ok(requested.filter(|_| !self.single)),
            },
        }
    }
}

fn begins_like_an_option(tenant: &str) -> Error {
    let tenant = redact::argument(tenant);
    Error::invalid(format!("invalid tenant {tenant}: it begins with -"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::TokenRequestOptions;

    fn tenant(own: Option<&str>, single: bool, asked: Option<&str>) -> Result<Option<String>> {
        let options = TokenRequestOptions {
            tenant_id: asked.map(str::to_owned),
            ..Default::default()
        };
        let request = TokenRequest::with_options(&["s"], options)?;
        let tenancy = Tenancy::new(own, &[], single)?;
        Ok(tenancy.of(&request)?.map(str::to_owned))
    }

    #[test]
    fn without_a_tenant_of_its_own_the_credential_uses_that_of_the_request() {
        assert_eq!(tenant(None, false, None).unwrap(), None);
        let asked = tenant(None, false, Some("a")).unwrap();
        assert_eq!(asked.as_deref(), Some("a"));
        assert_eq!(tenant(None, true, Some("a")).unwrap(), None);
        assert!(tenant(Some("own"), false, Some("a")).is_err());
    }

    #[test]
    fn a_tenant_is_never_an_option_of_the_tool() {
        assert!(tenant(Some("--debug"), false, None).is_err());
        assert!(tenant(None, false, Some("--debug")).is_err());
        assert!(tenant(Some("a b"), false, None).is_err());
    }
}
