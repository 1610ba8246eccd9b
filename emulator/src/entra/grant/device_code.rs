//! A device that its user lets in from a browser elsewhere.

use time::Duration;

use crate::entra::app_state::Snapshot;
use crate::entra::claims_request::ClaimsRequest;
use crate::entra::client_auth::Client;
use crate::entra::delegation::{Delegation, SignIn};
use crate::entra::stores::device_codes::{DeviceApproval, DeviceCode, DeviceCodes, DeviceState};
use crate::entra::token::Issue;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::Tenant;
use crate::world::device_polling::INTERVAL;
use crate::world::endpoint_version::EndpointVersion;

/// Until somebody signs in, a device at `common` belongs to no tenant: any with its client will do.
pub(super) fn tenant<'a>(
    snapshot: &'a Snapshot,
    authority: Authority<'a>,
    form: &TokenForm<'_>,
) -> Result<&'a Tenant, Aadsts> {
    let value = value(form)?;
    if !DeviceCodes::could_be(value) {
        return Err(Aadsts::new(9002313).named("invalid_grant"));
    }
    let device = snapshot.stores.device_codes.find(value, snapshot.now);
    let approved = device.and_then(|device| match device.state {
        DeviceState::Approved(approval) => Some(approval.tenant),
        _ => None,
    });
    let any = || {
        let id = uuid::Uuid::try_parse(form.client_id().ok()?.trim()).ok()?;
        Some(snapshot.directory.home_of(snapshot.directory.app(id)?)?.id)
    };
    super::tenant_or(snapshot, &authority, approved.or_else(any))
}

pub(super) fn grant(
    snapshot: &Snapshot,
    client: &Client<'_>,
    form: &TokenForm<'_>,
) -> Result<Issue, Aadsts> {
    client.may_be_public()?;
    let value = value(form)?;
    let codes = &snapshot.stores.device_codes;
    let device = codes
        .find(value, snapshot.now)
        .filter(|device| device.client_id == client.app.client_id)
        .ok_or_else(|| Aadsts::new(70018))?;
    let approval = approval(snapshot, &device, value, form.version)?;
    if approval.tenant != client.tenant.id {
        return Err(Aadsts::new(700005));
    }
    let member = super::member(snapshot, client, &approval.user)?;
    let sign_in = SignIn {
        auth_time: approval.auth_time,
        methods: approval.methods.iter().map(|it| (*it).to_owned()).collect(),
        session: None,
    };
    // What the device is let in for was said when it asked for its code.
    let asked = device.asked;
    let requested = Delegation::requested(form, client, member, asked, sign_in, snapshot.now)?;
    let claims = form.field("claims").or(device.claims.as_deref());
    let delegation = Delegation {
        claims: ClaimsRequest::parse(claims)?,
        interactive: true,
        ..requested
    };
    let issue = delegation.issue(snapshot)?;
    if codes.redeem(value, snapshot.now) {
        Ok(issue)
    } else {
        Err(Aadsts::new(70000))
    }
}

/// `device_code`, which old clients call `code`; some send both.
fn value<'a>(form: &TokenForm<'a>) -> Result<&'a str, Aadsts> {
    match form.field("device_code").or_else(|| form.field("code")) {
        Some(value) => Ok(value.trim()),
        None => form.required("device_code"),
    }
}

/// Whether somebody has let the device in, in the words of the endpoint.
fn approval(
    snapshot: &Snapshot,
    device: &DeviceCode,
    value: &str,
    version: EndpointVersion,
) -> Result<DeviceApproval, Aadsts> {
    let waiting = matches!(
        device.state,
        DeviceState::Pending | DeviceState::Approved(_)
    );
    if waiting && device.expires <= snapshot.now {
        return Err(Aadsts::new(match version {
            EndpointVersion::V1 => 70019,
            EndpointVersion::V2 => 70020,
        }));
    }
    match &device.state {
        DeviceState::Approved(approval) => Ok(approval.clone()),
        DeviceState::Redeemed => Err(Aadsts::new(70000)),
        DeviceState::Declined => Err(match version {
            EndpointVersion::V1 => Aadsts::new(70017).named("access_denied"),
            EndpointVersion::V2 => Aadsts::new(70017),
        }),
        DeviceState::Pending => {
            let before = snapshot.stores.device_codes.poll(value, snapshot.now);
            let pause = Duration::seconds(INTERVAL);
            let hasty = before.is_some_and(|before| snapshot.now - before < pause);
            let pending = Aadsts::new(70016);
            Err(if hasty && snapshot.directory.world().device_slow_down {
                pending.named("slow_down")
            } else {
                pending
            })
        }
    }
}
