//! An entry as it is kept: all its text in one piece, so that ten thousand of them stay small and
//! none costs more than a few allocations.

mod reader;
mod writer;

use std::cell::RefCell;

use time::OffsetDateTime;

use crate::exchange::completed::CompletedRequest;
use crate::state::invariant::Finding;
use crate::state::journal::Entry;
use crate::state::journal::mask::Mask;
use reader::Reader;
use writer::{Writer, count};

/// A masked entry without its number.
#[derive(Debug)]
pub(in crate::state) struct Packed {
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
    pub(in crate::state) fn of(
        seen: &CompletedRequest<'_>,
        findings: &[Finding],
        mask: &Mask,
    ) -> Self {
        DESK.with(|desk| Self::written_on(&mut desk.borrow_mut(), seen, findings, mask))
    }

    fn written_on(
        desk: &mut Vec<u8>,
        seen: &CompletedRequest<'_>,
        findings: &[Finding],
        mask: &Mask,
    ) -> Self {
        let body = Mask::body(seen.reply_body);
        let mut counts = write(Writer::new(desk, None), seen, findings, &body);
        if mask.suspects(desk) {
            counts = write(Writer::new(desk, Some(mask)), seen, findings, &body);
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
fn write(
    mut writer: Writer<'_>,
    seen: &CompletedRequest<'_>,
    findings: &[Finding],
    body: &str,
) -> [u32; 6] {
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
    for finding in findings {
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
        count(findings.len()),
    ]
}

thread_local! {
    /// A buffer in which entries are written before their length is known, one after the other.
    static DESK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Bytes.
const LARGEST_DESK: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::exchange::issued::Issued;
    use crate::world::config::World;

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
        let seen = CompletedRequest {
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
            error: Some(7),
        };
        Packed::of(&seen, &findings, &Mask::of(&World::basic())).unpacked(9)
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
