//! The environment of the command: what is set, what is taken away, what is added to.

use std::process::Command;

use identity_emulator::Ready;

use crate::cli::variables;

/// The difference between our environment and the command's.
#[derive(Debug, Default)]
pub(super) struct Environment {
    removed: Vec<&'static str>,
    set: Vec<(&'static str, String)>,
}

/// How the command sees its world.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) ready: Ready,
    /// The variables of its host, or of its application where it has no host.
    pub(super) own: Vec<(&'static str, String)>,
    /// Whether there shall be something at the metadata service's address.
    pub(super) has_metadata_service: bool,
    /// Whether the emulator is its proxy for everything.
    pub(super) proxy: bool,
}

impl Environment {
    /// Returns the environment of a command with this view; `inherited` looks up our own variables.
    pub(super) fn of(view: &View, inherited: impl Fn(&str) -> Option<String>) -> Self {
        let ready = &view.ready;
        let mut set = variables::trust(ready);
        set.extend(variables::java(ready, view.proxy));
        set.extend(view.own.clone());
        if view.proxy {
            set.extend(variables::proxy(ready));
        } else {
            set.extend(variables::authority(ready));
            if view.has_metadata_service {
                set.extend(variables::metadata_proxy(ready));
            }
        }
        let spared = if view.proxy {
            None
        } else {
            inherited("NO_PROXY")
        };
        set.extend(["NO_PROXY", "no_proxy"].map(|name| (name, no_proxy(spared.as_deref()))));
        for (name, value) in &mut set {
            if *name == variables::JAVA_OPTIONS
                && let Some(own) = inherited(name).filter(|own| !own.is_empty())
            {
                *value = format!("{own} {value}");
            }
        }
        let removed = REAL.iter().chain(if view.proxy { ALL_PROXY } else { &[] });
        Self {
            removed: removed.copied().collect(),
            set,
        }
    }

    pub(super) fn apply(self, command: &mut Command) {
        for name in self.removed {
            command.env_remove(name);
        }
        command.envs(self.set);
    }
}

/// Loopback is never reached through a proxy, whatever else may be; the metadata service is, for
/// some SDKs find it in no other way.
fn no_proxy(inherited: Option<&str>) -> String {
    let inherited = inherited.unwrap_or_default().split(',').map(str::trim);
    let spared = inherited.filter(|host| !host.is_empty() && *host != "*");
    let spared = spared.filter(|host| !host.starts_with("169.254."));
    let own = ["localhost", "127.0.0.1", "::1"].into_iter();
    own.chain(spared).collect::<Vec<_>>().join(",")
}

/// Some programs heed these before all others.
const ALL_PROXY: &[&str] = &["ALL_PROXY", "all_proxy"];

/// The variables that name a real identity, a real place or a folder of certificates that programs
/// would prefer to the file they are given. None of them belongs into a test.
const REAL: &[&str] = &[
    "AZURE_AUTHORITY_HOST",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_USERNAME",
    "AZURE_PASSWORD",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_KUBERNETES_TOKEN_PROXY",
    "AZURE_KUBERNETES_SNI_NAME",
    "AZURE_KUBERNETES_CA_FILE",
    "AZURE_KUBERNETES_CA_DATA",
    "AZURE_REGIONAL_AUTHORITY_NAME",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "IDENTITY_API_VERSION",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "SSL_CERT_DIR",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn of(
        host: &'static str,
        proxy: bool,
        inherited: &[(&str, &str)],
    ) -> BTreeMap<String, Option<String>> {
        let view = View {
            ready: Ready {
                https: "https://127.0.0.1:1".to_owned(),
                http: "http://127.0.0.1:2".to_owned(),
                trust_store: Some("/ca/store.jks".into()),
                ..Ready::default()
            },
            own: vec![(host, "host".to_owned())],
            has_metadata_service: host != "IDENTITY_ENDPOINT",
            proxy,
        };
        let look = |name: &str| {
            let found = inherited.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let mut command = Command::new("true");
        Environment::of(&view, look).apply(&mut command);
        let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
        let changes = command.get_envs();
        changes
            .map(|(name, value)| (text(name), value.map(text)))
            .collect()
    }

    const IMDS: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

    #[test]
    fn a_virtual_machine_has_a_metadata_service_at_its_address_and_another_host_has_none() {
        let machine = of(IMDS, false, &[]);
        assert_eq!(machine["AZURE_CLIENT_ID"], None);
        for (name, value) in [
            (IMDS, "host"),
            ("AZURE_AUTHORITY_HOST", "https://127.0.0.1:1"),
            ("HTTP_PROXY", "http://127.0.0.1:2"),
        ] {
            assert_eq!(machine[name].as_deref(), Some(value), "{name}");
        }
        assert!(!machine.contains_key("HTTPS_PROXY"));
        let other = of("IDENTITY_ENDPOINT", false, &[]);
        assert_eq!(other["IDENTITY_ENDPOINT"].as_deref(), Some("host"));
        assert_eq!(other[IMDS], None);
        assert!(!other.contains_key("HTTP_PROXY"));
    }

    #[test]
    fn behind_the_proxy_the_authority_is_the_usual_one() {
        let inherited = [("NO_PROXY", ".microsoftonline.com")];
        let environment = of("AZURE_CLIENT_ID", true, &inherited);
        assert_eq!(environment["AZURE_CLIENT_ID"].as_deref(), Some("host"));
        assert_eq!(environment["AZURE_AUTHORITY_HOST"], None);
        assert_eq!(environment["ALL_PROXY"], None);
        for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] {
            let value = environment[name].as_deref();
            assert_eq!(value, Some("http://127.0.0.1:2"), "{name}");
        }
        let spared = environment["NO_PROXY"].as_deref();
        assert_eq!(spared, Some("localhost,127.0.0.1,::1"));
        let java = environment["JAVA_TOOL_OPTIONS"].as_deref().unwrap();
        assert!(
            java.contains("-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=2 "),
            "{java}"
        );
    }

    #[test]
    fn nothing_of_a_real_identity_is_handed_on() {
        let environment = of(IMDS, false, &[("AZURE_CLIENT_SECRET", "real")]);
        for name in [
            "AZURE_CLIENT_SECRET",
            "IDENTITY_ENDPOINT",
            "MSI_SECRET",
            "SSL_CERT_DIR",
        ] {
            assert_eq!(environment[name], None, "{name}");
        }
    }

    #[test]
    fn what_others_said_about_java_and_proxies_is_added_to() {
        let spared = "corp.example, 169.254.169.254,*";
        let inherited = [("JAVA_TOOL_OPTIONS", "-Xmx1g"), ("NO_PROXY", spared)];
        let environment = of(IMDS, false, &inherited);
        assert_eq!(
            environment["JAVA_TOOL_OPTIONS"].as_deref(),
            Some(
                "-Xmx1g -Djavax.net.ssl.trustStore=/ca/store.jks -Djavax.net.ssl.trustStoreType=JKS"
            )
        );
        for name in ["NO_PROXY", "no_proxy"] {
            let value = environment[name].as_deref();
            assert_eq!(
                value,
                Some("localhost,127.0.0.1,::1,corp.example"),
                "{name}"
            );
        }
    }
}
