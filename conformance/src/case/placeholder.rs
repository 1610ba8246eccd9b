//! The placeholders `{name}` of a case: a closed set of names, filled in once the world has
//! started.

use std::collections::BTreeMap;

/// Names whose value is a fact of the `basic` directory.
const FIXED: &[(&str, &str)] = &[
    ("tenant", "aaaaaaaa-0000-4000-8000-000000000001"),
    ("tenant_domain", "contoso.onmicrosoft.com"),
    ("other_tenant", "aaaaaaaa-0000-4000-8000-000000000002"),
    ("unknown_tenant", "aaaaaaaa-0000-4000-8000-0000000000ff"),
    ("client_id", "bbbbbbbb-0000-4000-8000-000000000001"),
    ("object_id", "bbbbbbbb-0000-4000-8000-100000000001"),
    ("client_secret", "daemon-secret-for-tests-only"),
    ("disabled_client_id", "bbbbbbbb-0000-4000-8000-000000000002"),
    ("disabled_client_secret", "disabled-secret-for-tests-only"),
    ("expired_client_id", "bbbbbbbb-0000-4000-8000-000000000003"),
    ("expired_client_secret", "expired-secret-for-tests-only"),
    ("orders_client_id", "bbbbbbbb-0000-4000-8000-000000000004"),
    ("orders_client_secret", "orders-secret-for-tests-only"),
    ("desktop_client_id", "bbbbbbbb-0000-4000-8000-000000000006"),
    ("portal_client_id", "bbbbbbbb-0000-4000-8000-000000000007"),
    ("portal_client_secret", "portal-secret-for-tests-only"),
    ("portal_redirect_uri", "http://localhost/callback"),
    ("service_connection", "dddddddd-0000-4000-8000-000000000003"),
    ("system_access_token", "system-access-token-for-tests-only"),
    ("alice", "alice@contoso.example"),
    ("alice_password", "alice-password-for-tests-only"),
    ("alice_object_id", "eeeeeeee-0000-4000-8000-000000000001"),
    ("bob", "bob@contoso.example"),
    ("unknown_user", "nobody@contoso.example"),
    ("mfa_user", "mfa@contoso.example"),
    ("mfa_password", "user-password-for-tests-only"),
    ("unknown_client_id", "bbbbbbbb-0000-4000-8000-0000000000ff"),
    ("system_client_id", "cccccccc-0000-4000-8000-000000000001"),
    ("system_object_id", "cccccccc-0000-4000-8000-100000000001"),
    ("identity_client_id", "cccccccc-0000-4000-8000-000000000002"),
    ("identity_object_id", "cccccccc-0000-4000-8000-100000000002"),
    (
        "identity_resource_id",
        "/subscriptions/dddddddd-0000-4000-8000-000000000001/resourcegroups/rg-basic\
         /providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a",
    ),
    (
        "other_identity_client_id",
        "cccccccc-0000-4000-8000-000000000003",
    ),
    (
        "unassigned_client_id",
        "cccccccc-0000-4000-8000-0000000000ff",
    ),
];

/// Names whose value depends on the world, each with a stand-in for reading cases without one.
const OF_A_WORLD: &[(&str, &str)] = &[
    ("https", "https://127.0.0.1:1"),
    ("http", "http://127.0.0.1:2"),
    ("imds", "http://127.0.0.1:2"),
    ("host_secret", "told later"),
    ("host_and_port", "127.0.0.1:1"),
    ("home", "/nowhere"),
    ("in_an_hour", "4102444800"),
    ("in_an_hour_iso", "2100-01-01T00:00:00Z"),
    ("ca_file", "/nowhere/ca.pem"),
    ("certificate_file", "/nowhere/daemon.pem"),
    ("by_name_certificate_file", "/nowhere/by_name.pem"),
    ("stranger_certificate_file", "/nowhere/stranger.pem"),
    ("assertion", "signed later"),
    ("expired_assertion", "signed later"),
    ("lasting_assertion", "signed later"),
    ("federated_token", "signed later"),
    ("user_token", "signed later"),
    ("foreign_user_token", "signed later"),
    ("authorization_code", "issued later"),
    ("developer_cache", "written later"),
    ("family_refresh_token", "issued later"),
];

/// The endings of names whose values are secret.
const SECRET: &[&str] = &["secret", "password", "assertion", "token", "code"];

/// The values of the placeholders.
#[derive(Debug, Clone)]
pub struct Placeholders(BTreeMap<&'static str, String>);

impl Placeholders {
    /// Stand-ins for reading a case without a world: addresses that reach nothing.
    pub fn stand_ins() -> Self {
        let all = FIXED.iter().chain(OF_A_WORLD);
        Self(
            all.map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
        )
    }

    /// Values that are the placeholders themselves, for showing a case to people.
    pub fn names_themselves() -> Self {
        let names = FIXED.iter().chain(OF_A_WORLD).map(|(name, _)| *name);
        Self(names.map(|name| (name, format!("{{{name}}}"))).collect())
    }

    /// Values of a running world: `https` and `http` are the emulator's addresses.
    pub fn of_world(https: &str, http: &str, home: &str, ca_file: &str) -> Self {
        let mut values = Self::stand_ins();
        for (name, value) in [
            ("https", https),
            ("http", http),
            ("imds", http),
            (
                "host_and_port",
                https.split("://").last().unwrap_or_default(),
            ),
            ("home", home),
            ("ca_file", ca_file),
        ] {
            values.0.insert(name, value.to_owned());
        }
        values
    }

    /// Sets further values of a world.
    pub fn extend(&mut self, values: impl IntoIterator<Item = (&'static str, String)>) {
        self.0.extend(values);
    }

    /// Whether there is a placeholder of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Secrets of the `basic` directory, for the search for leaks.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(name, _)| SECRET.iter().any(|end| name.ends_with(end)))
            .map(|(_, value)| value.as_str())
    }

    /// Fills in every name.
    ///
    /// # Errors
    /// A name that stands for nothing, with its line (from 1) and the names there are.
    pub fn fill(&self, text: &str) -> Result<String, UnknownName> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find('{') {
            let (before, from_brace) = rest.split_at(start);
            filled.push_str(before);
            match placeholder(from_brace) {
                Some(name) => {
                    let value = self.0.get(name).ok_or_else(|| UnknownName {
                        name: name.to_owned(),
                        line: filled.lines().count().max(1),
                        known: self.0.keys().copied().collect(),
                    })?;
                    filled.push_str(value);
                    rest = &from_brace[name.len() + 2..];
                }
                None => {
                    filled.push('{');
                    rest = &from_brace[1..];
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// A placeholder that is not in the closed set.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// Its line, from 1.
    pub line: usize,
    /// Every name there is.
    pub known: Vec<&'static str>,
}

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "line {}: unknown name {{{}}}; the names are: {}",
            self.line,
            self.name,
            self.known.join(", ")
        )
    }
}

impl std::error::Error for UnknownName {}

/// The name in `{name}…`, or nothing for the braces of JSON and of inline tables.
fn placeholder(from_brace: &str) -> Option<&str> {
    let name = &from_brace[1..from_brace.find('}')?];
    let mut letters = name.chars();
    let first = letters.next()?;
    let rest_fits = letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    (first.is_ascii_lowercase() && rest_fits).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_and_other_braces_stay() {
        let text = "a = '{tenant_domain}/x' # { absent = true } {\"json\": {}} x{3}";
        let filled = Placeholders::stand_ins().fill(text).unwrap();
        assert_eq!(
            filled,
            "a = 'contoso.onmicrosoft.com/x' # { absent = true } {\"json\": {}} x{3}"
        );
    }

    #[test]
    fn an_unknown_name_is_reported_with_its_line_and_the_list() {
        let error = Placeholders::stand_ins()
            .fill("a\nb\nc = '{tenat}'")
            .unwrap_err();
        assert_eq!((error.line, error.name.as_str()), (3, "tenat"));
        assert!(error.to_string().contains("tenant_domain"));
    }

    #[test]
    fn placeholders_with_secret_names_are_secrets() {
        assert_eq!(Placeholders::stand_ins().secrets().count(), 17);
    }
}
