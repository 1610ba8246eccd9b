//! Every AADSTS error the emulator can answer with, as data.

/// One error. Nothing else makes an Entra error reply.
#[derive(Debug)]
pub(crate) struct AadstsRow {
    pub(crate) code: u32,
    pub(crate) status: u16,
    /// The OAuth error.
    pub(crate) error: &'static str,
    /// Whether the service's error look-up page knows the code, which is when `error_uri` is sent.
    pub(crate) page: bool,
    /// The message, with holes such as `{tenant}`.
    pub(crate) text: &'static str,
}

/// The row of a code the emulator uses.
pub(super) fn row(code: u32) -> &'static AadstsRow {
    CATALOGUE
        .iter()
        .find(|row| row.code == code)
        .expect("every code in use has its row")
}

const fn bad(code: u32, error: &'static str, page: bool, text: &'static str) -> AadstsRow {
    AadstsRow {
        code,
        status: 400,
        error,
        page,
        text,
    }
}

const fn client(code: u32, text: &'static str) -> AadstsRow {
    AadstsRow {
        code,
        status: 401,
        error: "invalid_client",
        page: true,
        text,
    }
}

#[rustfmt::skip]
pub(crate) const CATALOGUE: &[AadstsRow] = &[
    // ---- tenants
    bad(90002, "invalid_request", true, "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."),
    bad(900023, "invalid_request", true, "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."),
    bad(900021, "invalid_request", true, "Requested tenant identifier '00000000-0000-0000-0000-000000000000' is not valid. Tenant identifiers may not be an empty GUID."),
    bad(50059, "invalid_request", true, "No tenant-identifying information found in either the request or implied by any provided credentials."),
    bad(50049, "invalid_instance", true, "Unknown or invalid instance."),
    bad(50050, "invalid_request", true, "The discovery request is malformed. It must name an 'api-version' and an absolute 'authorization_endpoint'."),
    // ---- the form
    bad(900144, "invalid_request", true, "The request body must contain the following parameter: '{parameter}'."),
    bad(90004, "invalid_request", true, "The request is not properly formatted. The parameter '{parameter}' is duplicated."),
    bad(9002313, "invalid_request", true, "Invalid request. Request is malformed or invalid."),
    bad(900561, "invalid_request", true, "The endpoint only accepts {accepted} requests. Received a {method} request."),
    bad(70003, "unsupported_grant_type", false, "The app requested an unsupported grant type '{grant}'."),
    bad(901002, "invalid_request", true, "The 'resource' request parameter isn't supported."),
    // ---- scopes and resources
    bad(70011, "invalid_scope", false, "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."),
    bad(1002012, "invalid_scope", false, "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."),
    bad(500011, "invalid_resource", true, "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."),
    // ---- clients
    bad(700016, "unauthorized_client", true, "Application with identifier '{id}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."),
    bad(700038, "unauthorized_client", false, "{id} is not a valid application identifier."),
    bad(7000112, "unauthorized_client", true, "Application '{id}'({name}) is disabled."),
    // ---- grants
    bad(54005, "invalid_grant", true, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."),
    bad(70008, "invalid_grant", true, "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource."),
    // ---- proof of the client
    client(7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{id}'."),
    client(7000216, "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."),
    client(7000222, "The provided client secret keys for app '{id}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."),
    client(700025, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."),
    client(50027, "JWT token is invalid or malformed."),
    client(700027, "Client assertion failed signature validation. [Reason - The key was not found., Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '{id}'.]"),
];
