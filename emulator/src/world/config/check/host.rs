//! The rules of the hosts of managed identities.

use serde_json::Value;

use super::{Checked, unique};
use crate::world::config::{IdentityKind, World};

pub(super) fn check(world: &World) -> Checked {
    let hosts = &world.hosts;
    for (name, identities) in [
        ("imds", &hosts.imds.identities),
        ("app_service", &hosts.app_service.identities),
        ("functions", &hosts.functions.identities),
        ("container_apps", &hosts.container_apps.identities),
        ("container_instances", &hosts.container_instances.identities),
        ("arc", &hosts.arc.identities),
        ("service_fabric", &hosts.service_fabric.identities),
        ("azure_ml", &hosts.azure_ml.identities),
    ] {
        assigned(world, name, identities)?;
    }
    instance(&hosts.imds.instance)?;
    key_file(hosts.arc.key_size, &hosts.arc.key_folder)?;
    user(world)
}

fn assigned(world: &World, host: &str, identities: &[String]) -> Checked {
    let mut systems = 0;
    for wanted in identities {
        let mut known = world.managed_identities.iter();
        let Some(found) = known.find(|one| one.name == *wanted) else {
            return Err(format!(
                "host.{host} names the managed identity `{wanted}`, which does not exist"
            ));
        };
        systems += usize::from(found.kind == IdentityKind::System);
    }
    if systems > 1 {
        return Err(format!(
            "host.{host} has more than one system-assigned identity"
        ));
    }
    unique("managed identity of a host", identities.iter())
}

fn instance(document: &Value) -> Checked {
    let fine = document.is_null() || (document.is_object() && only_texts(document));
    if fine {
        return Ok(());
    }
    let example = "{ compute = { location = \"westeurope\" } }";
    Err(format!(
        "host.imds.instance is a table of texts, for the metadata service writes numbers and \
         truths as texts too, such as {example}"
    ))
}

fn only_texts(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().all(only_texts),
        Value::Array(elements) => elements.iter().all(only_texts),
        other => other.is_string(),
    }
}

/// The path stands in a header.
fn key_file(size: usize, folder: &str) -> Checked {
    if size == 0 || size > LARGEST_KEY {
        return Err(format!(
            "host.arc.key_size is from 1 to {LARGEST_KEY} bytes"
        ));
    }
    let plain = folder
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if plain && !folder.is_empty() {
        Ok(())
    } else {
        Err("host.arc.key_folder is a path in ASCII".to_owned())
    }
}

fn user(world: &World) -> Checked {
    let Some(name) = &world.hosts.cloud_shell.user else {
        return Ok(());
    };
    if world
        .users
        .iter()
        .any(|user| user.upn.eq_ignore_ascii_case(name))
    {
        return Ok(());
    }
    Err(format!(
        "host.cloud_shell names the user `{name}`, who does not exist"
    ))
}

const LARGEST_KEY: usize = 65_536;

#[cfg(test)]
mod tests {
    use crate::world::config::World;

    fn refusal(change: impl FnOnce(&mut World)) -> String {
        let mut world = World::basic();
        change(&mut world);
        world.check().unwrap_err().to_string()
    }

    #[test]
    fn what_a_host_cannot_have_is_refused_by_its_key() {
        let stranger = refusal(|world| world.hosts.arc.identities.push("nobody".to_owned()));
        assert!(
            stranger.contains("host.arc names the managed identity `nobody`"),
            "{stranger}"
        );
        let two = refusal(|world| world.hosts.azure_ml.identities.push("system".to_owned()));
        assert!(two.contains("host.azure_ml has more than one"), "{two}");
        let user = refusal(|world| world.hosts.cloud_shell.user = Some("nobody".to_owned()));
        assert!(user.contains("the user `nobody`"), "{user}");
        let empty = refusal(|world| world.hosts.arc.key_size = 0);
        assert!(empty.contains("key_size"), "{empty}");
        let folder = refusal(|world| world.hosts.arc.key_folder = "a\r\nb".to_owned());
        assert!(folder.contains("key_folder"), "{folder}");
        let number = serde_json::json!({ "compute": { "zone": 1 } });
        let number = refusal(|world| world.hosts.imds.instance = number);
        assert!(number.contains("host.imds.instance"), "{number}");
    }
}
