//! A sign-in under way: what the next page has to know of the pages before it.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::base::random::Random;
use crate::base::store::Store;
use crate::entra::stores::sessions::SignedIn;
use crate::world::endpoint_version::EndpointVersion;

/// One sign-in in one browser, from its first page to its answer.
#[derive(Clone, Debug)]
pub(in crate::entra) struct Flow {
    pub(in crate::entra) purpose: Purpose,
    /// The browser it was made for, by its cookie.
    pub(in crate::entra) browser: String,
    /// The user name that was typed or picked.
    pub(in crate::entra) named: Option<String>,
    /// Whether nobody who is signed in is meant.
    pub(in crate::entra) other: bool,
    /// The account whose password was entered here.
    pub(in crate::entra) account: Option<SignedIn>,
    /// Whether consent was given here.
    pub(in crate::entra) agreed: bool,
    /// Whether it was given for everybody.
    pub(in crate::entra) for_all: bool,
    /// Whether the device is really the visitor's.
    pub(in crate::entra) confirmed: bool,
}

/// The purpose of a sign-in.
#[derive(Clone, Debug)]
pub(in crate::entra) enum Purpose {
    /// The parameters of a request to `/authorize`, read again at each page.
    Authorize(Arc<Parameters>),
    /// A device; no code yet, or the code that was typed.
    Device(Option<String>),
    /// The consent of an administrator for everybody.
    AdminConsent(Arc<Parameters>),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(in crate::entra) struct Parameters {
    pub(in crate::entra) version: EndpointVersion,
    /// The tenant segment.
    pub(in crate::entra) tenant: String,
    pub(in crate::entra) fields: Vec<(String, String)>,
}

/// Flows by the token in their forms.
#[derive(Debug)]
pub(crate) struct Flows(Store<String, Flow>);

impl Default for Flows {
    fn default() -> Self {
        Self(Store::with_capacity(4096))
    }
}

impl Flow {
    pub(in crate::entra) fn new(purpose: Purpose, browser: &str) -> Self {
        Self {
            purpose,
            browser: browser.to_owned(),
            named: None,
            other: false,
            account: None,
            agreed: false,
            for_all: false,
            confirmed: false,
        }
    }
}

impl Flows {
    /// Keeps a flow until its next page and gives the token for that page's form.
    pub(in crate::entra) fn keep(
        &self,
        flow: Flow,
        random: &Random,
        now: OffsetDateTime,
    ) -> String {
        let token = random.opaque::<48>();
        self.0.keep(token.clone(), flow, now + PATIENCE, now);
        token
    }

    /// Takes another provider's word for the account of a flow; `false` if there is no such flow.
    pub(in crate::entra) fn vouch(
        &self,
        token: &str,
        account: SignedIn,
        now: OffsetDateTime,
    ) -> bool {
        let done = self.0.change(&token.to_owned(), now, |flow| {
            flow.account = Some(account);
        });
        done.is_some()
    }

    /// How many there are, ended ones not yet dropped included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Every page is answered as often as people press "back", so a flow stays where it is.
    pub(in crate::entra) fn find(&self, token: &str, now: OffsetDateTime) -> Option<Flow> {
        self.0.find(&token.to_owned(), now)
    }
}

impl Parameters {
    /// The first value of a field that is not empty.
    pub(in crate::entra) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// A field that is there more than once.
    pub(in crate::entra) fn twice(&self) -> Option<&str> {
        let names = || self.fields.iter().map(|(name, _)| name.as_str());
        let mut twice = names().enumerate();
        let found =
            twice.find(|(index, name)| names().take(*index).any(|earlier| earlier == *name));
        found.map(|(_, name)| name)
    }
}

/// How long a page may lie open.
const PATIENCE: Duration = Duration::minutes(30);
