//! Entries as an HTTP archive, version 1.2.

use serde_json::{Map, Value, json};

use crate::state::journal::Entry;

/// The whole archive.
pub(super) fn archive(entries: &[Entry]) -> Value {
    let entries: Vec<_> = entries.iter().map(exchange).collect();
    json!({ "log": {
        "version": "1.2",
        "creator": { "name": "identity-emulator", "version": env!("CARGO_PKG_VERSION") },
        "pages": [],
        "entries": entries,
    } })
}

/// Every member the format demands, with -1 where it has a number nobody took.
fn exchange(entry: &Entry) -> Value {
    json!({
        "startedDateTime": entry.at,
        "time": entry.elapsed_ms,
        "request": request(entry),
        "response": response(entry),
        "cache": {},
        "timings": { "send": 0, "wait": entry.elapsed_ms, "receive": 0 },
        "comment": entry.endpoint,
        "_number": entry.seq,
        "_endpoint": entry.endpoint,
        "_scripted": entry.scripted,
        "_error": entry.error,
        "_issued": entry.issued,
        "_tokens": entry.tokens,
        "_findings": entry.findings,
    })
}

fn request(entry: &Entry) -> Value {
    let mut request = json!({
        "method": entry.method,
        "url": url(entry),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(&entry.headers),
        "queryString": pairs(&entry.query),
        "headersSize": -1,
        "bodySize": size(&entry.headers),
    });
    if !entry.form.is_empty() {
        request["postData"] = json!({
            "mimeType": header(&entry.headers, "content-type").unwrap_or(FORM),
            "params": pairs(&entry.form),
            "text": encoded(&entry.form),
        });
    }
    request
}

fn response(entry: &Entry) -> Value {
    let kind = header(&entry.reply_headers, "content-type");
    let status = http::StatusCode::from_u16(entry.status).ok();
    json!({
        "status": entry.status,
        "statusText": status.and_then(|it| it.canonical_reason()).unwrap_or_default(),
        "httpVersion": "HTTP/1.1",
        "cookies": cookies(entry),
        "headers": pairs(&entry.reply_headers),
        "content": {
            "size": entry.reply_body.len(),
            "mimeType": kind.unwrap_or("x-unknown"),
            "text": entry.reply_body,
        },
        "redirectURL": header(&entry.reply_headers, "location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": size(&entry.reply_headers),
    })
}

const FORM: &str = "application/x-www-form-urlencoded";

/// As the client wrote it, up to how it escaped.
fn url(entry: &Entry) -> String {
    let host = header(&entry.headers, "host").unwrap_or("localhost");
    let query = if entry.query.is_empty() {
        String::new()
    } else {
        format!("?{}", encoded(&entry.query))
    };
    format!("{}://{host}{}{query}", entry.scheme, entry.path)
}

fn encoded(fields: &[(String, String)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields).finish()
}

fn pairs(pairs: &[(String, String)]) -> Vec<Value> {
    let pair = |(name, value): &(String, String)| json!({ "name": name, "value": value });
    pairs.iter().map(pair).collect()
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut headers = headers.iter();
    let found = headers.find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

fn size(headers: &[(String, String)]) -> i64 {
    let length = header(headers, "content-length");
    length.and_then(|it| it.parse().ok()).unwrap_or(-1)
}

/// Returns the cookies that the reply sets; those of requests are masked as a whole.
fn cookies(entry: &Entry) -> Vec<Value> {
    let lines = entry.reply_headers.iter();
    let set = lines.filter(|(name, _)| name == "set-cookie");
    set.filter_map(|(_, line)| cookie(line)).collect()
}

fn cookie(line: &str) -> Option<Value> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let mut cookie = Map::from_iter([
        ("name".to_owned(), json!(name)),
        ("value".to_owned(), json!(value)),
    ]);
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.to_ascii_lowercase().as_str() {
            "path" => cookie.insert("path".to_owned(), json!(value)),
            "httponly" => cookie.insert("httpOnly".to_owned(), json!(true)),
            "secure" => cookie.insert("secure".to_owned(), json!(true)),
            _ => None,
        };
    }
    Some(Value::Object(cookie))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    fn entry() -> Entry {
        Entry {
            seq: 7,
            at: "2026-01-01T00:00:00.000Z".to_owned(),
            elapsed_ms: 3,
            endpoint: "unknown".to_owned(),
            scheme: "https".to_owned(),
            method: "POST".to_owned(),
            path: "/a".to_owned(),
            query: vec![pair("b c", "***")],
            headers: vec![pair("host", "localhost:1"), pair("content-length", "9")],
            form: vec![pair("x", "y&")],
            status: 302,
            reply_headers: vec![
                pair("location", "/there"),
                pair("set-cookie", "n=v=; Path=/; Secure; httponly; max-age=1"),
            ],
            reply_body: "moved".to_owned(),
            ..Entry::default()
        }
    }

    #[test]
    fn an_exchange_has_every_member_the_format_demands() {
        let archive = archive(&[entry()]);
        let log = &archive["log"];
        assert_eq!(log["version"], "1.2");
        assert_eq!(log["creator"]["name"], "identity-emulator");
        let one = &log["entries"][0];
        let has = |value: &Value, names: &[&str]| {
            for name in names {
                assert!(value.get(name).is_some(), "{name} of {value}");
            }
        };
        has(
            one,
            &[
                "startedDateTime",
                "time",
                "request",
                "response",
                "cache",
                "timings",
            ],
        );
        let head = [
            "httpVersion",
            "cookies",
            "headers",
            "headersSize",
            "bodySize",
        ];
        has(&one["request"], &head);
        has(&one["request"], &["method", "url", "queryString"]);
        has(&one["response"], &head);
        has(
            &one["response"],
            &["status", "statusText", "content", "redirectURL"],
        );
        has(&one["timings"], &["send", "wait", "receive"]);
    }

    #[test]
    fn what_was_sent_stands_where_browsers_look_for_it() {
        let exchange = exchange(&entry());
        let (request, response) = (&exchange["request"], &exchange["response"]);
        assert_eq!(request["url"], "https://localhost:1/a?b+c=***");
        assert_eq!(request["postData"]["text"], "x=y%26");
        assert_eq!(request["postData"]["params"][0]["value"], "y&");
        assert_eq!(
            (&request["bodySize"], &response["bodySize"]),
            (&json!(9), &json!(-1))
        );
        assert_eq!(response["redirectURL"], "/there");
        assert_eq!(response["statusText"], "Found");
        let cookie =
            json!({ "name": "n", "value": "v=", "path": "/", "secure": true, "httpOnly": true });
        assert_eq!(response["cookies"][0], cookie);
    }

    #[test]
    fn a_dropped_connection_is_status_0() {
        let dropped = Entry {
            status: 0,
            form: Vec::new(),
            ..entry()
        };
        let exchange = exchange(&dropped);
        assert_eq!(exchange["response"]["status"], 0);
        assert_eq!(exchange["request"].get("postData"), None);
    }
}
