//! The reasons to refuse a client although its user signed in.

use serde_json::json;
use time::OffsetDateTime;

use super::Delegation;
use crate::entra::app_state::Snapshot;
use crate::entra::policy;
use crate::exchange::error::Aadsts;
use crate::world::directory::Resource;
use crate::world::endpoint_version::EndpointVersion;

impl Delegation<'_> {
    /// The world may say after how many requests alike a client goes round in circles.
    pub(super) fn check_loop(&self, snapshot: &Snapshot) -> Result<(), Aadsts> {
        let Some(limit) = snapshot.directory.world().loop_limit else {
            return Ok(());
        };
        let (client, user) = (self.client.app.client_id, self.member.user.upn.as_str());
        let loops = &snapshot.stores.loops;
        if loops.count(client, user, &self.asked, snapshot.now) > limit {
            return Err(Aadsts::new(50196));
        }
        Ok(())
    }

    /// Checks that the user is assigned to the client and to the resource where they require it.
    pub(super) fn check_assignments(&self, resource: &Resource<'_>) -> Result<(), Aadsts> {
        let both = [Some(self.client.app), resource.app];
        for app in both.into_iter().flatten() {
            if app.assignment_required && self.member.roles(app).is_none() {
                return Err(Aadsts::new(50105)
                    .with("name", &app.name)
                    .with("id", app.client_id.to_string())
                    .with("user", &self.member.user.upn));
            }
        }
        Ok(())
    }

    /// Policies are asked about the resource, after who the user is has been proven.
    pub(super) fn check_policies(
        &self,
        resource: &Resource<'_>,
        now: OffsetDateTime,
    ) -> Result<(), Aadsts> {
        let user = self.member.user;
        let given = self.sign_in.methods.iter().any(|method| method == "mfa");
        let old = policy::is_factor_old(user, self.sign_in.auth_time, now);
        let by_resource = resource.app.is_some_and(|app| app.mfa_required);
        let wanted = user.mfa_required || by_resource || self.claims.context.is_some();
        let lacking = || policy::lacking_factor(user, given, old).filter(|_| wanted);
        let Some(refusal) = policy::refusal(user).or_else(lacking) else {
            return Ok(());
        };
        let refusal = refusal.with("resource", resource.app_id.to_string());
        let policy = json!({ "essential": true, "values": [POLICY] });
        let claims = json!({ "access_token": { "capolids": policy } });
        let refusal = refusal.asking(claims.to_string());
        Err(match self.version {
            EndpointVersion::V1 => refusal.named("interaction_required"),
            EndpointVersion::V2 => refusal,
        })
    }
}

/// The id of the policy that asks for a second factor.
const POLICY: &str = "c1d2e3f4-0000-4000-8000-000000000001";
