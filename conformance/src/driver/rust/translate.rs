//! Questions and answers of the protocol, as our own crate has them.

use identity::{AccessToken, Error, ErrorKind, TokenRequest, TokenRequestOptions};

use crate::protocol::{Ask, Failure, FailureKind, Token};

/// What our crate is asked for.
pub(super) fn token_request(ask: &Ask) -> Result<TokenRequest, Error> {
    let scopes: Vec<&str> = ask.scopes.iter().map(String::as_str).collect();
    let options = TokenRequestOptions {
        tenant_id: ask.tenant_id.clone(),
        claims: ask.claims.clone(),
        enable_cae: ask.enable_cae,
    };
    TokenRequest::with_options(&scopes, options)
}

/// What came of it.
pub(super) fn token(token: &AccessToken) -> Token {
    Token {
        value: token.token().to_owned(),
        expires_on: token.expires_on().unix_timestamp(),
    }
}

/// Or why nothing did.
pub(super) fn failure(error: &Error) -> Failure {
    let kind = match error.kind() {
        ErrorKind::CredentialUnavailable => FailureKind::Unavailable,
        ErrorKind::ClientAuthentication => FailureKind::Rejected,
        ErrorKind::AuthenticationRequired => FailureKind::InteractionRequired,
        ErrorKind::InvalidArgument => FailureKind::Config,
        ErrorKind::Timeout => FailureKind::Timeout,
        // The list of kinds may grow; a kind this driver does not know is no word of the service.
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
