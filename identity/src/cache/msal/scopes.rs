//! The scopes a token was issued for.

use std::collections::BTreeSet;

/// A set of scopes, `target` in the document: sorted and separated by spaces there. Scopes that
/// differ in upper and lower case only are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scopes(Vec<String>);

impl Scopes {
    /// The scopes in `target`, separated by spaces.
    pub(crate) fn parse(target: &str) -> Self {
        Self::new(target.split_ascii_whitespace())
    }

    /// The set of `scopes`; one that is there twice counts once.
    pub(crate) fn new<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Self {
        let sorted: BTreeSet<_> = scopes.into_iter().map(|s| s.as_ref().to_owned()).collect();
        Self(sorted.into_iter().collect())
    }

    /// The text of `target`.
    pub(crate) fn target(&self) -> String {
        self.0.join(" ")
    }

    /// Whether a token for these scopes serves a request for `requested`.
    pub(crate) fn contains_all<S: AsRef<str>>(&self, requested: &[S]) -> bool {
        let has = |scope: &S| {
            self.0
                .iter()
                .any(|s| s.eq_ignore_ascii_case(scope.as_ref()))
        };
        requested.iter().all(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_for_more_scopes_serves_a_request_for_fewer_in_any_order_and_case() {
        let scopes = Scopes::parse("User.Read  openid profile openid");
        assert_eq!(scopes.target(), "User.Read openid profile");
        assert!(scopes.contains_all(&["profile", "user.read"]));
        assert!(!scopes.contains_all(&["profile", "Mail.Read"]));
        assert!(!Scopes::parse("https://a/.default").contains_all(&["https://a"]));
    }
}
