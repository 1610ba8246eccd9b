//! Facts of the world `basic` that recordings are filled in with.

pub(super) const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(super) const ALICE: &str = "alice@contoso.example";
// The example of RFC 7636, appendix B.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Names whose value is a fact of the world.
pub(super) const FACTS: &[(&str, &str)] = &[
    ("tenant", TENANT),
    ("fabrikam", "aaaaaaaa-0000-4000-8000-000000000002"),
    ("unknown_tenant", "aaaaaaaa-0000-4000-8000-0000000000ff"),
    ("daemon", "bbbbbbbb-0000-4000-8000-000000000001"),
    ("daemon_secret", "daemon-secret-for-tests-only"),
    ("orders", "bbbbbbbb-0000-4000-8000-000000000004"),
    ("orders_secret", "orders-secret-for-tests-only"),
    ("desktop", "bbbbbbbb-0000-4000-8000-000000000006"),
    ("azure_cli", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
    ("portal", "bbbbbbbb-0000-4000-8000-000000000007"),
    ("portal_secret", "portal-secret-for-tests-only"),
    ("spa", "bbbbbbbb-0000-4000-8000-000000000008"),
    ("alice", ALICE),
    ("alice_id", "eeeeeeee-0000-4000-8000-000000000001"),
    ("alice_password", "alice-password-for-tests-only"),
    ("mfa", "mfa@contoso.example"),
    ("mfa_password", "user-password-for-tests-only"),
    ("system_access_token", "system-access-token-for-tests-only"),
    ("service_connection", "dddddddd-0000-4000-8000-000000000003"),
    (
        "oidc_path",
        "/pipelines/contoso/project/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken",
    ),
    ("user_a", "cccccccc-0000-4000-8000-000000000002"),
    ("user_a_object", "cccccccc-0000-4000-8000-100000000002"),
    (
        "user_a_resource",
        "/subscriptions/dddddddd-0000-4000-8000-000000000001/resourcegroups/rg-basic\
         /providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a",
    ),
    ("ml_default", "cccccccc-0000-4000-8000-000000000071"),
    ("uuid", "12345678-9abc-4def-8123-456789abcdef"),
    ("verifier", VERIFIER),
    ("challenge", CHALLENGE),
];
