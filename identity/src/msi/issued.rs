//! The tokens that were given out, in case a resource refuses one.

use std::collections::HashMap;
use std::sync::Mutex;

use aws_lc_rs::digest::{Digest, SHA256, digest};

use crate::sync::lock;
use crate::token::{AccessToken, TokenRequest};

/// The SHA-256 of the last token of each scope, by which a host recognises a refused token. There
/// are few scopes: one for each resource the program talks to.
#[derive(Debug, Default)]
pub(crate) struct Issued(Mutex<HashMap<String, Digest>>);

/// How many scopes are remembered at most.
const LIMIT: usize = 64;

impl Issued {
    /// Returns the digest, in hex, of the last token for the scope of `request`.
    pub(crate) fn digest(&self, request: &TokenRequest) -> Option<String> {
        let issued = lock(&self.0);
        let digest = issued.get(request.scopes().first()?)?;
        Some(digest.as_ref().iter().map(|b| format!("{b:02x}")).collect())
    }

    /// Remembers `token` as the last one for the scope of `request`.
    pub(crate) fn note(&self, request: &TokenRequest, token: &AccessToken) {
        let mut issued = lock(&self.0);
        if issued.len() >= LIMIT {
            issued.clear();
        }
        let digest = digest(&SHA256, token.token().as_bytes());
        issued.extend(
            request
                .scopes()
                .first()
                .map(|scope| (scope.clone(), digest)),
        );
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    #[test]
    fn the_digest_is_of_the_last_token_of_the_scope() {
        let (issued, request) = (Issued::default(), TokenRequest::new(&["r"]).unwrap());
        assert_eq!(issued.digest(&request), None);
        for text in ["old", "test_token"] {
            let token = AccessToken::new(text, OffsetDateTime::UNIX_EPOCH);
            issued.note(&request, &token);
        }
        let expected = "cc0af97287543b65da2c7e1476426021826cab166f1e063ed012b855ff819656";
        assert_eq!(issued.digest(&request).as_deref(), Some(expected));
        let other = TokenRequest::new(&["s"]).unwrap();
        assert_eq!(issued.digest(&other), None);
    }
}
