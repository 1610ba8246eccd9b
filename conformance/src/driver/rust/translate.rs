//! The translation between the protocol's messages and our own crate's types.

use identity::{AccessToken, Error, ErrorKind, TokenRequest, TokenRequestOptions};

use crate::protocol::{Ask, Failure, FailureKind, Token};

/// The request to our crate for a request of the protocol.
pub(super) fn token_request(ask: &Ask) -> Result<TokenRequest, Error> {
    let scopes: Vec<&str> = ask.scopes.iter().map(String::as_str).collect();
    let options = TokenRequestOptions {
        tenant_id: ask.tenant_id.clone(),
        claims: ask.claims.clone(),
        enable_cae: ask.enable_cae,
    };
    TokenRequest::with_options(&scopes, options)
}

/// The token of the protocol for one of our crate.
pub(super) fn token(token: &AccessToken) -> Token {
    Token {
        value: token.token().to_owned(),
        expires_on: token.expires_on().unix_timestamp(),
    }
}

/// The error of the protocol for one of our crate.
pub(super) fn failure(error: &Error) -> Failure {
    let kind = match error.kind() {
        ErrorKind::CredentialUnavailable => FailureKind::Unavailable,
        ErrorKind::ClientAuthentication => FailureKind::Rejected,
        ErrorKind::AuthenticationRequired => FailureKind::InteractionRequired,
        ErrorKind::InvalidArgument => FailureKind::Config,
        ErrorKind::Timeout => FailureKind::Timeout,
        // The list of kinds may grow. A kind this driver does not know is none of the service's.
        _ => FailureKind::Transport,
    };
    Failure {
        kind,
        oauth: error.oauth_error().map(str::to_owned),
        aadsts: error.aadsts_codes().to_vec(),
        attempts: error
            .attempts()
            .iter()
            .map(|attempt| attempt.name().to_owned())
            .collect(),
        text: error.to_string(),
    }
}
