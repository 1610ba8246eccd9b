//! Every message of the source is in TROUBLESHOOTING.md.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test of the source files reads them"
)]

use std::path::{Path, PathBuf};

/// What comes right before the text of an error.
const BEFORE: &[&str] = &[
    "unavailable(",
    "invalid(",
    "rejected(",
    "permanent(",
    "malformed(",
    "bad_authority(",
    "refused(",
    "claims_unsupported(",
    "retold(kind,",
    "message =",
    "MESSAGE: &str =",
    "text =",
    "ErrorKind::AuthenticationRequired,",
    "ErrorKind::ClientAuthentication,",
    "ErrorKind::Timeout,",
    "ErrorKind::Transport,",
    "missing:",
];

/// Shorter pieces of text say nothing.
const SHORTEST: usize = 9;

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .collect()
}

/// The messages in `source`, each by its longest piece without a hole.
fn messages(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let mut found = Vec::new();
    for before in BEFORE {
        for (start, _) in code.match_indices(before) {
            let rest = code[start + before.len()..].trim_start_matches(['&', ' ', '\n']);
            let rest = rest.strip_prefix("format!(").unwrap_or(rest).trim_start();
            if let Some(literal) = rest.strip_prefix('"') {
                found.extend(longest_piece(&text(literal)));
            }
        }
    }
    found
}

/// The text of the string literal that begins here.
fn text(literal: &str) -> String {
    let mut text = String::new();
    let mut characters = literal.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => match characters.next() {
                Some('n' | '\n') => text.push(' '),
                escaped => text.extend(escaped),
            },
            _ => text.push(character),
        }
    }
    one_line(&text)
}

fn longest_piece(text: &str) -> Option<String> {
    let pieces = text.split(['{', '}']).step_by(2).map(str::trim);
    let longest = pieces.max_by_key(|piece| piece.len())?;
    (longest.len() >= SHORTEST).then(|| longest.to_owned())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_message_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = one_line(&std::fs::read_to_string(root.join("TROUBLESHOOTING.md")).unwrap());
    let mut seen = 0;
    let mut missing = Vec::new();
    for file in sources(&root.join("src")) {
        let is_test = file.components().any(|part| part.as_os_str() == "tests");
        if is_test || file.ends_with("tests.rs") || file.ends_with("testing.rs") {
            continue;
        }
        for message in messages(&std::fs::read_to_string(&file).unwrap()) {
            seen += 1;
            if !page.contains(&message) {
                missing.push(format!("{}: {message}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "not in the page: {missing:#?}");
    assert!(seen > 60, "only {seen} messages were found");
}

#[test]
fn messages_are_found_however_they_are_written() {
    for source in [
        r#"Error::unavailable("a short message")"#,
        "Error::invalid(format!(\n    \"a short \\\n     message {hole}: {}\",\n))",
        r#"let message = format!("{name}: a short message");"#,
        "Error::new(\n    ErrorKind::Transport,\n    \"a short message\",\n)",
    ] {
        let found = messages(source);
        assert_eq!(found.len(), 1, "{source}");
        assert!(found[0].contains("a short message"), "{source}: {found:?}");
    }
}
