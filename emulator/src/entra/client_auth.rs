//! Client authentication: which client asks, and the proof of it (RFC 6749, section 2.3).

mod assertion;
mod certificate;
mod federated;
mod times;

use uuid::Uuid;

use crate::entra::app_state::Snapshot;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::config::{App, Tenant};

pub(crate) use assertion::verify_federated;

/// A client in a tenant, as far as it has proven itself.
#[derive(Debug)]
pub(in crate::entra) struct Client<'a> {
    pub(in crate::entra) tenant: &'a Tenant,
    pub(in crate::entra) app: &'a App,
    pub(in crate::entra) proof: Proof,
}

/// How it did; becomes the claim `appidacr` or `azpacr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Not at all, as public clients may.
    Public,
    Secret,
    /// A certificate, another issuer's token, or being a managed identity.
    Certificate,
}

impl Proof {
    pub(crate) fn acr(self) -> &'static str {
        match self {
            Self::Public => "0",
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

impl Client<'_> {
    /// Refuses a client without proof, unless it may act as a public one.
    pub(in crate::entra) fn may_be_public(&self) -> Result<(), Aadsts> {
        if self.app.public {
            Ok(())
        } else {
            self.must_be_confidential()
        }
    }

    /// Refuses a client without proof.
    pub(in crate::entra) fn must_be_confidential(&self) -> Result<(), Aadsts> {
        match self.proof {
            Proof::Public => Err(Aadsts::new(7000218)),
            Proof::Secret | Proof::Certificate => Ok(()),
        }
    }
}

/// The application that the form names, if it may act in `tenant` at all.
pub(in crate::entra) fn identify<'a>(
    snapshot: &'a Snapshot,
    tenant: &Tenant,
    form: &TokenForm<'_>,
) -> Result<&'a App, Aadsts> {
    form.check_tenant(tenant)?;
    identify_id(snapshot, tenant, form.client_id()?)
}

/// The application with this id, if it may act in `tenant` at all.
pub(in crate::entra) fn identify_id<'a>(
    snapshot: &'a Snapshot,
    tenant: &Tenant,
    id: &str,
) -> Result<&'a App, Aadsts> {
    let parsed = Uuid::try_parse(id.trim());
    let app = parsed
        .as_ref()
        .ok()
        .and_then(|id| snapshot.directory.app_in(tenant, *id));
    match app {
        Some(app) if app.disabled => Err(Aadsts::new(7000112)
            .with("id", app.client_id.to_string())
            .with("name", &app.name)),
        Some(app) => Ok(app),
        None if parsed.is_ok_and(|id| !could_be_an_application(id)) => {
            Err(Aadsts::new(700038).with("id", id))
        }
        None => {
            let tenant = tenant.display_name.as_ref().unwrap_or(&tenant.name);
            Err(Aadsts::new(700016).with("id", id).with("tenant", tenant))
        }
    }
}

/// Checks what the application presents as proof, if it presents anything. A public client that
/// has no credential may not.
pub(in crate::entra) fn prove(
    snapshot: &Snapshot,
    tenant: &Tenant,
    app: &App,
    form: &TokenForm<'_>,
) -> Result<Proof, Aadsts> {
    let presented = (form.field("client_assertion"), form.secret());
    if presented != (None, None) && app.public && !has_credentials(app) {
        return Err(Aadsts::new(700025));
    }
    match presented {
        (Some(assertion), _) => {
            form.required("client_assertion_type")?;
            assertion::verify(snapshot, tenant, app, form, assertion)?;
            Ok(Proof::Certificate)
        }
        (None, Some(secret)) => {
            check_secret(snapshot, app, secret)?;
            Ok(Proof::Secret)
        }
        (None, None) => Ok(Proof::Public),
    }
}

/// Every secret is compared, so that time tells nothing about which one matched.
fn check_secret(snapshot: &Snapshot, app: &App, secret: &str) -> Result<(), Aadsts> {
    let matching = app
        .secrets
        .iter()
        .filter(|known| known.value.matches(secret));
    let mut expired = false;
    for known in matching.collect::<Vec<_>>() {
        if known.expires.is_none_or(|end| end > snapshot.now) {
            return Ok(());
        }
        expired = true;
    }
    let code = if expired { 7000222 } else { 7000215 };
    Err(Aadsts::new(code).with("id", app.client_id.to_string()))
}

fn has_credentials(app: &App) -> bool {
    !(app.secrets.is_empty()
        && app.certificates.is_empty()
        && app.trusted_subjects.is_empty()
        && app.federated_credentials.is_empty())
}

/// Ids are random (version 4) or otherwise of a known version; the rest the service calls no
/// application identifiers instead of looking them up.
fn could_be_an_application(id: Uuid) -> bool {
    matches!(id.get_variant(), uuid::Variant::RFC4122) && (1..=5).contains(&id.get_version_num())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_no_directory_would_give_out_are_told_apart() {
        let could = |id| could_be_an_application(Uuid::parse_str(id).unwrap());
        assert!(could("bbbbbbbb-0000-4000-8000-0000000000ff"));
        assert!(!could("00000000-0000-0000-0000-000000000000"));
        assert!(!could("11111111-1111-1111-1111-111111111111"));
    }
}
