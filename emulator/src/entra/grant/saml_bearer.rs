//! SAML assertions of another identity provider, which the emulator does not play: none is taken.

use crate::crypto::jwt::any_base64;
use crate::entra::app_state::Snapshot;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;

const GRANTS: &[&str] = &[
    "urn:ietf:params:oauth:grant-type:saml1_1-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
];

/// Why a grant that is none of ours is refused: an assertion of an issuer that signs nobody in here
/// is 50107, of one that does 50013, for its key is not known; every other grant is 70003.
pub(in crate::entra) fn refusal(snapshot: &Snapshot, form: &TokenForm<'_>, grant: &str) -> Aadsts {
    if !GRANTS.contains(&grant) {
        return Aadsts::new(70003).with("grant", grant);
    }
    let assertion = match form.required("assertion") {
        Ok(assertion) => assertion,
        Err(missing) => return missing,
    };
    let bytes = any_base64(assertion.trim());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(issuer) = text.as_deref().and_then(issuer) else {
        return Aadsts::new(70000);
    };
    let tenants = snapshot.directory.world().tenants.iter();
    let mut providers = tenants.flat_map(|tenant| &tenant.federated_domains);
    if providers.any(|provider| provider.issuer() == issuer) {
        return Aadsts::new(50013).with("reason", "The key was not found.");
    }
    Aadsts::new(50107).with("realm", issuer)
}

/// The issuer: an attribute in SAML 1.1, an element in SAML 2.0.
fn issuer(assertion: &str) -> Option<&str> {
    let attribute = || between(assertion, " Issuer=\"", "\"");
    let element = || {
        let (_, after) = assertion.split_once("Issuer")?;
        between(after, ">", "<")
    };
    attribute().or_else(element).map(str::trim)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    let (inside, _) = rest.split_once(end)?;
    Some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_say_who_issued_them() {
        for text in [
            "<saml:Assertion MajorVersion=\"1\" Issuer=\"http://sts.example/trust\">",
            "<Assertion><Issuer>http://sts.example/trust</Issuer></Assertion>",
            "<saml:Issuer Format=\"urn:x\"> http://sts.example/trust </saml:Issuer>",
        ] {
            assert_eq!(issuer(text), Some("http://sts.example/trust"), "{text}");
        }
        for text in ["", "Issuer", "<Issuer>", " Issuer=\"x"] {
            assert_eq!(issuer(text), None, "{text}");
        }
    }
}
