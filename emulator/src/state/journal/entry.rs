//! One line of the journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::exchange::issued::Issued;
use crate::state::invariant::Finding;

/// One request with its answer. Secrets, tokens, assertions and codes are `***` wherever they
/// stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the order of answers, from 1; never reused.
    pub seq: u64,
    /// When the request came in by the emulator's clock: RFC 3339 with milliseconds, UTC.
    pub at: String,
    /// Real time from the request to its answer, in milliseconds.
    pub elapsed_ms: u64,
    /// Name of the endpoint, such as `entra.token`; `unknown`; or `emulator.forge` for a token
    /// that was [made to order](crate::Forgery), which is no request of a client.
    pub endpoint: String,
    /// `https` or `http`.
    pub scheme: String,
    /// The HTTP method.
    pub method: String,
    /// The path as sent.
    pub path: String,
    /// Query fields in order.
    pub query: Vec<(String, String)>,
    /// Request headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Form fields in order; empty if the body was no form.
    pub form: Vec<(String, String)>,
    /// HTTP status of the answer; 0 if the connection was dropped instead.
    pub status: u16,
    /// Headers of the answer.
    pub reply_headers: Vec<(String, String)>,
    /// Body of the answer, cut at 16 KiB.
    pub reply_body: String,
    /// Tokens in the answer.
    pub issued: Vec<Issued>,
    /// Whether a [`Rule`](crate::Rule) made or changed the answer.
    pub scripted: bool,
    /// The findings: what the real service would refuse or a reviewer would question.
    pub findings: Vec<Finding>,
    /// The AADSTS code of a genuine error answer.
    pub error: Option<u32>,
    /// JSON Web Tokens of the request and the answer, taken apart. Kept for the newest thousand
    /// entries that have any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<DecodedToken>,
}

/// A JSON Web Token that was sent or handed out. Its signature is not kept, so it can be read but
/// not used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodedToken {
    /// The place of the token: `form.client_assertion`, `header.authorization`,
    /// `reply.access_token`, ….
    pub place: String,
    /// Its header.
    pub header: Value,
    /// Its claims, as they stand there; nobody has checked them.
    pub claims: Value,
}

impl Entry {
    /// The entry as one line of JSON.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).expect("an entry is plain data")
    }

    /// `at` in the form of an entry.
    pub(crate) fn moment(at: OffsetDateTime) -> String {
        const FORM: &[BorrowedFormatItem<'_>] = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        at.format(FORM).unwrap_or_default()
    }
}
