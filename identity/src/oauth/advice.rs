//! The next step for each of the error codes that people meet most.

/// Returns the next step after Microsoft Entra ID's error `code`, where there is an obvious one.
pub(crate) fn for_code(code: u32) -> Option<&'static str> {
    ADVICE
        .iter()
        .find(|(known, _)| *known == code)
        .map(|&(_, advice)| advice)
}

const WRONG_ISSUER: &str = "No federated credential of the application has this issuer: add one.";
const WRONG_AUDIENCE: &str =
    "No federated credential of the application has this audience: compare both.";
const WRONG_SUBJECT: &str =
    "No federated credential of the application has this subject: compare both, also in case.";

/// The advice for each code. Source:
/// <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
const ADVICE: &[(u32, &str)] = &[
    (
        50034,
        "The user does not exist in this tenant: check the user name and the tenant id.",
    ),
    (
        65001,
        "Consent is missing: have an administrator grant the permission.",
    ),
    (
        70011,
        "The scope is not valid: for an application use \"<resource>/.default\".",
    ),
    (
        90002,
        "The tenant does not exist: check the tenant id and the cloud (authority host).",
    ),
    (
        50013,
        "The assertion is not valid: on behalf of a user it has to be an access token for this application.",
    ),
    (
        100_007,
        "The application may not use regional endpoints: unset AZURE_REGIONAL_AUTHORITY_NAME.",
    ),
    (
        500011,
        "No such resource in this tenant: check the scope and the tenant id.",
    ),
    (
        500_131,
        "The user's token is for another application: ask for one with this application as audience.",
    ),
    (
        500_133,
        "The user's token has expired: the user has to come with a new one.",
    ),
    (
        700016,
        "No such application in this tenant: check the client id and the tenant id.",
    ),
    (
        700_027,
        "The certificate is not one of the application's: add it, or use another.",
    ),
    (
        70021,
        "No federated credential of the application matches: compare issuer, subject and audience.",
    ),
    (700_211, WRONG_ISSUER),
    (700_212, WRONG_AUDIENCE),
    (700_213, WRONG_SUBJECT),
    (7_002_121, WRONG_AUDIENCE),
    (
        7_002_131,
        "No federated credential of the application has this subject, or an expression that matches its claims: compare them.",
    ),
    (
        7_002_138,
        "The subject differs from the federated credential's in upper and lower case: write both alike.",
    ),
    (
        700024,
        "The client assertion is outside its validity: check this machine's clock, and where the assertion comes from a file, that the file is still renewed.",
    ),
    (900_023, "The tenant is not valid: check the tenant id."),
    (
        1_002_012,
        "Use the scope \"<resource>/.default\" for an application's own permissions.",
    ),
    (
        7_000_112,
        "The application is disabled: enable it, or use another.",
    ),
    (
        7_000_215,
        "Check the client secret: its value is needed, not its id.",
    ),
    (
        7_000_218,
        "The application is not a public client, or sends no proof: allow public client flows in its registration (Authentication), or use a credential with a secret, certificate or assertion.",
    ),
    (
        7_000_222,
        "The client secret has expired: create a new one for the application.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_advice_and_those_of_federated_credentials_name_what_differs() {
        for (at, (code, advice)) in ADVICE.iter().enumerate() {
            assert!(advice.ends_with('.'), "{code}: {advice}");
            let again = ADVICE[..at].iter().find(|(earlier, _)| earlier == code);
            assert_eq!(again, None);
        }
        for (code, differs) in [
            (70021, "issuer"),
            (700_211, "issuer"),
            (700_212, "audience"),
            (700_213, "subject"),
            (7_002_121, "audience"),
            (7_002_131, "expression"),
            (7_002_138, "case"),
        ] {
            let advice = for_code(code).unwrap_or_default();
            assert!(advice.contains(differs), "{code}: {advice}");
        }
        assert_eq!(for_code(1), None);
    }
}
