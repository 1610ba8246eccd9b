//! How much of the user is to be asked.

/// How much the user is to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::entra) struct Prompt {
    /// Nothing at all.
    pub(in crate::entra) none: bool,
    /// The password, whoever is signed in.
    pub(in crate::entra) login: bool,
    /// Whether to ask for the account.
    pub(in crate::entra) select_account: bool,
    /// For consent, even if it was given.
    pub(in crate::entra) consent: bool,
    /// For an administrator's consent, for everybody and to all that the registration lists.
    pub(in crate::entra) admin: bool,
}

impl Prompt {
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut prompt = Self::default();
        for one in text.split_whitespace() {
            match one {
                "none" => prompt.none = true,
                "login" | "create" => prompt.login = true,
                "select_account" => prompt.select_account = true,
                "consent" => prompt.consent = true,
                "admin_consent" => (prompt.consent, prompt.admin) = (true, true),
                _ => return None,
            }
        }
        let asks = prompt.login || prompt.select_account || prompt.consent;
        (!(prompt.none && asks)).then_some(prompt)
    }
}
