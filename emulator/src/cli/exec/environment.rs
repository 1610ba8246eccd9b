//! The environment of the command: what is set, what is taken away, what is added to.

use std::process::Command;

use identity_emulator::Ready;

use crate::cli::exec::Host;
use crate::cli::variables;

/// The difference between our environment and the command's.
#[derive(Debug, Default)]
pub(super) struct Environment {
    removed: Vec<&'static str>,
    set: Vec<(&'static str, String)>,
}

impl Environment {
    /// Of a command that shall find the emulator at `ready` as if on `host`; `inherited` looks up
    /// our own variables.
    pub(super) fn of(
        ready: &Ready,
        host: Host,
        inherited: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let mut set = [variables::authority(ready), variables::trust(ready)].concat();
        set.extend(match host {
            Host::Imds => variables::virtual_machine(ready),
            Host::None => variables::application(ready),
        });
        set.extend(["NO_PROXY", "no_proxy"].map(|name| (name, no_proxy(inherited(name)))));
        for (name, value) in &mut set {
            if *name == variables::JAVA_OPTIONS
                && let Some(own) = inherited(name).filter(|own| !own.is_empty())
            {
                *value = format!("{own} {value}");
            }
        }
        Self {
            removed: REAL.to_vec(),
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

/// Loopback is never reached through a proxy, whatever else may be.
fn no_proxy(inherited: Option<String>) -> String {
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    own.into_iter()
        .chain(inherited.filter(|rest| !rest.is_empty()))
        .collect::<Vec<_>>()
        .join(",")
}

/// What says who one really is, and where, has no place in a test; nor has a folder of certificates
/// that programs would prefer to the file they are given.
const REAL: &[&str] = &[
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

    fn of(host: Host, inherited: &[(&str, &str)]) -> BTreeMap<String, Option<String>> {
        let ready = Ready {
            https: "https://127.0.0.1:1".to_owned(),
            http: "http://127.0.0.1:2".to_owned(),
            client_id: "app".to_owned(),
            trust_store: Some("/ca/store.jks".into()),
            ..Ready::default()
        };
        let look = |name: &str| {
            let found = inherited.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let mut command = Command::new("true");
        Environment::of(&ready, host, look).apply(&mut command);
        let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
        let changes = command.get_envs();
        changes
            .map(|(name, value)| (text(name), value.map(text)))
            .collect()
    }

    #[test]
    fn on_a_virtual_machine_one_is_no_application() {
        let environment = of(Host::Imds, &[]);
        assert_eq!(environment["AZURE_CLIENT_ID"], None);
        let imds = environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"].as_deref();
        assert_eq!(imds, Some("http://127.0.0.1:2"));
        let authority = environment["AZURE_AUTHORITY_HOST"].as_deref();
        assert_eq!(authority, Some("https://127.0.0.1:1"));
    }

    #[test]
    fn the_application_is_on_no_host() {
        let environment = of(Host::None, &[]);
        assert_eq!(environment["AZURE_CLIENT_ID"].as_deref(), Some("app"));
        assert_eq!(environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"], None);
    }

    #[test]
    fn nothing_of_a_real_identity_is_handed_on() {
        let environment = of(Host::Imds, &[("AZURE_CLIENT_SECRET", "real")]);
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
        let inherited = [
            ("JAVA_TOOL_OPTIONS", "-Xmx1g"),
            ("NO_PROXY", "corp.example"),
        ];
        let environment = of(Host::Imds, &inherited);
        assert_eq!(
            environment["JAVA_TOOL_OPTIONS"].as_deref(),
            Some(
                "-Xmx1g -Djavax.net.ssl.trustStore=/ca/store.jks -Djavax.net.ssl.trustStoreType=JKS"
            )
        );
        let no_proxy = environment["NO_PROXY"].as_deref();
        assert_eq!(no_proxy, Some("localhost,127.0.0.1,::1,corp.example"));
        assert_eq!(
            environment["no_proxy"].as_deref(),
            Some("localhost,127.0.0.1,::1")
        );
    }
}
