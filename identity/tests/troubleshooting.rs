//! TROUBLESHOOTING.md has every message of the source and all advice on error codes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use std::iter::Peekable;
use std::str::Chars;

use self::sources::{file, sources};

/// The number of words from which on a text counts as a message, with the exceptions below.
const WORDS: usize = 3;

/// The files whose texts are not for users, each with the readers of its texts.
const FILES_WITHOUT_MESSAGES: &[(&str, &str)] = &[
    (
        "credential/interactive_browser/page.rs",
        "shown in the browser",
    ),
    ("oauth/date.rs", "formats of dates"),
];

/// The texts that are no message, each by a part of it.
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

/// Whether the file at `path` makes no message that a user sees.
fn is_silent(path: &str) -> bool {
    let is_test = path.contains("tests/") || path.ends_with("tests.rs") || path == "testing.rs";
    is_test
        || FILES_WITHOUT_MESSAGES
            .iter()
            .any(|(other, _)| *other == path)
}

/// Returns the string literals of `source`, without those of comments, tests and lints.
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
            // A quotation mark as a character begins no string.
            '\'' if characters.peek() == Some(&'"') => {
                characters.next();
            }
            _ => before.push(character),
        }
    }
    found
}

/// Reads the string literal that begins here, and returns its text on one line.
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

/// Returns the parts of a literal that have to be in the page: its pieces between the placeholders,
/// if they hold words.
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

fn page() -> String {
    one_line(&file("TROUBLESHOOTING.md"))
}

#[test]
fn every_message_is_documented() {
    let page = page();
    let (mut seen, mut missing) = (0, Vec::new());
    for (path, text) in sources() {
        let literals = if is_silent(&path) {
            Vec::new()
        } else {
            literals(&text)
        };
        for piece in literals.iter().flat_map(|literal| pieces(literal)) {
            seen += 1;
            if !page.contains(piece) {
                missing.push(format!("{path}: {piece}"));
            }
        }
    }
    assert!(missing.is_empty(), "not in the page: {missing:#?}");
    assert!(seen > 200, "only {seen} messages were found");
}

#[test]
fn every_code_with_advice_is_in_the_table() {
    let page = page();
    let (_, table) = page
        .split_once("| AADSTS | the line: cause and fix |")
        .unwrap();
    let (table, _) = table.split_once("## Applications").unwrap();
    let advice = file("src/oauth/advice.rs");
    let (_, codes) = advice.split_once("const ADVICE").unwrap();
    let (codes, _) = codes.split_once("#[cfg(test)]").unwrap();
    // A number before a comma; nothing else in that table has this form.
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
