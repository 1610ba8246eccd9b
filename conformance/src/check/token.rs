//! The checks of the tokens that a driver reported.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::place::values;
use super::{Check, value};
use crate::case::{Matcher, TokenExpect};
use crate::observation::{Exchange, Observation, StepAnswer};
use crate::protocol::Token;

/// The tokens of one step with their expected properties.
pub(super) struct TokenCheck<'a> {
    pub(super) id: &'a str,
    pub(super) expect: &'a TokenExpect,
    pub(super) tokens: &'a [Token],
    /// The time of the reply, in seconds since 1970.
    pub(super) at: i64,
    pub(super) observation: &'a Observation,
}

impl TokenCheck<'_> {
    /// The checks of every property that is expected.
    pub(super) fn checks(&self) -> Vec<Check> {
        let expect = self.expect;
        let checks = [
            expect
                .issued_by
                .as_deref()
                .map(|endpoint| self.issued_by(endpoint)),
            expect.same_as.as_deref().map(|place| self.same_as(place)),
            expect
                .differs_from
                .as_deref()
                .map(|place| self.differs_from(place)),
            expect.value.as_ref().map(|matcher| self.value(matcher)),
            expect.expires_within.map(|most| self.expires_within(most)),
            expect.expires_after.map(|least| self.expires_after(least)),
        ];
        checks.into_iter().flatten().chain(self.claims()).collect()
    }

    fn issued_by(&self, endpoint: &str) -> Check {
        let by = |token: &Token| issuers(&token.value, &self.observation.exchanges);
        let saw: Vec<_> = self.tokens.iter().map(by).collect();
        let passed = saw.iter().all(|endpoints| endpoints.contains(&endpoint));
        self.check("issued_by", endpoint, named(&saw), passed)
    }

    fn same_as(&self, place: &str) -> Check {
        let same = |other: &str| self.tokens.iter().all(|token| token.value == other);
        let passed = self.other(place).is_some_and(same);
        let saw = if passed { "the same" } else { "another token" };
        self.check("same_as", place, saw, passed)
    }

    fn differs_from(&self, place: &str) -> Check {
        let differs = |other: &str| self.tokens.iter().all(|token| token.value != other);
        let passed = self.other(place).is_some_and(differs);
        let saw = if passed {
            "another token"
        } else {
            "the same token"
        };
        self.check("differs_from", format!("another than {place}"), saw, passed)
    }

    fn value(&self, matcher: &Matcher) -> Check {
        let passed = self
            .tokens
            .iter()
            .all(|token| value::fits(matcher, &token.value));
        self.check(
            "value",
            matcher,
            if passed { "that" } else { "another token" },
            passed,
        )
    }

    /// How long each token is valid, in seconds.
    fn left(&self) -> Vec<i64> {
        let tokens = self.tokens.iter();
        tokens.map(|token| token.expires_on - self.at).collect()
    }

    fn expires_after(&self, least: i64) -> Check {
        let left = self.left();
        let passed = left.iter().all(|left| *left > least);
        let wanted = format!("more than {least} s");
        self.check("expires_after", wanted, format!("{left:?} s"), passed)
    }

    fn expires_within(&self, most: i64) -> Check {
        let left = self.left();
        let passed = left.iter().all(|left| (1..=most).contains(left));
        self.check(
            "expires_within",
            format!("1 to {most} s"),
            format!("{left:?} s"),
            passed,
        )
    }

    fn claims(&self) -> Vec<Check> {
        let Some(token) = self.tokens.first() else {
            return Vec::new();
        };
        let claims = claims_of(&token.value);
        let each = self.expect.claims.iter();
        each.map(|(name, matcher)| {
            let id = format!("{}.token.claims.{name}", self.id);
            value::check(
                id,
                matcher,
                &values(&claims, name),
                &self.observation.exchanges,
            )
        })
        .collect()
    }

    fn check(&self, what: &str, wanted: impl ToString, saw: impl ToString, passed: bool) -> Check {
        Check::new(format!("{}.token.{what}", self.id), wanted, saw, passed)
    }

    /// The first token of the step at `place`.
    fn other(&self, place: &str) -> Option<&str> {
        let number: usize = place.strip_prefix("step.")?.parse().ok()?;
        match self.observation.steps.get(number.checked_sub(1)?)? {
            StepAnswer::Tokens { tokens, .. } => tokens.first().map(|token| token.value.as_str()),
            StepAnswer::Error(_)
            | StepAnswer::Waiting
            | StepAnswer::Prompted(_)
            | StepAnswer::Nothing => None,
        }
    }
}

fn issuers<'a>(token: &str, exchanges: &'a [Exchange]) -> Vec<&'a str> {
    let hash: String = digest(&SHA256, token.as_bytes())
        .as_ref()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let issued = exchanges
        .iter()
        .filter(|exchange| exchange.issued.contains(&hash));
    issued.map(|exchange| exchange.endpoint.as_str()).collect()
}

fn named(issuers: &[Vec<&str>]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for endpoints in issuers {
        names.push(
            endpoints
                .first()
                .copied()
                .unwrap_or("no endpoint of the emulator"),
        );
    }
    names.dedup();
    names.join(", ")
}

/// The claims of a JWT as texts, with arrays and objects as JSON; none for any other token.
fn claims_of(token: &str) -> Vec<(String, String)> {
    let payload = token.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let claims: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    claims
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect()
}
