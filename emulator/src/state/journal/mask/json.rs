//! JSON without its secrets, by one pass over the text: a body is nearly always a token, and taking
//! it apart would cost as much as making it.

use super::{MASKED, is_secret};

/// The text with the value of each member that carries a secret replaced. What is no JSON comes out
/// with whatever looked like such a member replaced.
pub(super) fn without_secrets(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(1024));
    let mut rest = text;
    while let Some(open) = rest.find('"') {
        let (before, string) = rest.split_at(open + 1);
        clean.push_str(before);
        let (string, after) = string.split_at(end_of_string(string));
        clean.push_str(string);
        rest = after;
        let name = string.strip_suffix('"').unwrap_or(string);
        let value = after.trim_start().strip_prefix(':');
        if let Some(value) = value.filter(|_| is_secret(name)) {
            clean.push_str(":\"");
            clean.push_str(MASKED);
            clean.push('"');
            rest = behind_value(value.trim_start());
        }
    }
    clean + rest
}

/// Length of a string with its closing quote, from behind its opening one.
fn end_of_string(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[from..]) {
        let at = from + found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        from = (at + 2).min(bytes.len());
    }
    bytes.len()
}

/// Returns the text behind a value.
fn behind_value(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        at += 1;
        match byte {
            b'"' => at += end_of_string(&text[at..]),
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' if depth == 0 => return &text[at - 1..],
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_with_secrets_lose_their_values_and_nothing_else_changes() {
        for (text, clean) in [
            (r#"{"a":"code","code":"x"}"#, r#"{"a":"code","code":"***"}"#),
            (
                r#"{"Code" : "x\"y\\", "b": 1}"#,
                r#"{"Code":"***", "b": 1}"#,
            ),
            (
                r#"[{"password":{"a":["}",1]},"b":[2]}]"#,
                r#"[{"password":"***","b":[2]}]"#,
            ),
            (r#"{"secret":12,"b":null}"#, r#"{"secret":"***","b":null}"#),
            (r#"{"é":"ü\"","token":"t"}"#, r#"{"é":"ü\"","token":"t"}"#),
        ] {
            assert_eq!(without_secrets(text), clean);
        }
    }

    #[test]
    fn what_breaks_off_tells_no_secret_either() {
        for text in [
            r#"{"code":"sec"#,
            r#"{"code":"sec\"#,
            r#"{"code": ["sec"#,
            r#"{"code":{"a":"sec"}"#,
        ] {
            assert!(!without_secrets(text).contains("sec"), "{text}");
        }
        for text in ["", "{", r#"{"#, r#"{"\"#, r#"{"code"#, r#"{"code":"#, "\"é"] {
            without_secrets(text);
        }
    }
}
