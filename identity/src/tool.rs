//! Developer tools that print tokens of the user signed in to them: how a tool is run, and the
//! errors when it fails.

pub(crate) mod az;
pub(crate) mod azd;
pub(crate) mod powershell;
mod tenancy;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::{Either, select};

pub(crate) use self::tenancy::Tenancy;
use crate::context::{Command, Context, Env, Output, UnixTime};
use crate::error::{Error, Result};
use crate::oauth::failure;
use crate::redact;
use crate::token::{AccessToken, Token, TokenRequest};

/// A developer tool, with its names and all that is needed to run it.
pub(crate) struct Tool {
    /// The name in messages.
    pub(crate) name: &'static str,
    /// The names of its program, the usual one first.
    pub(crate) programs: &'static [&'static str],
    /// The variables that keep its output plain.
    pub(crate) env: &'static [(&'static str, &'static str)],
    /// The error message when there is no such program.
    pub(crate) missing: &'static str,
}

impl Tool {
    /// Runs the tool and returns its output, whatever its exit code.
    ///
    /// # Errors
    /// `CredentialUnavailable` when it is not installed, cannot be started, writes without end or
    /// takes longer than `timeout`.
    pub(crate) async fn run(
        &self,
        args: Vec<String>,
        timeout: Duration,
        context: &Context,
    ) -> Result<Output> {
        let limit = context.clock.sleep(timeout);
        let run = Box::pin(self.execute(args, context));
        // Dropping the run kills the tool and all that it has started.
        match select(run, limit).await {
            Either::Left((output, _)) => output,
            Either::Right(((), _)) => Err(Error::unavailable(format!(
                "Timed out waiting for {}: no answer within {} s. The option process_timeout says \
                 how long to wait",
                self.name,
                timeout.as_secs_f32()
            ))),
        }
    }

    async fn execute(&self, args: Vec<String>, context: &Context) -> Result<Output> {
        let program = self.program(context).await?;
        let directory = Some(directory(&*context.env)?);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let command = Command {
            program,
            args,
            env: self.env.iter().map(owned).collect(),
            directory,
        };
        let name = self.name;
        let output = context.processes.run(command).await;
        let output = output.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => self.not_installed(),
            _ => {
                Error::unavailable(format!("Failed to execute {name}: {error}")).with_source(error)
            }
        })?;
        // A wrapper script ends like this when the program behind it is gone.
        if output.code == Some(127) || stderr(&output).contains("' is not recognized") {
            return Err(self.not_installed());
        }
        Ok(output)
    }

    async fn program(&self, context: &Context) -> Result<PathBuf> {
        let path = context.env.var("PATH").unwrap_or_default();
        for name in self.programs {
            if let Some(program) = context.processes.find(name, &path).await {
                return Ok(program);
            }
        }
        Err(self.not_installed())
    }

    fn not_installed(&self) -> Error {
        Error::unavailable(self.missing)
    }

    /// Returns the error of a failed run, with the tool's own message.
    pub(crate) fn failed(&self, output: &str) -> Error {
        let reason = redact::message(output.trim(), &[]);
        let name = self.name;
        let message = match &*reason {
            "" => format!("Failed to invoke {name}; it gave no reason"),
            _ => format!("{name} failed: {reason}"),
        };
        Error::rejected(message).with_aadsts_codes(failure::codes_in(&reason))
    }

    /// Returns the error of a run that succeeded and printed something else than a token.
    pub(crate) fn unexpected(&self, output: &Output) -> Error {
        let printed = redact::excerpt(&String::from_utf8_lossy(&output.stdout), &[]);
        Error::rejected(format!("Unexpected output from {}: '{printed}'", self.name))
    }

    /// Returns the token that a run printed.
    pub(crate) fn token(
        &self,
        text: &str,
        expires_on: UnixTime,
        now: UnixTime,
    ) -> Result<AccessToken> {
        if expires_on <= now {
            let name = self.name;
            return Err(Error::rejected(format!(
                "{name} gave a token that has already expired. Check this machine's clock, or sign \
                 in to {name} again"
            )));
        }
        let token = Token::new(text, "Bearer", expires_on, None);
        Ok(AccessToken(Arc::new(token)))
    }
}

/// Returns the standard error of a run as text.
fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Returns the error for a claims challenge that only a new sign-in by `command` can answer.
fn claims_unsupported(command: &str) -> Error {
    Error::unavailable(format!(
        "This credential doesn't support claims challenges. To authenticate with the required \
         claims, please run the following command: {command}"
    ))
}

/// Returns a claims challenge as an argument: in base64, which no shell or script misreads.
fn claims_argument(claims: &str) -> String {
    BASE64_STANDARD.encode(claims)
}

/// Returns the only scope of a request to a tool that takes one resource.
pub(crate) fn only_scope<'a>(request: &'a TokenRequest, tool: &str) -> Result<&'a str> {
    match request.scopes() {
        [scope] => check_scope(scope).map(|()| &**scope),
        _ => Err(Error::invalid(format!(
            "{tool} gives a token for exactly one scope, such as \
             https://management.azure.com/.default"
        ))),
    }
}

/// Checks that `scope` can be an argument of a tool. Some tools are scripts, which may take quotes,
/// spaces and other signs for something else.
///
/// # Errors
/// `InvalidArgument` when it cannot.
pub(crate) fn check_scope(scope: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.:/-".contains(c);
    match scope.chars().all(allowed) && !scope.starts_with('-') {
        true => Ok(()),
        false => Err(Error::invalid(format!(
            "the scope {} cannot be given to a developer tool: it may consist of letters, digits \
             and _.:/- and not begin with -",
            redact::excerpt(scope, &[])
        ))),
    }
}

/// Returns the directory that tools run in. Only the system can put a program or a library there;
/// from the current directory a tool could load anybody's.
#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Windows")]
fn directory(_: &dyn Env) -> Result<PathBuf> {
    Ok("/".into())
}

#[cfg(windows)]
fn directory(env: &dyn Env) -> Result<PathBuf> {
    let root = env.non_empty("SYSTEMROOT").map(PathBuf::from);
    root.ok_or_else(|| Error::unavailable("the environment variable SYSTEMROOT is not set"))
}
