//! Whether the certificate of the emulator is accepted, runtime by runtime.

use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::surroundings::{PEM_FILES, Surroundings};

const NAME: &str = "trust";

/// The variables that name PEM files.
pub(super) fn files(around: &Surroundings) -> Vec<Finding> {
    let Ok(ready) = &around.emulator else {
        return Vec::new();
    };
    let ca = ready.ca_bundle.as_ref().or(ready.ca_file.as_ref());
    let fix = |name: &str| {
        let file = ca.map_or_else(
            || "the authority's ca.pem".into(),
            |file| file.display().to_string(),
        );
        format!("{name}={file}")
    };
    let finding = |name: &'static str| {
        let about = match around.handshakes.get(name) {
            Some(Ok(())) => Finding::ok(NAME, format!("{name} is enough to trust the emulator")),
            Some(Err(why)) => {
                let text = format!("with {name} the emulator is not trusted: {why}");
                Finding::problem(NAME, text).fixed_by(fix(name))
            }
            None => {
                let text = format!("{name} is not set: the certificate is refused");
                Finding::warning(NAME, text).fixed_by(fix(name))
            }
        };
        about.of(readers(name))
    };
    let mut findings: Vec<_> = PEM_FILES.iter().copied().map(finding).collect();
    if around.variable("SSL_CERT_DIR").is_some() {
        let text = "SSL_CERT_DIR is set, and its folder is trusted as well, or instead";
        findings.push(
            Finding::warning(NAME, text)
                .of(&["Go", ".NET"])
                .fixed_by("unset SSL_CERT_DIR"),
        );
    }
    findings
}

fn readers(name: &str) -> &'static [&'static str] {
    match name {
        "SSL_CERT_FILE" => &["Go", ".NET", "Rust", "Python asyncio", "Ruby", "PHP"],
        "REQUESTS_CA_BUNDLE" => &["Python", "Azure CLI"],
        "NODE_EXTRA_CA_CERTS" => &["Node"],
        _ => &["curl"],
    }
}

/// The trust store in `JAVA_TOOL_OPTIONS`.
pub(super) fn java(around: &Surroundings) -> Vec<Finding> {
    const JKS: &[u8] = b"\xFE\xED\xFE\xED";
    let Ok(ready) = &around.emulator else {
        return Vec::new();
    };
    let (path, content) = match &around.trust_store {
        None => {
            let text = "JAVA_TOOL_OPTIONS names no trust store: the certificate is refused";
            let store = ready.trust_store.as_ref();
            let store = store.map_or_else(|| "…".to_owned(), |store| store.display().to_string());
            let fix = format!("JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore={store}");
            return vec![Finding::warning(NAME, text).of(&["Java"]).fixed_by(fix)];
        }
        Some((path, Ok(content))) => (path, content),
        Some((path, Err(why))) => {
            let text = format!("Java's trust store {path} cannot be read: {why}");
            return vec![Finding::problem(NAME, text).of(&["Java"])];
        }
    };
    let Some(authority) = &around.authority else {
        return Vec::new();
    };
    let holds = content
        .windows(authority.len())
        .any(|window| window == authority.as_slice());
    vec![
        if holds {
            Finding::ok(NAME, format!("{path} holds the emulator's authority"))
        } else if content.starts_with(JKS) {
            let text = format!("{path} does not hold the authority of this emulator");
            Finding::problem(NAME, text).fixed_by("name the truststore.jks beside its ca.pem")
        } else {
            let text =
                format!("{path} cannot be looked into; see for yourself with `keytool -list`");
            Finding::warning(NAME, text)
        }
        .of(&["Java"]),
    ]
}
