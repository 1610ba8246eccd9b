//! The variables that point programs at an emulator: one table for every command that tells them.

use std::path::Path;

use identity_emulator::Ready;
use url::Url;

/// Returns the variables that name the authority.
pub(super) fn authority(ready: &Ready) -> Vec<(&'static str, String)> {
    vec![("AZURE_AUTHORITY_HOST", ready.https.clone())]
}

/// Returns the variables that name the world's default application.
pub(super) fn application(ready: &Ready) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("AZURE_TENANT_ID", ready.tenant_id.clone()),
        ("AZURE_CLIENT_ID", ready.client_id.clone()),
    ];
    if let Some(secret) = &ready.client_secret {
        variables.push(("AZURE_CLIENT_SECRET", secret.expose().to_owned()));
    }
    variables
}

/// For SDKs that cannot be told where the metadata service is, Go's among them: the proxy answers
/// at its address. Requests that do not go to loopback and are not HTTPS come there as well.
pub(super) fn metadata_proxy(ready: &Ready) -> Vec<(&'static str, String)> {
    ["HTTP_PROXY", "http_proxy"]
        .map(|name| (name, ready.http.clone()))
        .into()
}

/// The emulator as the proxy for everything: the real hosts are answered for by their names. Node's
/// own clients and Java have to be told to look.
pub(super) fn proxy(ready: &Ready) -> Vec<(&'static str, String)> {
    let mut variables = metadata_proxy(ready);
    variables.extend(["HTTPS_PROXY", "https_proxy"].map(|name| (name, ready.http.clone())));
    variables.push(("NODE_USE_ENV_PROXY", "1".to_owned()));
    variables
}

/// Whom to trust. Python's requests, curl's own builds, Node and Deno have settings of their own;
/// Go, .NET, rustls, OpenSSL, httpx and aiohttp read `SSL_CERT_FILE`.
///
/// Those of Node and Deno add to what is trusted. The others replace it, so they name the file with
/// this machine's roots in it, or nothing but the emulator could be reached.
pub(super) fn trust(ready: &Ready) -> Vec<(&'static str, String)> {
    let mut variables = Vec::new();
    let mut tell = |names: &[&'static str], file: Option<&Path>| {
        let value = file.map(|file| file.display().to_string());
        let named = |name: &&'static str| Some((*name, value.clone()?));
        variables.extend(names.iter().filter_map(named));
    };
    tell(REPLACED_BY, ready.ca_bundle.as_deref());
    tell(ADDED_BY, ready.ca_file.as_deref());
    variables
}

/// Variables that name all certificates to be trusted.
const REPLACED_BY: &[&str] = &["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];
/// Variables that name further certificates to be trusted.
const ADDED_BY: &[&str] = &["NODE_EXTRA_CA_CERTS", "DENO_CERT"];
/// The variable that every Java program reads, however it is started.
pub(super) const JAVA_OPTIONS: &str = "JAVA_TOOL_OPTIONS";

/// All that Java wants to be told in a way of its own.
pub(super) fn java(ready: &Ready, behind_proxy: bool) -> Vec<(&'static str, String)> {
    let mut options = Vec::new();
    if let Some(store) = &ready.trust_store {
        let store = store.display().to_string();
        options.push(java_option("javax.net.ssl.trustStore", &store));
        options.push(java_option("javax.net.ssl.trustStoreType", "JKS"));
    }
    let proxy = Url::parse(&ready.http).ok().filter(|_| behind_proxy);
    if let Some(proxy) = proxy {
        let host = proxy.host_str().unwrap_or_default();
        let port = proxy
            .port_or_known_default()
            .unwrap_or_default()
            .to_string();
        for scheme in ["http", "https"] {
            options.push(java_option(&format!("{scheme}.proxyHost"), host));
            options.push(java_option(&format!("{scheme}.proxyPort"), &port));
        }
        options.push(java_option("http.nonProxyHosts", "localhost|127.*|[::1]"));
    }
    if options.is_empty() {
        return Vec::new();
    }
    vec![(JAVA_OPTIONS, options.join(" "))]
}

/// The machine splits its options at spaces, but not inside quotes.
fn java_option(name: &str, value: &str) -> String {
    let option = format!("-D{name}={value}");
    if option.contains(char::is_whitespace) {
        format!("\"{option}\"")
    } else {
        option
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Ready {
        Ready {
            https: "https://127.0.0.1:1".to_owned(),
            http: "http://127.0.0.1:2".to_owned(),
            ca_file: Some("/ca/ca.pem".into()),
            ca_bundle: Some("/ca/bundle.pem".into()),
            trust_store: Some("/my ca/truststore.jks".into()),
            ..Ready::default()
        }
    }

    #[test]
    fn what_replaces_trust_gets_the_bundle_and_what_adds_to_it_the_authority() {
        let variables = [trust(&ready()), java(&ready(), false)].concat();
        let value = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.as_str()).unwrap()
        };
        assert_eq!(value("SSL_CERT_FILE"), "/ca/bundle.pem");
        assert_eq!(value("REQUESTS_CA_BUNDLE"), "/ca/bundle.pem");
        assert_eq!(value("NODE_EXTRA_CA_CERTS"), "/ca/ca.pem");
        assert_eq!(
            value("JAVA_TOOL_OPTIONS"),
            "\"-Djavax.net.ssl.trustStore=/my ca/truststore.jks\" -Djavax.net.ssl.trustStoreType=JKS"
        );
    }

    #[test]
    fn without_files_there_is_nothing_to_trust() {
        assert!(trust(&Ready::default()).is_empty());
        assert!(java(&Ready::default(), false).is_empty());
    }
}
