//! The requests of clients, the newest first.

use std::fmt::Write as _;

use serde_json::Value;

use crate::entra::app_state::AppState;
use crate::entra::pages::text;
use crate::state::journal::{Entry, Filter};

/// As many as the page shows; the journal has the rest.
const MOST: usize = 100;

pub(super) fn section(state: &AppState, root: &str) -> String {
    let (last, rows) = fragment(state, 0);
    format!(
        "<section id=\"requests\" aria-labelledby=\"requests-title\">\n\
         <h2 id=\"requests-title\">Requests</h2>\n\
         <p><span id=\"live\">Reload to see new requests.</span> \
         <a href=\"{root}/journal?format=har\">Download as HAR</a> \
         <a href=\"{root}/journal?format=jsonl\">JSON lines</a></p>\n\
         <ol id=\"entries\" class=\"entries\" data-last=\"{last}\">\n{rows}</ol>\n</section>"
    )
}

/// The number to go on from, and a list item for each entry since.
pub(in crate::control) fn fragment(state: &AppState, since: u64) -> (u64, String) {
    let filter = Filter {
        since,
        limit: Some(MOST),
        ..Filter::default()
    };
    let entries = state.journal().select(&filter);
    let last = entries.last().map_or(since, |entry| entry.seq);
    (last, entries.iter().rev().map(item).collect())
}

fn item(entry: &Entry) -> String {
    let time = entry.at.get(11..19).unwrap_or_default();
    let (endpoint, method, path) = (
        text(&entry.endpoint),
        text(&entry.method),
        text(&entry.path),
    );
    let (status, kind) = match entry.status {
        0 => ("dropped".to_owned(), "bad"),
        status @ 400.. => (status.to_string(), "bad"),
        status => (status.to_string(), "good"),
    };
    let mut badges = String::new();
    if let Some(code) = entry.error {
        let _ = write!(badges, " <span class=\"badge\">AADSTS{code}</span>");
    }
    if entry.scripted {
        badges += " <span class=\"badge\">scripted</span>";
    }
    let found = entry.findings.len();
    if found > 0 {
        let _ = write!(
            badges,
            " <span class=\"badge bad\">findings: {found}</span>"
        );
    }
    format!(
        "<li><details><summary><span class=\"number\">{seq}</span> <time datetime=\"{at}\">{time}</time> \
         <strong>{endpoint}</strong> <span class=\"status {kind}\">{status}</span>{badges} \
         <span class=\"target\">{method} {path}</span></summary>\n{inside}</details></li>\n",
        seq = entry.seq,
        at = entry.at,
        inside = inside(entry)
    )
}

fn inside(entry: &Entry) -> String {
    let mut parts = String::new();
    for finding in &entry.findings {
        let (rule, found) = (text(&finding.rule), text(&finding.text));
        let _ = writeln!(
            parts,
            "<p class=\"finding\"><strong>{rule}:</strong> {found}</p>"
        );
    }
    for (title, fields) in [
        ("Query", &entry.query),
        ("Form", &entry.form),
        ("Request headers", &entry.headers),
        ("Reply headers", &entry.reply_headers),
    ] {
        parts += &facts(title, fields);
    }
    if !entry.reply_body.is_empty() {
        parts += &block("Reply", &pretty(&entry.reply_body));
    }
    for token in &entry.tokens {
        let shown = serde_json::json!({ "header": token.header, "claims": token.claims });
        let shown = serde_json::to_string_pretty(&shown).unwrap_or_default();
        parts += &block(&format!("Token in {}", token.place), &shown);
    }
    parts
}

fn facts(title: &str, fields: &[(String, String)]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let fields: String = fields
        .iter()
        .map(|(name, value)| format!("<dt>{}</dt><dd>{}</dd>\n", text(name), text(value)))
        .collect();
    format!("<h3>{title}</h3>\n<dl>\n{fields}</dl>\n")
}

fn block(title: &str, content: &str) -> String {
    let (title, content) = (text(title), text(content));
    format!("<h3>{title}</h3>\n<pre tabindex=\"0\">{content}</pre>\n")
}

/// JSON with its members on lines of their own, anything else as it is.
fn pretty(body: &str) -> String {
    let parsed = serde_json::from_str::<Value>(body);
    let pretty = parsed
        .ok()
        .and_then(|it| serde_json::to_string_pretty(&it).ok());
    pretty.unwrap_or_else(|| body.to_owned())
}
