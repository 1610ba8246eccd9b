//! Which tenant a tool is asked for.

use crate::error::{Error, Result};
use crate::isolation::TenancyIdentity;
use crate::oauth::tenants::Tenants;
use crate::token::{TokenRequest, check_tenant};

/// The tenant of a developer tool's credential: with none of its own, the tool's current one, or
/// whichever a request names.
#[derive(Debug)]
pub(crate) struct Tenancy {
    own: Option<Tenants>,
    single: bool,
}

impl Tenancy {
    /// # Errors
    /// `InvalidArgument` for a malformed tenant.
    pub(crate) fn new(own: Option<&str>, allowed: &[String], single: bool) -> Result<Self> {
        for tenant in own.into_iter().chain(allowed.iter().map(String::as_str)) {
            if tenant.starts_with('-') {
                return Err(Error::invalid("invalid tenant: it begins with -"));
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

    /// The tenant to name to the tool.
    ///
    /// # Errors
    /// `ClientAuthentication` when the one asked for is not allowed.
    pub(crate) fn of<'a>(&'a self, request: &'a TokenRequest) -> Result<Option<&'a str>> {
        let asked = request.tenant_id();
        match &self.own {
            Some(own) => own.resolve(asked).map(Some),
            None if asked.is_some_and(|tenant| tenant.starts_with('-')) => {
                Err(Error::invalid("invalid tenant: it begins with -"))
            }
            None => Ok(asked.filter(|_| !self.single)),
        }
    }
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
    fn without_a_tenant_of_its_own_a_request_chooses() {
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
