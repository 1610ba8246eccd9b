//! The translation of the emulator's journal into recorded data.

use identity_emulator::Entry;

use crate::observation::Exchange;

/// An entry of the journal, as checks see it.
pub(super) fn of_entry(entry: Entry) -> Exchange {
    let findings = entry
        .findings
        .into_iter()
        .map(|finding| (finding.rule, finding.text));
    Exchange {
        endpoint: entry.endpoint,
        at_ms: milliseconds(&entry.at),
        method: entry.method,
        path: entry.path,
        query: entry.query,
        headers: entry.headers,
        form: entry.form,
        option: Vec::new(),
        status: entry.status,
        body: entry.reply_body,
        issued: entry
            .issued
            .into_iter()
            .map(|issued| issued.sha256)
            .collect(),
        scripted: entry.scripted,
        findings: findings.collect(),
    }
}

/// An RFC 3339 time as milliseconds since 1970; 0 for anything else.
fn milliseconds(text: &str) -> u64 {
    let format = &time::format_description::well_known::Rfc3339;
    let nanoseconds = time::OffsetDateTime::parse(text, format).map(|at| at.unix_timestamp_nanos());
    nanoseconds.map_or(0, |nanoseconds| {
        u64::try_from(nanoseconds / 1_000_000).unwrap_or(0)
    })
}
