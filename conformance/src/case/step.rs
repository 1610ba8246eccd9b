//! What happens in a case.

use serde::Deserialize;

use super::expect::StepExpect;
use crate::protocol::Credential;

/// One thing that happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub enum Step {
    /// One caller asks for a token.
    Token {
        /// The credential; without one, the one of the step before.
        credential: Option<Credential>,
        /// Scopes.
        scopes: Vec<String>,
        /// Tenant asked for instead of the credential's own.
        tenant_id: Option<String>,
        /// Claims challenge.
        claims: Option<String>,
        /// What the caller gets.
        expect: StepExpect,
    },
    /// Several callers ask at once.
    Tokens {
        /// How many; 2 or more.
        n: u32,
        /// The credential; without one, the one of the step before.
        credential: Option<Credential>,
        /// Scopes.
        scopes: Vec<String>,
        /// What every caller gets.
        expect: StepExpect,
    },
    /// The driver is stopped and started again; HOME stays.
    Restart,
    /// Nothing happens for a while.
    Pause {
        /// How long, in milliseconds; 10,000 at most.
        ms: u64,
    },
}

impl Step {
    /// What the step must end in, if it ends in anything.
    pub fn expect(&self) -> Option<&StepExpect> {
        match self {
            Self::Token { expect, .. } | Self::Tokens { expect, .. } => Some(expect),
            Self::Restart | Self::Pause { .. } => None,
        }
    }
}

/// A step as it is written: flat, so that an error in it has a line of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "do")]
    action: Action,
    n: Option<u32>,
    credential: Option<Credential>,
    scopes: Option<Vec<String>>,
    tenant_id: Option<String>,
    claims: Option<String>,
    ms: Option<u64>,
    expect: Option<StepExpect>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Token,
    Tokens,
    Restart,
    Pause,
}

impl TryFrom<Written> for Step {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (name, takes): (&str, &[&str]) = match written.action {
            Action::Token => (
                "token",
                &["credential", "scopes", "tenant_id", "claims", "expect"],
            ),
            Action::Tokens => ("tokens", &["n", "credential", "scopes", "expect"]),
            Action::Restart => ("restart", &[]),
            Action::Pause => ("pause", &["ms"]),
        };
        if let Some(stray) = written.keys().find(|key| !takes.contains(key)) {
            return Err(format!("a `{name}` step takes no `{stray}`"));
        }
        let missing = |key: &str| format!("a `{name}` step needs `{key}`");
        let Written {
            action,
            n,
            credential,
            scopes,
            tenant_id,
            claims,
            ms,
            expect,
        } = written;
        let scopes = scopes.ok_or_else(|| missing("scopes"));
        let expect = expect.ok_or_else(|| missing("expect"));
        Ok(match action {
            Action::Token => Self::Token {
                credential,
                scopes: scopes?,
                tenant_id,
                claims,
                expect: expect?,
            },
            Action::Tokens => {
                let n = n.ok_or_else(|| missing("n"))?;
                Self::Tokens {
                    n,
                    credential,
                    scopes: scopes?,
                    expect: expect?,
                }
            }
            Action::Restart => Self::Restart,
            Action::Pause => Self::Pause {
                ms: ms.ok_or_else(|| missing("ms"))?,
            },
        })
    }
}

impl Written {
    /// The keys that were written, besides `do`.
    fn keys(&self) -> impl Iterator<Item = &'static str> {
        [
            ("n", self.n.is_some()),
            ("credential", self.credential.is_some()),
            ("scopes", self.scopes.is_some()),
            ("tenant_id", self.tenant_id.is_some()),
            ("claims", self.claims.is_some()),
            ("ms", self.ms.is_some()),
            ("expect", self.expect.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, written)| written.then_some(key))
    }
}
