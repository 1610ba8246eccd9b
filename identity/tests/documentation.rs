//! The documentation of every credential names the page that describes how it works.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use self::sources::sources;

/// Returns the credentials in `source`, each with the lines of documentation right before it.
fn credentials(source: &str) -> Vec<(String, String)> {
    let (mut found, mut documentation) = (Vec::new(), String::new());
    for line in source.lines() {
        let name = line.strip_prefix("pub struct ").unwrap_or_default();
        let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap();
        if name.ends_with("Credential") {
            found.push((name.to_owned(), documentation.clone()));
        }
        match line.strip_prefix("///") {
            Some(text) => documentation.push_str(text),
            None if line.starts_with("#[") => {}
            None => documentation.clear(),
        }
    }
    found
}

#[test]
fn every_credential_names_its_source() {
    let all: Vec<_> = sources()
        .iter()
        .flat_map(|(_, text)| credentials(text))
        .collect();
    // BlockingCredential wraps any other, and has no page of its own.
    let sourceless = all.iter().filter(|(name, documentation)| {
        let named = documentation.contains("Source: <https://");
        !named && name != "BlockingCredential"
    });
    let sourceless: Vec<_> = sourceless.map(|(name, _)| name).collect();
    assert_eq!(sourceless, [""; 0]);
    assert_eq!(
        all.len(),
        20,
        "{:?}",
        all.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
}
