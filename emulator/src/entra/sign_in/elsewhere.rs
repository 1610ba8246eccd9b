//! Users of federated domains: they sign in at another identity provider.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::entra::pages;
use crate::entra::sign_in::Visit;
use crate::entra::sign_in::answer::redirect;
use crate::exchange::request::Call;
use crate::world::config::{FederatedDomain, FederationProtocol};

/// A browser on its way to another provider; left in the extensions of the response that sends it
/// there, for the headless browser, which has no other provider to go to.
#[derive(Clone, Debug)]
pub(super) struct Elsewhere {
    /// The address that takes the form.
    pub(super) action: String,
    /// The flow that waits for the provider's word.
    pub(super) flow: String,
}

/// The name of the service towards other providers.
pub(in crate::entra) const REALM: &str = "urn:federation:MicrosoftOnline";

/// Returns the address at which the user `name` signs in; `context` comes back with the provider's
/// answer. `name` may be empty if nobody has said one.
pub(in crate::entra) fn address(federated: &FederatedDomain, name: &str, context: &str) -> Url {
    let mut url = federated.sign_in_url.clone();
    if federated.protocol == FederationProtocol::WsTrust {
        let mut query = url.query_pairs_mut();
        if !name.is_empty() {
            query.append_pair("username", name);
        }
        query.append_pair("wa", "wsignin1.0");
        query.append_pair("wtrealm", REALM);
        query.append_pair("wctx", context);
    }
    url
}

impl Visit<'_> {
    /// Sends the browser to the provider.
    pub(super) fn leave(self, federated: &FederatedDomain, name: &str) -> Response {
        let form = self.form();
        let mut response = match federated.protocol {
            FederationProtocol::WsTrust => {
                let context = format!("LoginOptions=3&estsredirect=2&estsrequest={}", form.flow);
                redirect(address(federated, name, &context).as_str())
            }
            FederationProtocol::Saml20 => {
                let request = STANDARD.encode(authentication_request(self.call));
                let fields = [("SAMLRequest", request), ("RelayState", form.flow.clone())];
                pages::form_post(federated.sign_in_url.as_str(), &fields).respond()
            }
        };
        response.extensions_mut().insert(Elsewhere {
            action: form.action,
            flow: form.flow,
        });
        self.with_cookies(response)
    }
}

/// The request of SAML 2.0 for somebody's word on who this is.
fn authentication_request(call: &Call) -> String {
    let (id, at) = (call.trace_id, call.timestamp().replacen(' ', "T", 1));
    format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_{id}\" \
         Version=\"2.0\" IssueInstant=\"{at}\">\
         <Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">{REALM}</Issuer>\
         <samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"/>\
         </samlp:AuthnRequest>"
    )
}
