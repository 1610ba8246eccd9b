//! The expectation language: small, closed, data only.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::matcher::Matcher;
use super::number_matcher::NumberMatcher;

/// The requests the emulator must have received.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Requests, in order. Any other request fails the case, unless it is to one of `others`.
    pub request: Vec<RequestExpect>,
    /// Endpoints (`entra.discovery.*`) that may be asked any number of times.
    pub others: Vec<String>,
    /// Findings of the emulator that the case is about: each must be there, and none fails the
    /// case.
    pub findings: Vec<String>,
}

/// A group of requests to one endpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestExpect {
    /// Symbolic endpoint, for example `entra.token`; `cli.az` for calls of the program `az`.
    pub to: String,
    /// How many requests; one unless said otherwise.
    #[serde(default = "NumberMatcher::one")]
    pub count: NumberMatcher,
    /// HTTP method of each.
    pub method: Option<Matcher>,
    /// Query parameters of each.
    #[serde(default)]
    pub query: BTreeMap<String, Matcher>,
    /// Headers of each; names in any case.
    #[serde(default)]
    pub header: BTreeMap<String, Matcher>,
    /// Form fields of each.
    #[serde(default)]
    pub form: BTreeMap<String, Matcher>,
    /// Options of each call of a program, dashes included; one without a value is an empty text.
    #[serde(default)]
    pub option: BTreeMap<String, Matcher>,
    /// Milliseconds between each and the one before it.
    pub gap_ms: Option<NumberMatcher>,
}

/// How a step ends: with a token or with an error, never with neither.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum StepExpect {
    /// With a token.
    Token(Box<TokenExpect>),
    /// With an error.
    Error(ErrorExpect),
}

/// The properties a token must have.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenExpect {
    /// The endpoint of the emulator that issued it.
    pub issued_by: Option<String>,
    /// The step (`step.1`) whose token it is again.
    pub same_as: Option<String>,
    /// The step whose token it is not.
    pub differs_from: Option<String>,
    /// The token itself, where a scripted answer says what it is.
    pub value: Option<Matcher>,
    /// Claims inside it.
    pub claims: BTreeMap<String, Matcher>,
    /// The most seconds it may still be valid; it must not have expired either.
    pub expires_within: Option<i64>,
    /// A number of seconds; it must be valid for longer.
    pub expires_after: Option<i64>,
}

/// The properties an error must have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorExpect {
    /// Its kind: one of the six words of the protocol.
    pub kind: Matcher,
    /// Its OAuth word; the case needs `error.oauth`.
    pub oauth: Option<Matcher>,
    /// An AADSTS number it carries.
    pub aadsts: Option<u32>,
    /// Credentials a chain tried, in this order, others between them allowed; the case needs
    /// `error.attempts`.
    #[serde(default)]
    pub attempts: Vec<String>,
    /// How many milliseconds the caller waits; no answer by then is right too.
    pub or_waits_ms: Option<u64>,
}
