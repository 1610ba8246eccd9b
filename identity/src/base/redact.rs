//! Redaction: the part of a foreign text that may be shown.

/// The longest excerpt of a foreign text in an error, in characters.
const EXCERPT: usize = 500;
/// The longest message of a service in an error, in characters. Real ones have a few hundred.
const MESSAGE: usize = 4000;
/// The longest part of a malformed argument that goes into an error, in characters.
const ARGUMENT: usize = 120;
const MASK: &str = "***";
/// The labels that precede a token in the responses of services and the output of tools, each with
/// the mark on both sides of the token. A token without its closing mark reaches to the end.
const LABELS: &[(&str, char)] = &[
    ("\"access_token\"", '"'),
    ("\"refresh_token\"", '"'),
    ("\"id_token\"", '"'),
    ("\"accessToken\"", '"'),
    ("\"token\"", '"'),
    ("azsdk", '%'),
];

/// Returns a short excerpt of `text` on one line, without `secrets` and all that looks like a
/// token.
pub(crate) fn excerpt(text: &str, secrets: &[&str]) -> String {
    let visible = mask(text, secrets);
    let mut line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    line.retain(is_visible);
    cut(line, EXCERPT)
}

/// Returns a message of a service without `secrets` and all that looks like a token. Line breaks
/// stay, other control characters are removed.
pub(crate) fn message(text: &str, secrets: &[&str]) -> String {
    let mut text = mask(text, secrets);
    text = visible(&text);
    cut(text, MESSAGE)
}

/// Returns `value`, a malformed argument or setting, in quotation marks and with escapes for what
/// cannot be seen; and a remark on the mistakes that are hard to see.
pub(crate) fn argument(value: &str) -> String {
    let shown = cut(mask(value, &[]), ARGUMENT);
    let is_quoted =
        value.len() > 1 && value.starts_with(['"', '\'']) && value.ends_with(['"', '\'']);
    let remark = match value {
        "" => " (it is empty)",
        _ if is_quoted => " (with quotation marks around it, which do not belong to it)",
        _ if value.contains(['\n', '\r']) => " (with a line break in it)",
        _ if value.trim() != value => " (with a space at an end)",
        _ => "",
    };
    format!("\"{}\"{remark}", shown.escape_debug())
}

/// Returns `text` of a service without the characters that would make a terminal show something
/// else: escape sequences move the cursor and hide text, bidirectional ones reorder it. Line breaks
/// and tabs stay.
pub(crate) fn visible(text: &str) -> String {
    let stays = |c: &char| is_visible(*c) || matches!(c, '\r' | '\n' | '\t');
    text.chars().filter(stays).collect()
}

fn is_visible(c: char) -> bool {
    // The marks, embeddings, overrides and isolates of the bidirectional algorithm.
    let is_directional = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    !c.is_control() && !is_directional
}

fn cut(text: String, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{} [cut]", &text[..end]),
        None => text,
    }
}

/// Masks `secrets` in `text`, also where they are form-encoded, and all that looks like a token or
/// has the label of one.
fn mask(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        // The encoded form first: a short secret could be a part of its own encoding.
        text = text.replace(&encoded, MASK).replace(secret, MASK);
    }
    for &(label, mark) in LABELS {
        text = mask_labelled(&text, label, mark);
    }
    mask_jwts(&text)
}

/// Masks the text between the next two `mark`s after each `label`.
fn mask_labelled(text: &str, label: &str, mark: char) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(label) {
        shown.push_str(before);
        shown.push_str(label);
        let Some((between, secret)) = after.split_once(mark) else {
            rest = after;
            continue;
        };
        shown.push_str(between);
        shown.push(mark);
        shown.push_str(MASK);
        rest = &secret[secret.find(mark).unwrap_or(secret.len())..];
    }
    shown.push_str(rest);
    shown
}

/// Masks everything that looks like a JWT. Each begins with `eyJ`, the base64 of `{"`, so the run
/// of token characters from there on is masked.
fn mask_jwts(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let token = &rest[start..];
        let end = token
            .find(|c: char| !is_token_char(c))
            .unwrap_or(token.len());
        shown.push_str(&rest[..start]);
        shown.push_str(MASK);
        rest = &token[end..];
    }
    shown.push_str(rest);
    shown
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | '+' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_argument_is_shown_with_what_cannot_be_seen_in_it() {
        for (value, shown) in [
            ("", "\"\" (it is empty)"),
            ("a b", "\"a b\""),
            (
                "'t'",
                "\"\\'t\\'\" (with quotation marks around it, which do not belong to it)",
            ),
            ("t\n", "\"t\\n\" (with a line break in it)"),
            (" t", "\" t\" (with a space at an end)"),
            ("a\u{1b}[31m\u{202e}", "\"a\\u{1b}[31m\\u{202e}\""),
            ("eyJhbGciOi.eyJzdWIi.c2ln", "\"***\""),
        ] {
            assert_eq!(argument(value), shown);
        }
        assert!(argument(&"x".repeat(1000)).len() < 150);
    }

    #[test]
    fn what_moves_the_cursor_or_reorders_text_is_left_out_everywhere() {
        let text =
            "go to\n\u{1b}[2Khttps://a\u{202e}moc\u{202c}\u{2066}x\u{2069}\u{200f}\u{7}\tnow";
        let shown = "go to\n[2Khttps://amocx\tnow";
        assert_eq!(visible(text), shown);
        assert_eq!(message(text, &[]), shown);
        assert_eq!(excerpt(text, &[]), "go to [2Khttps://amocx now");
    }

    #[test]
    fn secrets_are_masked_plain_and_encoded_and_tokens_by_their_look() {
        let text = "secret a/b+c, form a%2Fb%2Bc, token eyJhbGciOi.eyJzdWIi.c2ln, end";
        assert_eq!(
            excerpt(text, &["a/b+c"]),
            "secret ***, form ***, token ***, end"
        );
    }

    #[test]
    fn tokens_are_masked_by_the_label_before_them() {
        for text in [
            r#"{"accessToken": "hush", "expiresOn": "x"}"#,
            r#"{"token":"hush","a":{"token" : "hush"}}"#,
            r#"{"access_token":"hush","expires_in":36"#,
            r#"noise {"refresh_token": "hush"#,
            "azsdk%hush%17\nazsdk%hush",
        ] {
            let shown = [excerpt(text, &[]), message(text, &[])];
            assert!(!shown.concat().contains("hush"), "{shown:?}");
        }
        let harmless = "ERROR: the \"token\" cannot be read: run az login";
        assert_eq!(message(harmless, &[]), harmless);
    }

    #[test]
    fn an_excerpt_is_one_bounded_line_even_of_multi_byte_text() {
        assert_eq!(excerpt("a\r\n\tb\u{7}", &[""]), "a b");
        let long = excerpt(&"ü".repeat(10_000), &[]);
        assert_eq!(long.chars().count(), EXCERPT + " [cut]".len());
    }
}
