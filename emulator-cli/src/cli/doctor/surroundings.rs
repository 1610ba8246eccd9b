//! Everything that the doctor looks at: its input and output, and none of its judgement.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use identity_emulator::Ready;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::net::{TcpStream, lookup_host};
use tokio::runtime::Builder;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::cli::Failure;
use crate::cli::control::Target;
use crate::cli::doctor::nearby::is_near;

/// The host whose name most SDKs know.
pub(super) const SIGN_IN_HOST: &str = "login.microsoftonline.com";
/// How long a name, or a handshake, may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything the checks are about.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) variables: BTreeMap<String, String>,
    /// The emulator's ready line, or the reason why there is none.
    pub(super) emulator: Result<Ready, String>,
    /// The time it lives by, and ours when it was asked.
    pub(super) clock: Option<(OffsetDateTime, OffsetDateTime)>,
    /// The outcome of a TLS handshake with the emulator by a client that trusts the file a variable
    /// names, by variable.
    pub(super) handshakes: BTreeMap<&'static str, Result<(), String>>,
    /// The content of Java's trust store, by its path.
    pub(super) trust_store: Option<(String, Result<Vec<u8>, String>)>,
    /// The certificate of the emulator's authority, if its file can be read here.
    pub(super) authority: Option<Vec<u8>>,
    /// The addresses of [`SIGN_IN_HOST`].
    pub(super) sign_in: Result<Vec<IpAddr>, String>,
    /// Whether the emulator is what answers at that name, port 443.
    pub(super) sign_in_is_ours: bool,
}

/// Variables that name a file of certificates in PEM.
pub(super) const PEM_FILES: &[&str] = &[
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

#[derive(Deserialize)]
struct ClockStatus {
    now: String,
}

impl Surroundings {
    /// Looks around; `http` is where the emulator should be, if somebody knows.
    pub(super) fn look(http: Option<Url>) -> Result<Self, Failure> {
        let variables: BTreeMap<_, _> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let told = || variables.get("AZURE_POD_IDENTITY_AUTHORITY_HOST");
        let http = http.or_else(|| Url::parse(told()?).ok());
        let target = http.map_or_else(Target::default, Target::at);
        let mut around = Self {
            emulator: target.ask("ready").map_err(|failure| failure.text),
            clock: target.ask("clock").ok().and_then(now_there),
            trust_store: trust_store(&variables),
            variables,
            ..Self::default()
        };
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.map_err(Failure::new)?.block_on(around.reach_out());
        Ok(around)
    }

    /// A variable that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// A proxy variable, by either of its names.
    pub(super) fn proxy(&self, name: &str) -> Option<&str> {
        let lower = name.to_ascii_lowercase();
        self.variable(&lower).or_else(|| self.variable(name))
    }

    /// Whether this proxy is the emulator.
    pub(super) fn is_emulator(&self, url: &str) -> bool {
        let ready = self.emulator.as_ref();
        ready.is_ok_and(|ready| same_place(&ready.http, url))
    }

    async fn reach_out(&mut self) {
        self.sign_in = resolved().await;
        let files = PEM_FILES
            .iter()
            .filter_map(|name| Some((*name, self.variable(name)?)));
        let files: Vec<_> = files.map(|(name, file)| (name, file.to_owned())).collect();
        if let Ok(ready) = self.emulator.clone() {
            for (name, file) in files {
                let shaken = shake(&ready.https, &file).await;
                self.handshakes.insert(name, shaken);
            }
            let file = ready
                .ca_file
                .as_deref()
                .and_then(Path::to_str)
                .map(str::to_owned);
            self.authority = file
                .as_deref()
                .and_then(|file| certificates(file).ok()?.pop());
            // The real one is not to be bothered.
            if let Some(file) = file.filter(|_| self.sign_in.as_deref().is_ok_and(is_near)) {
                let url = format!("https://{SIGN_IN_HOST}");
                self.sign_in_is_ours = shake(&url, &file).await.is_ok();
            }
        }
    }
}

impl Default for Surroundings {
    fn default() -> Self {
        let unknown = || "not looked for".to_owned();
        Self {
            variables: BTreeMap::new(),
            emulator: Err(unknown()),
            clock: None,
            handshakes: BTreeMap::new(),
            trust_store: None,
            authority: None,
            sign_in: Err(unknown()),
            sign_in_is_ours: false,
        }
    }
}

/// Whether two URLs lead to the same listener; loopback has several names.
pub(super) fn same_place(one: &str, other: &str) -> bool {
    let place = |url: &str| {
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?.replace("localhost", "127.0.0.1");
        Some((host, url.port_or_known_default()?))
    };
    place(one).is_some() && place(one) == place(other)
}

fn now_there(status: ClockStatus) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let there = OffsetDateTime::parse(&status.now, &Rfc3339).ok()?;
    Some((there, OffsetDateTime::now_utc()))
}

fn trust_store(variables: &BTreeMap<String, String>) -> Option<(String, Result<Vec<u8>, String>)> {
    let options = variables.get("JAVA_TOOL_OPTIONS")?;
    let (_, rest) = options.split_once("-Djavax.net.ssl.trustStore=")?;
    // An option with a space in it stands in quotes.
    let quoted = options.contains("\"-Djavax.net.ssl.trustStore=");
    let path = rest
        .split(|c: char| if quoted { c == '"' } else { c.is_whitespace() })
        .next()?;
    let content = fs::read(path).map_err(|error| error.to_string());
    Some((path.to_owned(), content))
}

fn certificates(file: &str) -> Result<Vec<Vec<u8>>, String> {
    let pem = fs::read(file).map_err(|error| format!("{file} cannot be read: {error}"))?;
    let found = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
    let found: Vec<_> = found.map(|certificate| certificate.to_vec()).collect();
    if found.is_empty() {
        return Err(format!("{file} holds no certificate"));
    }
    Ok(found)
}

/// A handshake at `url` by a client that trusts this file and nothing else.
async fn shake(url: &str, file: &str) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(file)?.into_iter().map(CertificateDer::from));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']'])
        .to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let name = ServerName::try_from(host.clone()).map_err(|error| error.to_string())?;
    let shaken = async {
        let stream = TcpStream::connect((host, port)).await?;
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    };
    match timeout(PATIENCE, shaken).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it takes too long".to_owned()),
    }
}

async fn resolved() -> Result<Vec<IpAddr>, String> {
    match timeout(PATIENCE, lookup_host((SIGN_IN_HOST, 443))).await {
        Ok(Ok(found)) => Ok(found.map(|address| address.ip()).collect()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer".to_owned()),
    }
}
