//! A rule of a script as data: the same in Rust, in `world.toml` and over `/_emulator/script`.

use serde::{Deserialize, Serialize, Serializer};

use super::document::Written;
use super::preset::Preset;
use super::{Reply, When};
use crate::base::config_error::ConfigError;
use crate::exchange::endpoint_names::ENDPOINT_NAMES;
use crate::exchange::request::Call;

/// "The next `times` answers of `on` are `reply`."
///
/// ```
/// use identity_emulator::{Reply, Rule};
///
/// let reply = Reply { status: Some(503), ..Reply::default() };
/// let rule = Rule { times: 2, ..Rule::new("entra.token", reply) };
/// assert_eq!(rule.skip, 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rule {
    /// The [`Preset`] it is part of, by which it can be taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Name of an endpoint such as `imds.token`, or the start of several followed by `*`.
    pub on: String,
    /// The conditions of the requests there; default all.
    #[serde(skip_serializing_if = "When::is_any")]
    pub when: When,
    /// How many of these requests pass untouched first; default 0. With 2, the rule begins with
    /// the third.
    #[serde(skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// How many answers, or [`Rule::ALWAYS`] (`"always"` as text). Default 1, or always where
    /// `for_s` is written.
    #[serde(serialize_with = "times")]
    pub times: u32,
    /// For how many seconds after its first answer, by the emulator's clock; default no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_s: Option<u32>,
    /// The scripted reply.
    pub reply: Reply,
}

impl Rule {
    /// In [`Rule::times`]: until the rule is taken back.
    pub const ALWAYS: u32 = u32::MAX;

    /// One answer of `on`.
    pub fn new(on: impl Into<String>, reply: Reply) -> Self {
        Self {
            on: on.into(),
            reply,
            ..Self::default()
        }
    }

    /// Refuses what could not be carried out, or could never apply; names the key.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.problem()
            .map_err(|text| ConfigError::new(format!("script on `{}`: {text}", self.on)))
    }

    fn problem(&self) -> Result<(), String> {
        if !ENDPOINT_NAMES.iter().any(|name| self.covers(name)) {
            let endpoints = ENDPOINT_NAMES.join(", ");
            return Err(format!("`on`: no such endpoint; there are {endpoints}"));
        }
        if self.times == 0 {
            return Err("`times` is at least 1".to_owned());
        }
        if self.for_s == Some(0) {
            return Err("`for_s` is at least 1".to_owned());
        }
        if let Some(name) = &self.preset {
            Preset::required(name)?;
        }
        self.when.check()?;
        self.reply.check()
    }

    /// Whether the rule is about `endpoint`.
    pub(super) fn covers(&self, endpoint: &str) -> bool {
        match self.on.strip_suffix('*') {
            Some(start) => endpoint.len() > start.len() && endpoint.starts_with(start),
            None => self.on == endpoint,
        }
    }

    /// Whether the rule is about this request.
    pub(super) fn fits(&self, endpoint: &str, call: &Call) -> bool {
        self.covers(endpoint) && self.when.fits(call)
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            preset: None,
            on: String::new(),
            when: When::default(),
            skip: 0,
            times: 1,
            for_s: None,
            reply: Reply::default(),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn times<S: Serializer>(times: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    if *times == Rule::ALWAYS {
        serializer.serialize_str("always")
    } else {
        serializer.serialize_u32(*times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_covers_what_goes_on_after_it() {
        let rule = Rule::new("entra.discovery.*", Reply::default());
        assert!(rule.covers("entra.discovery.openid"));
        assert!(!rule.covers("entra.discovery."));
        assert!(!rule.covers("entra.token"));
    }

    #[test]
    fn a_rule_that_could_not_be_carried_out_is_refused_with_the_key_and_the_reason() {
        let refusal = |rule: Rule| rule.check().unwrap_err().to_string();
        let endpoint = refusal(Rule::new("imds.tokn", Reply::default()));
        assert!(endpoint.contains("`on`") && endpoint.contains("imds.token"));
        let never = Rule {
            times: 0,
            ..Rule::new("imds.token", Reply::default())
        };
        assert_eq!(
            refusal(never),
            "script on `imds.token`: `times` is at least 1"
        );
        let unknown = Rule {
            preset: Some("nothing".to_owned()),
            ..Rule::new("imds.token", Reply::default())
        };
        assert!(refusal(unknown).contains("throttle-429"));
    }
}
