//! The members of a credential that the harness fills in, because a case cannot know them.

use crate::protocol::Credential;

/// Fills in the emulator's address and certificate authority. Credentials that read the environment
/// get no address, because the case is to show that they find it there. Instance discovery is on
/// only for an authority that the case names.
pub(super) fn credential(described: &mut Credential, authority: &str, ca: Option<&String>) {
    if let Some(entra) = described.entra_mut() {
        entra.disable_instance_discovery = entra.authority.is_none();
        entra.authority.get_or_insert_with(|| authority.to_owned());
        entra.ca_file = ca.cloned();
    }
    match described {
        Credential::Environment {
            ca_file,
            disable_instance_discovery,
        }
        | Credential::Default {
            ca_file,
            disable_instance_discovery,
            ..
        } => {
            *ca_file = ca.cloned();
            *disable_instance_discovery = true;
        }
        Credential::WorkloadIdentity(workload) => {
            workload.ca_file = ca.cloned();
            workload.disable_instance_discovery = true;
        }
        Credential::SharedTokenCache(cache) | Credential::VisualStudioCode(cache) => {
            cache.authority = Some(authority.to_owned());
            cache.ca_file = ca.cloned();
            cache.disable_instance_discovery = true;
        }
        Credential::Chained { credentials } => {
            for member in credentials {
                credential(member, authority, ca);
            }
        }
        _ => {}
    }
}
