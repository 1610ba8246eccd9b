//! The selection of the members of the default chain.

use super::options::DefaultAzureCredentialOptions;
use super::table::{Group, MEMBERS, Member, member};
use crate::error::{Error, Result};

pub(super) const SELECTION: &str = "AZURE_TOKEN_CREDENTIALS";

/// The members that `AZURE_TOKEN_CREDENTIALS` selects.
pub(super) enum Selection {
    All,
    Group(Group),
    One(&'static str),
}

impl Selection {
    /// Reads the variable, and checks the names in `options`.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is no member's, or a missing value that `require_envvar`
    /// requires.
    pub(super) fn read(options: &DefaultAzureCredentialOptions) -> Result<Self> {
        for name in options.exclude.iter().chain(&options.include) {
            member(name).ok_or_else(|| unknown("member", name))?;
        }
        let value = options.options.env().var(SELECTION).unwrap_or_default();
        let value = value.trim().to_lowercase();
        match &*value {
            "" if options.require_envvar => Err(Error::invalid(format!(
                "{SELECTION} environment variable is required but is not set or is empty. {}",
                valid_values()
            ))),
            "" => Ok(Self::All),
            "dev" => Ok(Self::Group(Group::Dev)),
            "prod" => Ok(Self::Group(Group::Prod)),
            name => match member(name) {
                Some(member) => Ok(Self::One(member.name)),
                None => Err(unknown(&format!("value for {SELECTION}"), name)),
            },
        }
    }

    /// Whether `member` is in the chain.
    pub(super) fn keeps(&self, member: &Member, options: &DefaultAzureCredentialOptions) -> bool {
        if options.excludes(member.name) {
            return false;
        }
        let selected = match self {
            Self::All => member.group != Group::Named,
            Self::Group(group) => *group == member.group,
            Self::One(name) => *name == member.name,
        };
        selected || options.includes(member.name)
    }
}

fn unknown(what: &str, value: &str) -> Error {
    Error::invalid(format!("Invalid {what}: {value}. {}", valid_values()))
}

fn valid_values() -> String {
    let mut names: Vec<_> = MEMBERS
        .iter()
        .map(|member| member.name.to_lowercase())
        .collect();
    names.sort();
    format!("Valid values are: dev, prod, {}.", names.join(", "))
}
