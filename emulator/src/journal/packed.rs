//! An entry as it is kept: all its text in one piece, so that ten thousand of them stay small and
//! none costs more than a few allocations.

use std::borrow::Cow;
use std::cell::RefCell;

use http::HeaderMap;
use time::OffsetDateTime;

use crate::invariant::{Invariant, Severity};
use crate::journal::mask::Mask;
use crate::journal::{Entry, Finding, Issued};
use crate::utf8::readable;

/// What there is to write down about a request, before secrets are masked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) at: OffsetDateTime,
    pub(crate) elapsed_ms: u64,
    pub(crate) endpoint: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a [(String, String)],
    pub(crate) headers: &'a HeaderMap,
    pub(crate) form: &'a [(String, String)],
    pub(crate) status: u16,
    pub(crate) reply_headers: &'a HeaderMap,
    pub(crate) reply_body: &'a [u8],
    pub(crate) issued: &'a [Issued],
    pub(crate) scripted: bool,
    pub(crate) findings: &'a [Finding],
    pub(crate) error: Option<u32>,
}

/// A masked entry without its number.
#[derive(Debug)]
pub(crate) struct Packed {
    at: OffsetDateTime,
    elapsed_ms: u64,
    pub(super) endpoint: &'static str,
    scheme: &'static str,
    status: u16,
    scripted: bool,
    error: Option<u32>,
    /// Every text of the entry, one after the other, each behind its length.
    texts: Box<[u8]>,
    /// How many there are of each list, in the order of [`write`].
    counts: [u32; 6],
}

impl Packed {
    /// Masks `seen` and packs it. Text without any sign of a secret, which is nearly all there is,
    /// is looked through once as a whole; otherwise every piece goes through the mask by itself.
    pub(crate) fn of(seen: &Seen<'_>, mask: &Mask) -> Self {
        DESK.with(|desk| Self::written_on(&mut desk.borrow_mut(), seen, mask))
    }

    fn written_on(desk: &mut Vec<u8>, seen: &Seen<'_>, mask: &Mask) -> Self {
        let body = Mask::body(seen.reply_body);
        let mut counts = write(Writer::new(desk, None), seen, &body);
        if mask.suspects(desk) {
            counts = write(Writer::new(desk, Some(mask)), seen, &body);
        }
        let texts = Box::from(desk.as_slice());
        // What has become large for one large entry is not kept.
        desk.shrink_to(LARGEST_DESK);
        Self {
            at: seen.at,
            elapsed_ms: seen.elapsed_ms,
            endpoint: seen.endpoint,
            scheme: seen.scheme,
            status: seen.status,
            scripted: seen.scripted,
            error: seen.error,
            texts,
            counts,
        }
    }

    /// Without its tokens, which are kept apart.
    pub(super) fn unpacked(&self, seq: u64) -> Entry {
        let mut reader = Reader(&self.texts);
        let [query, headers, form, reply_headers, issued, findings] = self.counts;
        Entry {
            seq,
            at: Entry::moment(self.at),
            elapsed_ms: self.elapsed_ms,
            endpoint: self.endpoint.to_owned(),
            scheme: self.scheme.to_owned(),
            method: reader.text(),
            path: reader.text(),
            reply_body: reader.text(),
            query: reader.pairs(query),
            headers: reader.pairs(headers),
            form: reader.pairs(form),
            status: self.status,
            reply_headers: reader.pairs(reply_headers),
            issued: (0..issued).map(|_| reader.issued()).collect(),
            scripted: self.scripted,
            findings: (0..findings).map(|_| reader.finding()).collect(),
            error: self.error,
            tokens: Vec::new(),
        }
    }
}

/// Writes all text in the order it is read again, and counts the lists.
fn write(mut writer: Writer<'_>, seen: &Seen<'_>, body: &str) -> [u32; 6] {
    writer.text(seen.method);
    writer.text(seen.path);
    writer.text(body);
    let counts = [
        writer.fields(seen.query),
        writer.headers(seen.headers),
        writer.fields(seen.form),
        writer.headers(seen.reply_headers),
    ];
    for issued in seen.issued {
        writer.text(&issued.kind);
        writer.text(&issued.sha256);
        writer.text(issued.forged.as_deref().unwrap_or_default());
    }
    for finding in seen.findings {
        writer.text(&finding.rule);
        writer.text(&finding.text);
    }
    let [query, headers, form, reply_headers] = counts;
    [
        query,
        headers,
        form,
        reply_headers,
        count(seen.issued.len()),
        count(seen.findings.len()),
    ]
}

thread_local! {
    /// Where entries are written before their length is known, one after the other.
    static DESK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Writer<'a> {
    /// Who looks at every text by itself, if that is needed.
    mask: Option<&'a Mask>,
    texts: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(texts: &'a mut Vec<u8>, mask: Option<&'a Mask>) -> Self {
        texts.clear();
        Self { mask, texts }
    }

    fn text(&mut self, text: &str) {
        let text = self
            .mask
            .map_or(Cow::Borrowed(text), |mask| Cow::Owned(mask.text(text)));
        // Seven bits a byte, the lowest first; all but the last have the top bit.
        let mut left = text.len();
        while left > 0x7f {
            self.texts.push(0x80 | (left & 0x7f) as u8);
            left >>= 7;
        }
        self.texts.push(left as u8);
        self.texts.extend_from_slice(text.as_bytes());
    }

    fn fields(&mut self, fields: &[(String, String)]) -> u32 {
        let fields = &fields[..fields.len().min(MOST_FIELDS)];
        for (name, value) in fields {
            let (name, value) = Mask::field(name, value);
            self.text(name);
            self.text(value);
        }
        count(fields.len())
    }

    fn headers(&mut self, headers: &HeaderMap) -> u32 {
        for (name, value) in headers.iter().take(MOST_FIELDS) {
            let text = readable(value.as_bytes());
            self.text(name.as_str());
            self.text(Mask::header(name.as_str(), &text));
        }
        count(headers.len().min(MOST_FIELDS))
    }
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn text(&mut self) -> String {
        let mut length = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let Some((byte, rest)) = self.0.split_first() else {
                break;
            };
            self.0 = rest;
            length |= usize::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                break;
            }
        }
        let (text, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    fn pairs(&mut self, count: u32) -> Vec<(String, String)> {
        (0..count).map(|_| (self.text(), self.text())).collect()
    }

    fn issued(&mut self) -> Issued {
        Issued {
            kind: self.text(),
            sha256: self.text(),
            forged: Some(self.text()).filter(|kind| !kind.is_empty()),
        }
    }

    fn finding(&mut self) -> Finding {
        let rule = self.text();
        Finding {
            severity: Invariant::named(&rule).map_or_else(Severity::default, |it| it.severity),
            rule,
            text: self.text(),
        }
    }
}

const MOST_FIELDS: usize = 128;
/// Bytes.
const LARGEST_DESK: usize = 64 * 1024;

/// Bodies and heads are limited to far less than four gigabytes.
fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::config::World;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    fn packed(query: &[(String, String)], header: &str) -> Entry {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Basic x"));
        headers.append("x", HeaderValue::from_str(header).unwrap());
        headers.append("x", HeaderValue::from_static("two"));
        let issued = [Issued::access_token("a"), Issued::forged("b", "expired")];
        let findings = [Finding {
            rule: "r".to_owned(),
            text: "t".to_owned(),
            ..Finding::default()
        }];
        let seen = Seen {
            at: OffsetDateTime::UNIX_EPOCH,
            elapsed_ms: 3,
            endpoint: "entra.token",
            scheme: "https",
            method: "POST",
            path: "/p",
            query,
            headers: &headers,
            form: &[pair("client_secret", "s"), pair("b", "c")],
            status: 400,
            reply_headers: &HeaderMap::new(),
            reply_body: br#"{"access_token":"x","k":1}"#,
            issued: &issued,
            scripted: true,
            findings: &findings,
            error: Some(7),
        };
        Packed::of(&seen, &Mask::of(&World::basic())).unpacked(9)
    }

    #[test]
    fn what_is_unpacked_is_what_was_seen_without_its_secrets() {
        let entry = packed(&[pair("q", "é")], "one");
        assert_eq!(entry.query, [pair("q", "é")]);
        let headers = [
            pair("authorization", "***"),
            pair("x", "one"),
            pair("x", "two"),
        ];
        assert_eq!(entry.headers, headers);
        assert_eq!(entry.form, [pair("client_secret", "***"), pair("b", "c")]);
        assert_eq!(entry.reply_headers, []);
        assert_eq!(entry.reply_body, r#"{"access_token":"***","k":1}"#);
        assert_eq!((entry.seq, entry.error, entry.status), (9, Some(7), 400));
        assert_eq!(entry.issued[1].forged.as_deref(), Some("expired"));
        assert_eq!(entry.issued[0].forged, None);
        assert_eq!((entry.findings[0].text.as_str(), entry.at.len()), ("t", 24));
    }

    #[test]
    fn a_secret_anywhere_has_every_text_looked_at() {
        let secret = "daemon-secret-for-tests-only";
        let entry = packed(
            &[pair(secret, &format!("a{secret}b"))],
            &format!("x {secret}"),
        );
        assert_eq!(entry.query, [pair("***", "a***b")]);
        assert_eq!(entry.headers[1], pair("x", "x ***"));
        let token = packed(&[pair("q", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA and more")], "y");
        assert_eq!(token.query, [pair("q", "*** and more")]);
        assert_eq!(token.headers[1], pair("x", "y"));
    }
}
