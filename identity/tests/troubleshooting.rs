//! Every message of the source is in TROUBLESHOOTING.md, and all advice on error codes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test of the source files reads them"
)]

use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

/// Texts of this many words or more are messages, unless said otherwise here.
const WORDS: usize = 3;

/// Files whose texts are for somebody else.
const OTHERS: &[(&str, &str)] = &[
    (
        "credential/interactive_browser/page.rs",
        "shown in the browser",
    ),
    ("oauth/calendar.rs", "formats of dates"),
];

/// Texts that are no message, by what is in them.
const NO_MESSAGE: &[(&str, &str)] = &[
    ("Import-Module", "the script PowerShell runs"),
    ("' is not recognized", "what tools say"),
    ("az account set", "what tools say"),
    ("unknown flag: --claims", "what tools say"),
    ("AuthorizationManager check failed", "what tools say"),
    (
        "To sign in, use a web browser",
        "said to the user, for want of the service's own words",
    ),
    ("default-src 'none'", "an HTTP header"),
    ("an object of sections", "dropped with the parser's error"),
    ("{uri} is a URL", "cannot happen"),
    ("no host of its own", "of a test"),
];

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let files = paths.flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    });
    let is_other = |path: &Path| {
        let in_tests = path.components().any(|part| part.as_os_str() == "tests");
        let is_code = path.extension().is_some_and(|extension| extension == "rs");
        !is_code || in_tests || path.ends_with("tests.rs") || path.ends_with("testing.rs")
    };
    files.filter(|path| !is_other(path)).collect()
}

/// The string literals of `source`, without those of comments, tests and lints.
fn literals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut characters = code.chars().peekable();
    let (mut found, mut before) = (Vec::new(), String::new());
    while let Some(character) = characters.next() {
        match character {
            '/' if characters.peek() == Some(&'/') => {
                characters.by_ref().find(|c| *c == '\n');
            }
            '"' => {
                let literal = literal(&mut characters);
                if !before.ends_with("reason = ") {
                    found.push(literal);
                }
            }
            // A quotation mark as a character begins nothing.
            '\'' if characters.peek() == Some(&'"') => {
                characters.next();
            }
            _ => before.push(character),
        }
    }
    found
}

/// The text of the string literal that begins here, on one line.
fn literal(characters: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
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

/// What of a literal has to be in the page: its pieces between the holes, if they say anything.
fn pieces(literal: &str) -> impl Iterator<Item = &str> {
    let is_message = !NO_MESSAGE.iter().any(|(part, _)| literal.contains(part));
    let pieces = literal.split(['{', '}']).step_by(2).map(str::trim);
    pieces.filter(move |piece| {
        let words = piece
            .split(' ')
            .filter(|word| word.contains(char::is_lowercase));
        is_message && words.count() >= WORDS
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn page(root: &Path) -> String {
    one_line(&std::fs::read_to_string(root.join("TROUBLESHOOTING.md")).unwrap())
}

#[test]
fn every_message_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = page(root);
    let (mut seen, mut missing) = (0, Vec::new());
    for file in sources(&root.join("src")) {
        if OTHERS.iter().any(|(other, _)| file.ends_with(other)) {
            continue;
        }
        for literal in literals(&std::fs::read_to_string(&file).unwrap()) {
            for piece in pieces(&literal) {
                seen += 1;
                if !page.contains(piece) {
                    missing.push(format!("{}: {piece}", file.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "not in the page: {missing:#?}");
    assert!(seen > 200, "only {seen} messages were found");
}

#[test]
fn every_code_with_advice_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = page(root);
    let (_, table) = page
        .split_once("| AADSTS | the line: cause and fix |")
        .unwrap();
    let (table, _) = table.split_once("## Applications").unwrap();
    let advice = std::fs::read_to_string(root.join("src/oauth/advice.rs")).unwrap();
    let (_, codes) = advice.split_once("const ADVICE").unwrap();
    let (codes, _) = codes.split_once("#[cfg(test)]").unwrap();
    // A number before a comma: nothing else in that table looks so.
    let codes = codes.split(',').filter_map(|cell| {
        let digits = cell
            .trim()
            .trim_start_matches(['(', '\n', ' '])
            .replace('_', "");
        digits.parse::<u32>().ok().map(|code| code.to_string())
    });
    let codes: Vec<_> = codes.collect();
    assert!(codes.len() > 20, "{codes:?}");
    let missing: Vec<_> = codes
        .iter()
        .filter(|code| !table.split([' ', ',', '|']).any(|word| word == **code))
        .collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

#[test]
fn messages_are_found_however_they_are_written() {
    for source in [
        r#"Error::unavailable("a short message")"#,
        "Error::invalid(format!(\n    \"a short \\\n     message {hole}: {}\",\n))",
        r#"let message = format!("{name}: a short message");"#,
        "let quote = '\"'; // not \"this one here\"\nlet text = \"a short message\";",
        "#[expect(x, reason = \"not this one either\")]\nfn f() { io::Error::other(\"a short message\") }",
    ] {
        let literals = literals(source);
        let found: Vec<_> = literals.iter().flat_map(|it| pieces(it)).collect();
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert!(found[0].contains("a short message"), "{source}: {found:?}");
    }
}
