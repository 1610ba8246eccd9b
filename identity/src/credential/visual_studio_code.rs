//! The user who is signed in to Azure in Visual Studio Code.

use std::path::PathBuf;

use crate::authentication_record::AuthenticationRecord;
use crate::context::{Context, Env};
use crate::credential::construction::{application, check_record};
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::client_auth::ClientAuth;
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::token::{AccessToken, TokenRequest, check_tenant};
use crate::token_credential::impl_token_credential;
use crate::user::silent::{SilentFlow, SilentOutcome};

/// Authenticates as the user who is signed in to Azure in Visual Studio Code, where that user's
/// tokens are in a cache that this library can read.
///
/// The extension "Azure Resources" writes the record of the user who is signed in to the user's
/// home directory; the tokens themselves are kept by a broker of the operating system (Windows,
/// macOS), which this library cannot ask. It looks for the same account in the cache that
/// Microsoft's developer tools share, as
/// [`SharedTokenCacheCredential`](crate::SharedTokenCacheCredential) does. When the account is not
/// there, the credential is unavailable and its error says why.
///
/// Source:
/// <https://learn.microsoft.com/python/api/azure-identity/azure.identity.visualstudiocodecredential>.
#[derive(Clone, Debug)]
pub struct VisualStudioCodeCredential(Pipeline<VisualStudioCode>);

/// Options of a [`VisualStudioCodeCredential`].
#[derive(Clone, Debug, Default)]
pub struct VisualStudioCodeCredentialOptions {
    /// The tenant (id or domain). `None`: the tenant that the user is signed in to.
    pub tenant_id: Option<String>,
    /// The options that all credentials share.
    pub options: Options,
}

impl VisualStudioCodeCredential {
    /// Creates a credential for the user who is signed in.
    ///
    /// # Errors
    /// `InvalidArgument` when the environment names a malformed authority host.
    pub fn new() -> Result<Self> {
        Self::with_options(VisualStudioCodeCredentialOptions::default())
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed option.
    pub fn with_options(options: VisualStudioCodeCredentialOptions) -> Result<Self> {
        let VisualStudioCodeCredentialOptions { tenant_id, options } = options;
        options.authority()?;
        if let Some(tenant) = &tenant_id {
            check_tenant(tenant)?;
        }
        let context = options.outside()?;
        let source = VisualStudioCode { tenant_id, options };
        Ok(Self(Pipeline::new(source, context)))
    }
}

impl_token_credential!(VisualStudioCodeCredential, |this| this.0);

#[derive(Debug)]
struct VisualStudioCode {
    tenant_id: Option<String>,
    options: Options,
}

/// The client id of Visual Studio Code.
const CLIENT: &str = "aebc6443-996d-45c2-90f0-388ff96faa56";
/// The path of the record below one of `DIRECTORIES`.
const RECORD: &str = "ms-azuretools.vscode-azureresourcegroups/authRecord.json";
/// The directories below the home directory. Versions of the extension differ in the spelling.
const DIRECTORIES: [&str; 2] = [".azure", ".Azure"];
/// The most bytes that are read of a record. Real ones have a few hundred.
const LIMIT: u64 = 10 * 1024;

impl Source for VisualStudioCode {
    const NAME: &'static str = "VisualStudioCodeCredential";

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let record = record(context).await?;
        let tenant = self.tenant_id.as_deref();
        let tenant = tenant.unwrap_or_else(|| record.tenant_id());
        let application = application(tenant, CLIENT, ClientAuth::None, &self.options)?;
        check_record(Some(&record), &application)
            .map_err(|error| unavailable(&error.to_string()))?;
        let accounts = self.options.accounts_of_others()?;
        // Nobody is asked to unlock a keyring in which there is nothing.
        let outcome = match accounts.exist(false).await || accounts.exist(true).await {
            false => SilentOutcome::InteractionRequired(None),
            true => {
                let silent = SilentFlow {
                    application,
                    accounts,
                };
                let home = record.home_account_id();
                silent.token(home, request, context).await?
            }
        };
        match outcome {
            SilentOutcome::Token(token) => Ok(token),
            SilentOutcome::InteractionRequired(Some(refusal)) => Err(refusal),
            SilentOutcome::InteractionRequired(None) => Err(unavailable(&format!(
                "Visual Studio Code keeps the tokens of {} in a broker of the operating system, \
                 which this library cannot ask, and they are in no cache that it can read. Use \
                 AzureCliCredential, after 'az login'",
                record.username()
            ))),
        }
    }
}

/// Reads the record of the user who is signed in.
async fn record(context: &Context) -> Result<AuthenticationRecord> {
    for path in paths(&*context.env) {
        let Ok(content) = context.files.read(&path, LIMIT).await else {
            continue;
        };
        let text = String::from_utf8_lossy(&content);
        let record = AuthenticationRecord::deserialize(&text);
        let record = record
            .ok()
            .filter(|record| record.client_id.eq_ignore_ascii_case(CLIENT));
        return record.ok_or_else(|| {
            unavailable("The account record of the extension Azure Resources is malformed. Sign in to Azure there again")
        });
    }
    Err(unavailable(
        "Nobody is signed in to Azure in Visual Studio Code. Install the extension Azure Resources, \
         and sign in there",
    ))
}

/// Returns the paths at which the record may be.
fn paths(env: &dyn Env) -> impl Iterator<Item = PathBuf> {
    let home = env
        .non_empty("HOME")
        .or_else(|| env.non_empty("USERPROFILE"));
    let home = home.map(PathBuf::from).filter(|home| home.is_absolute());
    DIRECTORIES
        .into_iter()
        .filter_map(move |directory| Some(home.as_ref()?.join(directory).join(RECORD)))
}

fn unavailable(why: &str) -> Error {
    Error::new(
        ErrorKind::CredentialUnavailable,
        format!("VisualStudioCodeCredential authentication unavailable. {why}"),
    )
}
