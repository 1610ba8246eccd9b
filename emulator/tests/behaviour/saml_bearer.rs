//! Assertions of SAML: the emulator plays nobody who could sign one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::{DESKTOP, assert_refused, start, token};

const SAML_1: &str = "urn:ietf:params:oauth:grant-type:saml1_1-bearer";
const SAML_2: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";

#[tokio::test]
pub(crate) async fn an_assertion_is_refused_for_its_issuer_or_else_for_its_key() {
    let emulator = start().await;
    let first = |issuer: &str| format!("<saml:Assertion MajorVersion=\"1\" Issuer=\"{issuer}\"/>");
    let second = |issuer: &str| format!("<Assertion><Issuer>{issuer}</Issuer></Assertion>");
    let known = "http://adfs.contoso.example/adfs/services/trust";
    for (grant, assertion, error, code) in [
        (
            SAML_1,
            first("http://other.example/trust"),
            "invalid_request",
            50107,
        ),
        (
            SAML_2,
            second("http://other.example/trust"),
            "invalid_request",
            50107,
        ),
        (SAML_1, first(known), "invalid_grant", 50013),
        (SAML_2, second(known), "invalid_grant", 50013),
        (
            SAML_2,
            "nothing of the kind".to_owned(),
            "invalid_grant",
            70000,
        ),
    ] {
        let assertion = URL_SAFE_NO_PAD.encode(assertion);
        let fields = [
            ("grant_type", grant),
            ("client_id", DESKTOP),
            ("assertion", assertion.as_str()),
            ("scope", "openid"),
        ];
        assert_refused(&token(&emulator, &fields).await, error, code);
    }
    let nothing = [("grant_type", SAML_2), ("client_id", DESKTOP)];
    assert_refused(
        &token(&emulator, &nothing).await,
        "invalid_request",
        900_144,
    );
}
