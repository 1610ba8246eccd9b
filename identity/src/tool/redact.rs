//! What of a tool's output may be shown.

use crate::scrub;

/// Before and after the tokens in the output of the tools; an unfinished one goes on to the end.
const TOKENS: &[(&str, char)] = &[
    ("\"accessToken\"", '"'),
    ("\"access_token\"", '"'),
    ("\"refreshToken\"", '"'),
    ("\"token\"", '"'),
    ("azsdk", '%'),
];

/// One line of `text`, without tokens.
pub(super) fn excerpt(text: &str) -> String {
    scrub::excerpt(&redacted(text), &[])
}

/// `text` without tokens.
pub(super) fn message(text: &str) -> String {
    scrub::message(&redacted(text), &[])
}

fn redacted(text: &str) -> String {
    let mut text = text.to_owned();
    for &(label, quote) in TOKENS {
        text = masked(&text, label, quote);
    }
    text
}

/// `text` with what is between the next two `quote`s after each `label` masked.
fn masked(text: &str, label: &str, quote: char) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(label) {
        shown.push_str(before);
        shown.push_str(label);
        let Some((between, secret)) = after.split_once(quote) else {
            rest = after;
            continue;
        };
        shown.push_str(between);
        shown.push(quote);
        shown.push_str("***");
        rest = &secret[secret.find(quote).unwrap_or(secret.len())..];
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_masked_wherever_a_tool_writes_them() {
        for text in [
            r#"{"accessToken": "hush", "expiresOn": "x"}"#,
            r#"{"token":"hush","a":{"token" : "hush"}}"#,
            r#"noise {"accessToken": "hush"#,
            "azsdk%hush%17\nazsdk%hush",
            "eyJhush.hush.hush",
        ] {
            let shown = [excerpt(text), message(text)];
            assert!(!shown.concat().contains("hush"), "{shown:?}");
        }
        assert_eq!(message("ERROR: run az login"), "ERROR: run az login");
    }
}
