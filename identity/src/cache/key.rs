//! The key of a token within the cache of one identity.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::token::TokenRequest;

/// The scopes, tenant, claims and CAE of a request. The order of the scopes does not matter.
///
/// Everything else that keeps tokens apart belongs to the identity, and each identity has a cache
/// of its own: see [`Identity`](crate::isolation::Identity).
pub(crate) struct Key(TokenRequest);

/// A borrowed [`Key`]: looking one up copies nothing.
pub(crate) struct KeyRef<'a, S> {
    scopes: &'a [S],
    tenant_id: Option<&'a str>,
    claims: Option<&'a str>,
    enable_cae: bool,
}

impl<'a, S: AsRef<str>> KeyRef<'a, S> {
    /// The key of a request for `scopes` without options.
    pub(crate) fn scopes(scopes: &'a [S]) -> Self {
        Self {
            scopes,
            tenant_id: None,
            claims: None,
            enable_cae: false,
        }
    }
}

impl<'a> From<&'a TokenRequest> for KeyRef<'a, String> {
    fn from(request: &'a TokenRequest) -> Self {
        Self {
            scopes: request.scopes(),
            tenant_id: request.tenant_id(),
            claims: request.claims(),
            enable_cae: request.enable_cae(),
        }
    }
}

impl<'a> From<&'a Key> for KeyRef<'a, String> {
    fn from(key: &'a Key) -> Self {
        Self::from(&key.0)
    }
}

impl From<&TokenRequest> for Key {
    fn from(request: &TokenRequest) -> Self {
        Self(request.clone())
    }
}

impl<S: AsRef<str>> Hash for KeyRef<'_, S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.scopes {
            [scope] => state.write(scope.as_ref().as_bytes()),
            // The hashes are added up, so that the order does not matter.
            scopes => state.write_u64(scopes.iter().map(scope_hash).fold(0, u64::wrapping_add)),
        }
        if self.tenant_id.is_some() || self.claims.is_some() || self.enable_cae {
            (self.tenant_id, self.claims, self.enable_cae).hash(state);
        }
    }
}

impl<A: AsRef<str>> KeyRef<'_, A> {
    /// Whether this is `key`.
    #[inline]
    pub(super) fn matches(&self, key: &Key) -> bool {
        self.equals(&KeyRef::from(key))
    }

    fn equals<B: AsRef<str>>(&self, other: &KeyRef<'_, B>) -> bool {
        self.enable_cae == other.enable_cae
            && self.tenant_id == other.tenant_id
            && self.claims == other.claims
            && same_scopes(self.scopes, other.scopes)
    }
}

fn scope_hash(scope: &impl AsRef<str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(scope.as_ref().as_bytes());
    hasher.finish()
}

fn same_scopes<A: AsRef<str>, B: AsRef<str>>(a: &[A], b: &[B]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let in_order = a.iter().zip(b).all(|(a, b)| a.as_ref() == b.as_ref());
    in_order
        || a.iter()
            .all(|scope| count(a, scope.as_ref()) == count(b, scope.as_ref()))
}

fn count<S: AsRef<str>>(scopes: &[S], counted: &str) -> usize {
    scopes
        .iter()
        .filter(|scope| scope.as_ref() == counted)
        .count()
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, RandomState};

    use super::*;
    use crate::token::TokenRequestOptions;

    fn equal(asked: &[&str], stored: &[&str]) -> bool {
        let hasher = RandomState::new();
        let key = Key::from(&TokenRequest::new(stored).unwrap());
        let key_ref = KeyRef::scopes(asked);
        let equal = key_ref.matches(&key);
        assert!(
            !equal || hasher.hash_one(&key_ref) == hasher.hash_one(KeyRef::from(&key)),
            "equal keys have equal hashes"
        );
        equal
    }

    #[test]
    fn scopes_match_in_any_order_and_number_for_number() {
        assert!(equal(&["a"], &["a"]));
        assert!(equal(&["a", "b", "a"], &["b", "a", "a"]));
        assert!(!equal(&["a", "b", "b"], &["b", "a", "a"]));
        assert!(!equal(&["a"], &["a", "b"]));
        assert!(!equal(&["ab"], &["a", "b"]));
    }

    #[test]
    fn tenant_claims_and_cae_keep_tokens_apart() {
        let with = |tenant: Option<&str>, claims: Option<&str>, enable_cae| {
            let (tenant_id, claims) = (tenant.map(str::to_owned), claims.map(str::to_owned));
            let options = TokenRequestOptions {
                tenant_id,
                claims,
                enable_cae,
            };
            Key::from(&TokenRequest::with_options(&["s"], options).unwrap())
        };
        let keys = [
            with(None, None, false),
            with(Some("t"), None, false),
            with(None, Some("{}"), false),
            with(None, None, true),
        ];
        for (i, a) in keys.iter().enumerate() {
            for (j, b) in keys.iter().enumerate() {
                assert_eq!(KeyRef::from(a).matches(b), i == j, "{i} {j}");
            }
        }
    }
}
