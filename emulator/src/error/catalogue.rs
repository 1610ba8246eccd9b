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
    // ---- signing in
    bad(90015, "invalid_request", true, "The query string is too long."),
    bad(90019, "invalid_request", true, "No tenant-identifying information found in either the request or implied by any provided credentials."),
    bad(90023, "invalid_request", true, "The authentication service request isn't valid."),
    bad(90100, "invalid_request", true, "The parameter '{parameter}' is empty or not valid."),
    bad(90102, "invalid_request", true, "'{parameter}' value must be a valid absolute URI."),
    bad(50089, "invalid_grant", true, "Authentication failed due to flow token expired. Expected - auth codes, refresh tokens, and sessions expire over time or are revoked by the user or an admin. The app will request a new login from the user."),
    bad(50011, "invalid_request", true, "The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the application '{id}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to fix this."),
    bad(500113, "invalid_request", true, "No reply address is registered for the application."),
    bad(900971, "invalid_request", true, "No reply address provided."),
    bad(50194, "unauthorized_client", true, "Application '{id}'({name}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such applications created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant."),
    bad(9002332, "unauthorized_client", true, "Application '{id}'({name}) is configured for use by Microsoft Entra users only. Please do not use the /consumers endpoint to serve this request."),
    bad(70005, "unsupported_response_type", true, "The WS-Federation sign-in response message contains an unsupported OAuth parameter value in the encoded wctx: 'response_type'. The value '{type}' is not supported."),
    bad(700054, "unsupported_response_type", true, "response_type 'id_token' is not enabled for the application."),
    bad(700051, "unsupported_response_type", true, "response_type 'token' is not enabled for the application."),
    bad(70007, "invalid_request", true, "'{mode}' is not a supported value of 'response_mode' when requesting a token."),
    bad(50147, "invalid_request", true, "The size of the code challenge parameter isn't valid."),
    bad(501491, "invalid_request", true, "Invalid size of Code_Challenge parameter."),
    bad(700022, "invalid_request", true, "The provided value for the input parameter 'scope' is not valid because it contains more than one resource. Scope {scope} is not valid."),
    bad(50058, "login_required", true, "A silent sign-in request was sent but no user is signed in."),
    bad(16000, "interaction_required", true, "Either multiple user identities are available for the current request or selected account is not supported for the scenario."),
    bad(50020, "interaction_required", true, "User account '{user}' from identity provider '{idp}' does not exist in tenant '{tenant}' and cannot access the application '{id}'({name}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account."),
    bad(50034, "invalid_grant", true, "The user account EmailHidden does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory."),
    bad(50053, "invalid_grant", true, "The account is locked, you've tried to sign in too many times with an incorrect user ID or password."),
    bad(50055, "invalid_grant", true, "The password is expired."),
    bad(50056, "invalid_grant", true, "Invalid or null password: password doesn't exist in the directory for this user."),
    bad(50057, "invalid_grant", true, "The user account is disabled."),
    bad(50126, "invalid_grant", true, "Error validating credentials due to invalid username or password."),
    bad(50128, "invalid_request", true, "Invalid domain name - No tenant-identifying information found in either the request or implied by any provided credentials."),
    bad(50076, "invalid_grant", true, "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{resource}'."),
    bad(50079, "invalid_grant", true, "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '{resource}'."),
    bad(53003, "invalid_grant", true, "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."),
    bad(50105, "invalid_grant", true, "Your administrator has configured the application {name} ('{id}') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '{user}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application."),
    bad(65001, "invalid_grant", true, "The user or administrator has not consented to use the application with ID '{id}' named '{name}'. Send an interactive authorization request for this user and resource."),
    bad(65004, "access_denied", true, "User declined to consent to access the app."),
    bad(90094, "access_denied", true, "{name} needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it."),
    bad(90119, "invalid_request", true, "The user code is invalid or has expired."),
    bad(90120, "invalid_request", true, "The device code has already been authorized or declined."),
    bad(90121, "invalid_request", true, "The user code is empty."),
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
