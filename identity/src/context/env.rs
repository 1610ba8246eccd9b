//! Environment variables.

use std::collections::HashMap;
use std::fmt;

/// Reads environment variables.
pub trait Env: fmt::Debug + Send + Sync {
    /// Returns the value of `name`; `None` when it is unset or not Unicode.
    fn var(&self, name: &str) -> Option<String>;

    /// Returns the value of `name`, taking an empty value for an unset one: most shells and
    /// container platforms cannot tell the two apart.
    fn non_empty(&self, name: &str) -> Option<String> {
        self.var(name).filter(|value| !value.is_empty())
    }
}

/// The variables of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEnv;

impl Env for SystemEnv {
    #[expect(clippy::disallowed_methods, reason = "this is the port")]
    fn var(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// A fixed set of variables, for tests and for programs with a configuration of their own.
#[derive(Clone, Default)]
pub struct StaticEnv(HashMap<String, String>);

impl Env for StaticEnv {
    fn var(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for StaticEnv {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// Shows names only: values may be secrets.
impl fmt::Debug for StaticEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
