//! `env`: the variables that point SDKs at a running emulator.

use std::path::Path;

use clap::{Args, ValueEnum};
use identity_emulator::Ready;

use crate::cli::control::Target;
use crate::cli::{Failure, print};

/// Print the variables that point the SDKs of each language at the running emulator
#[derive(Debug, Args)]
pub(super) struct Env {
    /// Whose syntax to use
    #[arg(long, value_enum, default_value_t = Shell::Sh)]
    shell: Shell,
    #[command(flatten)]
    target: Target,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// POSIX shells
    Sh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// `NAME="value"` lines, as `.env` files and `docker run --env-file` have them
    Dotenv,
}

impl Env {
    pub(super) fn run(self) -> Result<(), Failure> {
        let ready: Ready = self.target.ask("ready")?;
        variables(&ready)
            .iter()
            .try_for_each(|(name, value)| print(&self.shell.line(name, value)))?;
        ready.ca_file.as_deref().map_or(Ok(()), |file| {
            java(file).iter().try_for_each(|line| print(line))
        })
    }
}

impl Shell {
    fn line(self, name: &str, value: &str) -> String {
        match self {
            Self::Sh => format!("export {name}='{}'", value.replace('\'', r"'\''")),
            Self::Fish => {
                format!(
                    "set -gx {name} '{}'",
                    value.replace('\\', r"\\").replace('\'', r"\'")
                )
            }
            Self::Powershell => format!("$env:{name} = '{}'", value.replace('\'', "''")),
            Self::Dotenv => format!("{name}={value}"),
        }
    }
}

/// Java reads no PEM file, and a trust store takes its own `keytool` to make; every shell here takes
/// these lines for comments.
fn java(ca_file: &Path) -> [String; 3] {
    let (ca, store) = (ca_file.display(), ca_file.with_file_name("truststore.p12"));
    let store = store.display();
    [
        "# Java needs a trust store. Make it once per certificate authority, then set the variable:".to_owned(),
        format!(
            "# keytool -importcert -noprompt -alias identity-emulator -file '{ca}' \
             -keystore '{store}' -storetype PKCS12 -storepass changeit"
        ),
        format!(
            "# JAVA_TOOL_OPTIONS='-Djavax.net.ssl.trustStore={store} \
             -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=changeit'"
        ),
    ]
}

/// Who reads which: Python requests and Node have trust settings of their own; Go, rustls, OpenSSL,
/// httpx and aiohttp read `SSL_CERT_FILE`.
fn variables(ready: &Ready) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("AZURE_AUTHORITY_HOST", ready.https.clone()),
        ("AZURE_TENANT_ID", ready.tenant_id.clone()),
        ("AZURE_CLIENT_ID", ready.client_id.clone()),
    ];
    if let Some(secret) = &ready.client_secret {
        variables.push(("AZURE_CLIENT_SECRET", secret.expose().to_owned()));
    }
    variables.push(("AZURE_POD_IDENTITY_AUTHORITY_HOST", ready.http.clone()));
    if let Some(file) = &ready.ca_file {
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
            variables.push((name, file.display().to_string()));
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_gets_its_own_quotes() {
        let line = |shell: Shell| shell.line("A", "it's");
        assert_eq!(line(Shell::Sh), r"export A='it'\''s'");
        assert_eq!(line(Shell::Fish), r"set -gx A 'it\'s'");
        assert_eq!(line(Shell::Powershell), "$env:A = 'it''s'");
        assert_eq!(line(Shell::Dotenv), "A=it's");
    }
}
