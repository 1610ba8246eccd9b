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
        /// Whether the caller handles continuous access evaluation.
        enable_cae: bool,
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
    /// What the user will do when the library next asks for one.
    User(UserAct),
    /// The driver is stopped and started again; HOME stays.
    Restart,
    /// Time passes, without anybody waiting: for the emulator and for the driver's library.
    Later {
        /// How much, in seconds.
        seconds: u64,
    },
    /// Nothing happens for a while.
    Pause {
        /// How long, in milliseconds; 10,000 at most.
        ms: u64,
    },
}

/// A user at a keyboard.
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
    /// Sleeps for twenty minutes, longer than any code is good.
    Oversleep,
    /// Signs in as this user, after somebody who guesses has sent an answer with another `state`.
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

    /// What the step must end in, if it ends in anything.
    pub fn expect(&self) -> Option<&StepExpect> {
        match self {
            Self::Token { expect, .. } | Self::Tokens { expect, .. } => Some(expect),
            Self::User(_) | Self::Restart | Self::Later { .. } | Self::Pause { .. } => None,
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
    enable_cae: Option<bool>,
    seconds: Option<u64>,
    ms: Option<u64>,
    does: Option<Does>,
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
enum Does {
    Approve,
    Decline,
    SignIn,
    Cancel,
    Close,
    Oversleep,
    SignInAfterForgery,
}

impl TryFrom<Written> for Step {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
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
        let Written {
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

fn act(does: Does, user: Option<String>) -> Result<UserAct, String> {
    let nobody = "a `user` step needs `name`: who approves or signs in";
    match (does, user) {
        (Does::Approve, Some(user)) => Ok(UserAct::Approve(user)),
        (Does::SignIn, Some(user)) => Ok(UserAct::SignIn(user)),
        (Does::Decline, None) => Ok(UserAct::Decline),
        (Does::Cancel, None) => Ok(UserAct::Cancel),
        (Does::Close, None) => Ok(UserAct::Close),
        (Does::Oversleep, None) => Ok(UserAct::Oversleep),
        (Does::SignInAfterForgery, Some(user)) => Ok(UserAct::SignInAfterForgery(user)),
        (Does::Approve | Does::SignIn | Does::SignInAfterForgery, None) => Err(nobody.to_owned()),
        (Does::Decline | Does::Cancel | Does::Close | Does::Oversleep, Some(_)) => {
            Err("whoever declines, cancels, closes or oversleeps has no `name`".to_owned())
        }
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
