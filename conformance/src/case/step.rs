//! The steps of a case.

use serde::Deserialize;

use super::expect::StepExpect;
use crate::protocol::Credential;

/// One step.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "StepDocument")]
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
        /// Whether the caller handles continuous access evaluation.
        enable_cae: bool,
        /// The token or error the caller must get.
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
        /// The token or error every caller must get.
        expect: StepExpect,
    },
    /// The user's reaction to the next prompt of the library.
    User(UserAct),
    /// The driver is stopped and started again; HOME stays.
    Restart,
    /// The clocks of the emulator and of the driver's library are put forward.
    Later {
        /// By how many seconds.
        seconds: u64,
    },
    /// The harness waits in real time before the next step.
    Pause {
        /// How long, in milliseconds; 10,000 at most.
        ms: u64,
    },
}

/// A reaction of the user to a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserAct {
    /// Types the code of the device and signs in as this user.
    Approve(String),
    /// Types the code of the device and says no.
    Decline,
    /// Signs in as this user in the browser that was opened.
    SignIn(String),
    /// Closes the sign-in page with "Cancel".
    Cancel,
    /// Closes the browser's tab, so that nothing ever comes back.
    Close,
    /// Does nothing for twenty minutes, longer than any code is valid.
    Oversleep,
    /// Signs in as this user, after an attacker has sent an answer with a guessed `state`.
    SignInAfterForgery(String),
}

impl Step {
    /// The credential the step brings.
    pub fn credential(&self) -> Option<&Credential> {
        match self {
            Self::Token { credential, .. } | Self::Tokens { credential, .. } => credential.as_ref(),
            Self::User(_) | Self::Restart | Self::Later { .. } | Self::Pause { .. } => None,
        }
    }

    /// How long the caller waits for the answer, in milliseconds, if not to the end.
    pub fn patience_ms(&self) -> Option<u64> {
        match self.expect()? {
            StepExpect::Error(error) => error.or_waits_ms,
            StepExpect::Token(_) => None,
        }
    }

    /// The token or error the step must end in, if it asks for a token.
    pub fn expect(&self) -> Option<&StepExpect> {
        match self {
            Self::Token { expect, .. } | Self::Tokens { expect, .. } => Some(expect),
            Self::User(_) | Self::Restart | Self::Later { .. } | Self::Pause { .. } => None,
        }
    }
}

/// A step as TOML has it: one flat table. An enum with a table for each kind of step would report
/// an error at the line of the step, not of the key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepDocument {
    #[serde(rename = "do")]
    action: Action,
    n: Option<u32>,
    credential: Option<Credential>,
    scopes: Option<Vec<String>>,
    tenant_id: Option<String>,
    claims: Option<String>,
    enable_cae: Option<bool>,
    seconds: Option<u64>,
    ms: Option<u64>,
    does: Option<ActWord>,
    name: Option<String>,
    expect: Option<StepExpect>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Token,
    Tokens,
    User,
    Restart,
    Later,
    Pause,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ActWord {
    Approve,
    Decline,
    SignIn,
    Cancel,
    Close,
    Oversleep,
    SignInAfterForgery,
}

impl TryFrom<StepDocument> for Step {
    type Error = String;

    fn try_from(written: StepDocument) -> Result<Self, String> {
        let (name, takes): (&str, &[&str]) = match written.action {
            Action::Token => (
                "token",
                &[
                    "credential",
                    "scopes",
                    "tenant_id",
                    "claims",
                    "enable_cae",
                    "expect",
                ],
            ),
            Action::Tokens => ("tokens", &["n", "credential", "scopes", "expect"]),
            Action::User => ("user", &["does", "name"]),
            Action::Restart => ("restart", &[]),
            Action::Later => ("later", &["seconds"]),
            Action::Pause => ("pause", &["ms"]),
        };
        if let Some(stray) = written.keys().find(|key| !takes.contains(key)) {
            return Err(format!("a `{name}` step takes no `{stray}`"));
        }
        let missing = |key: &str| format!("a `{name}` step needs `{key}`");
        let StepDocument {
            action,
            n,
            credential,
            scopes,
            tenant_id,
            claims,
            enable_cae,
            seconds,
            ms,
            does,
            name: user,
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
                enable_cae: enable_cae.unwrap_or_default(),
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
            Action::User => Self::User(act(does.ok_or_else(|| missing("does"))?, user)?),
            Action::Restart => Self::Restart,
            Action::Later => Self::Later {
                seconds: seconds.ok_or_else(|| missing("seconds"))?,
            },
            Action::Pause => Self::Pause {
                ms: ms.ok_or_else(|| missing("ms"))?,
            },
        })
    }
}

fn act(does: ActWord, user: Option<String>) -> Result<UserAct, String> {
    let nobody = "a `user` step needs `name`: who approves or signs in";
    match (does, user) {
        (ActWord::Approve, Some(user)) => Ok(UserAct::Approve(user)),
        (ActWord::SignIn, Some(user)) => Ok(UserAct::SignIn(user)),
        (ActWord::Decline, None) => Ok(UserAct::Decline),
        (ActWord::Cancel, None) => Ok(UserAct::Cancel),
        (ActWord::Close, None) => Ok(UserAct::Close),
        (ActWord::Oversleep, None) => Ok(UserAct::Oversleep),
        (ActWord::SignInAfterForgery, Some(user)) => Ok(UserAct::SignInAfterForgery(user)),
        (ActWord::Approve | ActWord::SignIn | ActWord::SignInAfterForgery, None) => {
            Err(nobody.to_owned())
        }
        (ActWord::Decline | ActWord::Cancel | ActWord::Close | ActWord::Oversleep, Some(_)) => {
            Err("whoever declines, cancels, closes or oversleeps has no `name`".to_owned())
        }
    }
}

impl StepDocument {
    /// The keys that were written, besides `do`.
    fn keys(&self) -> impl Iterator<Item = &'static str> {
        [
            ("n", self.n.is_some()),
            ("credential", self.credential.is_some()),
            ("scopes", self.scopes.is_some()),
            ("tenant_id", self.tenant_id.is_some()),
            ("claims", self.claims.is_some()),
            ("enable_cae", self.enable_cae.is_some()),
            ("seconds", self.seconds.is_some()),
            ("ms", self.ms.is_some()),
            ("does", self.does.is_some()),
            ("name", self.name.is_some()),
            ("expect", self.expect.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, written)| written.then_some(key))
    }
}
