//! What to do about the error codes people meet most.

/// The next step after Microsoft Entra ID's error `code`, where there is an obvious one.
pub(crate) fn for_code(code: u32) -> Option<&'static str> {
    ADVICE
        .iter()
        .find(|(known, _)| *known == code)
        .map(|&(_, advice)| advice)
}

/// Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
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
        700_211,
        "No federated credential of the application has this issuer: add one.",
    ),
    (
        700_212,
        "No federated credential of the application has this audience: compare both.",
    ),
    (
        700_213,
        "No federated credential of the application has this subject: compare both, also in case.",
    ),
    (
        700024,
        "The client assertion is outside its validity: check this machine's clock.",
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
        7_000_222,
        "The client secret has expired: create a new one for the application.",
    ),
];
