//! The permissions that a client has, of those it asks for.

use super::Delegation;
use crate::entra::app_state::Snapshot;
use crate::entra::scope::RequestedScopes;
use crate::entra::stores::codes::Asked;
use crate::exchange::error::Aadsts;
use crate::world::directory::Resource;
use crate::world::endpoint_version::EndpointVersion;
use crate::world::first_party;

/// The permissions that the client was granted.
pub(super) struct Granted {
    /// The permissions by their short names, as in the token.
    pub(super) scp: String,
    /// As the reply spells them.
    pub(super) scope: String,
}

impl Delegation<'_> {
    /// Everything that was consented to, if that covers what is asked for; else 65001.
    pub(super) fn granted(
        &self,
        snapshot: &Snapshot,
        wanted: &RequestedScopes<'_>,
        resource: &Resource<'_>,
    ) -> Result<Granted, Aadsts> {
        let (client, user) = (self.client, self.member.user);
        let directory = &snapshot.directory;
        let consented = directory.consented(client.tenant, client.app, user, resource);
        let own = resource.app_id == client.app.client_id;
        let microsofts = resource.app.is_none() && first_party::is_client(client.app.client_id);
        let refused = || {
            let refusal = Aadsts::new(65001).with("id", client.app.client_id.to_string());
            refusal.with("name", &client.app.name)
        };
        let mut granted = Both::default();
        if resource.app_id == first_party::GRAPH {
            granted.add_protocol(wanted);
        }
        for (name, asked) in &wanted.permissions {
            if !directory.exposes(resource, name) {
                return Err(Aadsts::new(70011).with("scope", *asked));
            }
            let known = consented.iter().find(|one| one.eq_ignore_ascii_case(name));
            if known.is_none() && !own {
                if !microsofts {
                    return Err(refused());
                }
                first_party::check_preauthorized(client.app.client_id, resource.app_id, name)?;
            }
            granted.add(known.unwrap_or(name), asked);
        }
        if let (Some(name), true, false) = (wanted.default, consented.is_empty(), own) {
            if self.version == EndpointVersion::V1 {
                directory.check_listed(client.tenant, client.app, resource, name)?;
            }
            return Err(refused());
        }
        let prefix = match (self.version, wanted.resource) {
            (EndpointVersion::V2, Some(resource)) => format!("{resource}/"),
            _ => String::new(),
        };
        for name in &consented {
            granted.add(name, &format!("{prefix}{name}"));
        }
        if let (Some(asked), Asked::Scope(_)) = (wanted.default, &self.asked) {
            granted.scope.push(asked.to_owned());
        }
        Ok(granted.joined(self.version))
    }
}

/// Permissions by their short names, and as the reply spells them.
#[derive(Default)]
struct Both {
    scp: Vec<String>,
    scope: Vec<String>,
}

impl Both {
    fn add(&mut self, name: &str, spelled: &str) {
        if !self
            .scp
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
        {
            self.scp.push(name.to_owned());
            self.scope.push(spelled.to_owned());
        }
    }

    fn add_protocol(&mut self, wanted: &RequestedScopes<'_>) {
        let scopes = [
            (wanted.openid, "openid"),
            (wanted.profile, "profile"),
            (wanted.email, "email"),
        ];
        for (_, scope) in scopes.into_iter().filter(|(asked, _)| *asked) {
            self.add(scope, scope);
        }
    }

    fn joined(self, version: EndpointVersion) -> Granted {
        let scp = self.scp.join(" ");
        Granted {
            scope: match version {
                EndpointVersion::V1 => scp.clone(),
                EndpointVersion::V2 => self.scope.join(" "),
            },
            scp,
        }
    }
}
