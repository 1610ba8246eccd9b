//! Microsoft's own resources and clients, known in every tenant.

mod clients;

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::RandomState;
use uuid::{Uuid, uuid};

use crate::exchange::error::Aadsts;

pub(crate) use clients::{CLIENTS, is_client, is_family};

/// One Microsoft resource.
#[derive(Debug)]
pub(crate) struct FirstParty {
    pub(crate) app_id: Uuid,
    /// The version of its access tokens: v1, but for the token exchange.
    pub(in crate::world) version: u8,
    /// Names it can be asked for by, without a trailing slash; `*` stands for one account's name.
    names: &'static [&'static str],
}

/// The resource with this name, in any case and with or without a slash at the end.
pub(crate) fn find(name: &str) -> Option<&'static FirstParty> {
    if let Ok(id) = Uuid::parse_str(name) {
        return FIRST_PARTY.iter().find(|one| one.app_id == id);
    }
    let name = name.strip_suffix('/').unwrap_or(name).to_ascii_lowercase();
    let like = |one: &&FirstParty| one.names.iter().any(|pattern| is_like(pattern, &name));
    // Nearly always it is one of the plain names, which are found much sooner than patterns.
    let named = BY_NAME.get(name.as_str()).copied();
    named.or_else(|| FIRST_PARTY.iter().find(like))
}

/// Whether it is written just as in the table.
pub(crate) fn is_name(name: &str) -> bool {
    BY_NAME.contains_key(name)
}

/// The table by name, which is looked up for every token that is asked for.
static BY_NAME: LazyLock<HashMap<&str, &FirstParty, RandomState>> = LazyLock::new(|| {
    let each = FIRST_PARTY.iter();
    each.flat_map(|one| one.names.iter().map(move |name| (*name, one)))
        .collect()
});

/// Azure Resource Manager.
pub(crate) const RESOURCE_MANAGER: Uuid = uuid!("797f4846-ba00-4fd7-ba43-dac1f8f63013");

/// Whether one of Microsoft's resources takes part in continuous access evaluation: Microsoft
/// Graph, Exchange, SharePoint and Teams do. Source: captured lifetimes (Graph about a day, Azure
/// Resource Manager 4,848 s), and
/// <https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation>.
pub(in crate::world) fn evaluates_continuously(resource: Uuid) -> bool {
    const EXCHANGE: Uuid = uuid!("00000002-0000-0ff1-ce00-000000000000");
    const SHAREPOINT: Uuid = uuid!("00000003-0000-0ff1-ce00-000000000000");
    const TEAMS: Uuid = uuid!("cc15fd57-2c6c-4117-a88c-83b1d56b4bbe");
    [GRAPH, EXCHANGE, SHAREPOINT, TEAMS].contains(&resource)
}

/// Microsoft Graph: what a scope without a resource is about.
pub(crate) const GRAPH: Uuid = uuid!("00000003-0000-0000-c000-000000000000");

/// Returns the scopes that Microsoft's own clients have of one of Microsoft's resources.
pub(in crate::world) fn usual_scopes(resource: Uuid) -> &'static [&'static str] {
    if resource == GRAPH {
        &[
            "AuditLog.Read.All",
            "Directory.AccessAsUser.All",
            "email",
            "Group.ReadWrite.All",
            "openid",
            "profile",
            "User.ReadWrite.All",
        ]
    } else {
        &["user_impersonation"]
    }
}

/// Refuses one of Microsoft's clients a permission that nobody can agree to: 65002.
pub(crate) fn check_preauthorized(client: Uuid, resource: Uuid, scope: &str) -> Result<(), Aadsts> {
    if is_preauthorized(client, resource, scope) {
        return Ok(());
    }
    let refusal = Aadsts::new(65002).with("client", client.to_string());
    Err(refusal.with("resource", resource.to_string()))
}

/// Whether one of Microsoft's clients may have this permission of one of Microsoft's resources:
/// what it has anyway, or less of it, as `User.Read` is of `User.ReadWrite.All`. The command line
/// tools of Microsoft Graph ask their users instead, and what other resources expose is not known.
fn is_preauthorized(client: Uuid, resource: Uuid, scope: &str) -> bool {
    let family = |scope: &str| {
        let start = scope.split('.').next().unwrap_or_default();
        start.to_ascii_lowercase()
    };
    let mut usual = usual_scopes(resource).iter();
    resource != GRAPH
        || clients::asks_users(client)
        || usual.any(|one| family(one) == family(scope))
}

fn is_like(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let account = name
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after));
    account.is_some_and(|account| {
        !account.is_empty()
            && account
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

#[rustfmt::skip]
const FIRST_PARTY: &[FirstParty] = &[
    // Azure Resource Manager
    FirstParty { app_id: RESOURCE_MANAGER, version: 1, names: &[
        "https://management.azure.com", "https://management.core.windows.net",
        "https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net",
        "https://management.chinacloudapi.cn", "https://management.core.chinacloudapi.cn"] },
    // Microsoft Graph
    FirstParty { app_id: GRAPH, version: 1, names: &[
        "https://graph.microsoft.com", "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn"] },
    // Azure AD Graph, long retired but still asked for
    FirstParty { app_id: uuid!("00000002-0000-0000-c000-000000000000"), version: 1, names: &["https://graph.windows.net"] },
    // Key Vault and managed HSM
    FirstParty { app_id: uuid!("cfa8b339-82a2-471a-a3c9-0fc0be7a4093"), version: 1, names: &[
        "https://vault.azure.net", "https://vault.usgovcloudapi.net", "https://vault.azure.cn"] },
    FirstParty { app_id: uuid!("589d5083-6f11-4d30-a62a-a4b316a14abf"), version: 1, names: &["https://managedhsm.azure.net"] },
    // Storage, and its accounts
    FirstParty { app_id: uuid!("e406a681-f3d4-42a8-90b6-c2b029497af1"), version: 1, names: &[
        "https://storage.azure.com", "https://*.blob.core.windows.net",
        "https://*.queue.core.windows.net", "https://*.table.core.windows.net",
        "https://*.dfs.core.windows.net", "https://*.file.core.windows.net",
        "https://*.blob.core.usgovcloudapi.net", "https://*.blob.core.chinacloudapi.cn"] },
    // Azure SQL
    FirstParty { app_id: uuid!("022907d3-0f1b-48f7-badc-1ba6abab6d66"), version: 1, names: &[
        "https://database.windows.net", "https://sql.azuresynapse.net",
        "https://database.usgovcloudapi.net", "https://database.chinacloudapi.cn"] },
    // Databases for PostgreSQL and MySQL
    FirstParty { app_id: uuid!("123cd850-d9df-40bd-94d5-c9f07b7fa203"), version: 1, names: &["https://ossrdbms-aad.database.windows.net"] },
    // Service Bus, Event Hubs
    FirstParty { app_id: uuid!("80a10ef9-8168-493d-abf9-3297c4ef6e3c"), version: 1, names: &[
        "https://servicebus.azure.net", "https://*.servicebus.windows.net"] },
    FirstParty { app_id: uuid!("80369ed6-5f11-4dd9-bef3-692475845e77"), version: 1, names: &["https://eventhubs.azure.net"] },
    // Cosmos DB
    FirstParty { app_id: uuid!("a232010e-820c-4083-83bb-3ace5fc29d0b"), version: 1, names: &[
        "https://cosmos.azure.com", "https://*.documents.azure.com"] },
    // App Configuration
    FirstParty { app_id: uuid!("35ffadb3-7fc1-497e-b61b-381d28e744cc"), version: 1, names: &[
        "https://azconfig.io", "https://appconfig.azure.com", "https://*.azconfig.io"] },
    // Log Analytics, Azure Monitor
    FirstParty { app_id: uuid!("ca7f3f0b-7d91-482c-8e09-c5d840d0eac5"), version: 1, names: &[
        "https://api.loganalytics.io", "https://api.loganalytics.azure.com"] },
    FirstParty { app_id: uuid!("6bccf540-eb86-4037-af03-7fa058c2db75"), version: 1, names: &["https://monitor.azure.com"] },
    // Azure DevOps
    FirstParty { app_id: uuid!("499b84ac-1321-427f-aa17-267ca6975798"), version: 1, names: &["https://app.vssps.visualstudio.com"] },
    // Cognitive Services, Search, Machine Learning, Maps
    FirstParty { app_id: uuid!("7d312290-28c8-473c-a0ed-8e53749b6d6d"), version: 1, names: &["https://cognitiveservices.azure.com"] },
    FirstParty { app_id: uuid!("880da380-985e-4198-81b9-e05b1cc53158"), version: 1, names: &["https://search.azure.com"] },
    FirstParty { app_id: uuid!("0736f41a-0425-4b46-bdb5-1563eff02385"), version: 1, names: &["https://ml.azure.com"] },
    FirstParty { app_id: uuid!("18a66f5f-dbdf-4c17-9dd7-1634712a9cbe"), version: 1, names: &["https://ai.azure.com"] },
    FirstParty { app_id: uuid!("ba1ea022-5807-41d5-bbeb-292c7e1cf5f6"), version: 1, names: &["https://atlas.microsoft.com"] },
    // Event Grid, SignalR, Digital Twins, Data Explorer, Data Lake, Batch, Synapse
    FirstParty { app_id: uuid!("4962773b-9cdb-44cf-a8bf-237846a00ab7"), version: 1, names: &["https://eventgrid.azure.net"] },
    FirstParty { app_id: uuid!("cdad765b-f191-43ba-b9f5-7aef392f811d"), version: 1, names: &["https://signalr.azure.com"] },
    FirstParty { app_id: uuid!("0b07f429-9f4b-4714-9392-cc5e8e80c8b0"), version: 1, names: &["https://digitaltwins.azure.net"] },
    FirstParty { app_id: uuid!("2746ea77-4702-4b45-80ca-3c97e680e8b7"), version: 1, names: &[
        "https://kusto.kusto.windows.net", "https://api.kusto.windows.net"] },
    FirstParty { app_id: uuid!("e9f49c6b-5ce5-44c8-925d-015017e9f7ad"), version: 1, names: &["https://datalake.azure.net"] },
    FirstParty { app_id: uuid!("ddbf3205-c6bd-46ae-8127-60eb93363864"), version: 1, names: &["https://batch.core.windows.net"] },
    FirstParty { app_id: uuid!("9e09aefc-b2e5-4d19-9f74-3e3e8b11e57b"), version: 1, names: &["https://dev.azuresynapse.net"] },
    // Redis, Container Registry, token exchange of workload identities
    FirstParty { app_id: uuid!("acca5fbb-b7e4-4009-81f1-37e38fd66d78"), version: 1, names: &["https://redis.azure.com"] },
    FirstParty { app_id: uuid!("6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26"), version: 1, names: &["https://containerregistry.azure.net"] },
    FirstParty { app_id: uuid!("fb60f99c-7a34-4190-8149-302f77469936"), version: 2, names: &[
        "api://azureadtokenexchange", "api://azureadtokenexchangeusgov", "api://azureadtokenexchangechina"] },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_found_in_any_case_with_or_without_a_slash() {
        for name in [
            "https://vault.azure.net",
            "https://vault.azure.net/",
            "https://VAULT.azure.net",
        ] {
            assert!(find(name).is_some(), "{name}");
        }
        assert!(find("https://vault.azure.net//").is_none());
    }

    #[test]
    fn a_storage_account_is_storage_but_its_look_alike_is_not() {
        let storage = find("https://storage.azure.com").unwrap().app_id;
        assert_eq!(
            find("https://myaccount.blob.core.windows.net")
                .unwrap()
                .app_id,
            storage
        );
        assert!(find("https://evil.example/.blob.core.windows.net").is_none());
        assert!(find("https://.blob.core.windows.net").is_none());
    }

    #[test]
    fn every_name_and_id_is_there_once() {
        let mut names: Vec<_> = FIRST_PARTY.iter().flat_map(|one| one.names).collect();
        let mut ids: Vec<_> = FIRST_PARTY.iter().map(|one| one.app_id).collect();
        let (named, numbered) = (names.len(), ids.len());
        names.sort_unstable();
        names.dedup();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((names.len(), ids.len()), (named, numbered));
    }
}
