//! A world with other ids.

use uuid::Uuid;

use crate::base::random::Random;
use crate::world::config::{ConfigError, World};

/// The same tenants, applications, users and identities under the same names and secrets, each with
/// a fresh id, wherever the world mentions it: a federated credential's issuer and subject, too.
/// Ids that the world only refers to, such as those of subscriptions and of Microsoft's own
/// applications, stay.
pub(super) fn renewed(world: &World, random: &Random) -> Result<World, ConfigError> {
    world.check()?;
    let problem = |error: serde_json::Error| ConfigError::new(error.to_string());
    let mut text = serde_json::to_string(world).map_err(problem)?;
    for old in ids(world) {
        text = text.replace(&old.to_string(), &random.uuid().to_string());
    }
    let mut renewed: World = serde_json::from_str(&text).map_err(problem)?;
    // Written-out worlds have no script.
    renewed.scripts.clone_from(&world.scripts);
    renewed.check()?;
    Ok(renewed)
}

/// Each id once, so that one id has one successor.
fn ids(world: &World) -> Vec<Uuid> {
    let tenants = world.tenants.iter().map(|tenant| tenant.id);
    let apps = world.apps.iter();
    let apps = apps.flat_map(|app| [Some(app.client_id), app.object_id]);
    let users = world.users.iter().map(|user| user.object_id);
    let identities = world.managed_identities.iter();
    let identities = identities.flat_map(|one| [one.client_id, one.object_id]);
    let connections = world.pipelines.iter();
    let connections = connections.flat_map(|one| &one.service_connections);
    let mut ids: Vec<_> = tenants
        .chain(apps.chain(users).flatten())
        .chain(identities)
        .chain(connections.map(|connection| connection.id))
        .collect();
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| !id.is_nil() && seen.insert(*id));
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_new_and_everything_else_is_as_it_was() {
        let old = World::basic();
        let new = renewed(&old, &Random::new(Some(1))).unwrap();
        let text = serde_json::to_string(&new).unwrap();
        for id in ids(&old) {
            assert!(!text.contains(&id.to_string()), "{id}");
        }
        let names = |world: &World| {
            let apps = world.apps.iter().map(|app| app.name.clone());
            let users = world.users.iter().map(|user| user.upn.clone());
            apps.chain(users).collect::<Vec<_>>()
        };
        assert_eq!(names(&new), names(&old));
        assert!(text.contains("daemon-secret-for-tests-only"));
        assert!(text.contains("/subscriptions/dddddddd-0000-4000-8000-000000000001"));
        let again = renewed(&old, &Random::new(Some(1))).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
    }

    #[test]
    fn what_is_said_of_an_id_follows_it() {
        let new = renewed(&World::basic(), &Random::new(None)).unwrap();
        let tenant = new.tenants[0].id.to_string();
        let own = new.apps[0].federated_credentials.iter();
        let own = own.filter(|one| one.issuer.starts_with("https://login.microsoftonline.com/"));
        let own: Vec<_> = own.collect();
        assert!(own[0].issuer.contains(&tenant), "{own:?}");
        let user_a = new.managed_identities[1].object_id.to_string();
        assert_eq!(own[0].subject.as_ref(), Some(&user_a));
    }
}
