//! A request once it is answered: what invariants look at and the journal keeps.

use http::HeaderMap;
use time::OffsetDateTime;

use crate::exchange::issued::Issued;

/// A request with its answer, before secrets are masked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CompletedRequest<'a> {
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
    pub(crate) error: Option<u32>,
}
