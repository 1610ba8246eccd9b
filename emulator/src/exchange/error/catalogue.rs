//! Every AADSTS error the emulator can answer with, as data.

/// One error. Nothing else makes an Entra error reply.
#[derive(Debug)]
pub(crate) struct AadstsRow {
    pub(crate) code: u32,
    /// The OAuth error; it decides the status.
    pub(crate) error: &'static str,
    /// The `suberror` by which MSAL classifies errors.
    pub(in crate::exchange) suberror: Option<&'static str>,
    /// Whether the service's error look-up page knows the code, which is when `error_uri` is sent.
    pub(in crate::exchange) page: bool,
    /// The message, with holes such as `{tenant}`.
    pub(crate) text: &'static str,
}

impl AadstsRow {
    /// 401 for a client that could not prove itself, else 400.
    pub(crate) fn status(&self) -> u16 {
        if self.error == "invalid_client" {
            401
        } else {
            400
        }
    }
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
        error,
        suberror: None,
        page,
        text,
    }
}

const fn client(code: u32, text: &'static str) -> AadstsRow {
    bad(code, "invalid_client", true, text)
}

/// A grant or a user that will not do.
const fn grant(code: u32, text: &'static str) -> AadstsRow {
    bad(code, "invalid_grant", true, text)
}

const fn grant_because(code: u32, suberror: &'static str, text: &'static str) -> AadstsRow {
    AadstsRow {
        suberror: Some(suberror),
        ..grant(code, text)
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
    bad(90038, "invalid_request", true, "The specified tenant '{tenant}' belongs to the National Cloud '{cloud}'. Current cloud instance '{here}' does not federate with it."),
    bad(900382, "invalid_request", true, "Confidential Client is not supported in Cross Cloud request."),
    bad(900439, "invalid_request", true, "Application '{id}'({name}) of the National Cloud '{cloud}' is not supported on the public endpoint."),
    // ---- the form
    bad(900144, "invalid_request", true, "The request body must contain the following parameter: '{parameter}'."),
    bad(90004, "invalid_request", true, "The request is not properly formatted. The parameter '{parameter}' is duplicated."),
    bad(9002313, "invalid_request", true, "Invalid request. Request is malformed or invalid."),
    bad(900561, "invalid_request", true, "The endpoint only accepts {accepted} requests. Received a {method} request."),
    bad(90056, "invalid_request", true, "To redeem the code for an access token, the app should send a POST request to the /token endpoint."),
    bad(70003, "unsupported_grant_type", false, "The app requested an unsupported grant type '{grant}'."),
    bad(901002, "invalid_request", true, "The 'resource' request parameter isn't supported."),
    // ---- scopes and resources
    bad(70011, "invalid_scope", false, "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."),
    bad(1002012, "invalid_scope", false, "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."),
    bad(28000, "invalid_request", true, "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {scope} is not valid."),
    bad(28003, "invalid_request", true, "Provided value for the input parameter scope cannot be empty when requesting an access token using the provided authorization code. Please specify a valid scope."),
    bad(500011, "invalid_resource", true, "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."),
    bad(50001, "invalid_resource", true, "The resource {resource} is disabled or doesn't exist. Check your app's code to ensure that you have specified the exact resource URL for the resource you're trying to access."),
    bad(28002, "invalid_request", true, "Provided value for the input parameter scope '{scope}' isn't valid when requesting an access token. Specify a valid scope."),
    bad(700023, "invalid_scope", true, "The provided value for the input parameter scope isn't valid when request an access token. Specify a valid scope."),
    bad(650056, "invalid_client", true, "Misconfigured application. This could be due to one of the following: the client has not listed any permissions for '{resource}' in the requested permissions in the client's application registration. Or, the admin has not consented in the tenant. Or, check the application identifier in the request to ensure it matches the configured client application identifier. Please contact your admin to fix the configuration or consent on behalf of the tenant. Client app ID: {id}."),
    bad(650057, "invalid_resource", true, "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration. Client app ID: {id}({name}). Resource value from request: {resource}. Resource app ID: {resource_id}. List of valid resources from app registration: {list}."),
    // ---- clients
    bad(500021, "access_denied", true, "Access to '{tenant}' tenant is denied."),
    bad(500022, "access_denied", true, "Access to '{tenant}' tenant is denied."),
    bad(7000114, "unauthorized_client", true, "Application '{id}' is not allowed to make application on-behalf-of calls."),
    bad(50171, "invalid_client", false, "The given audience can only be used in Mutual-TLS token calls."),
    bad(700016, "unauthorized_client", true, "Application with identifier '{id}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."),
    bad(700038, "unauthorized_client", false, "{id} is not a valid application identifier."),
    client(100007, "AAD Regional ONLY supports auth either for MSIs OR for requests from MSAL using SN+I for 1P apps or 3P apps in Microsoft infrastructure tenants."),
    bad(392200, "invalid_request", false, "Client certificate is missing from the request."),
    bad(90124, "invalid_request", true, "Resource '{resource}'({id}) is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint."),
    bad(90130, "invalid_request", true, "Application '{id}'({name}) is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint."),
    bad(7000112, "unauthorized_client", true, "Application '{id}'({name}) is disabled."),
    // ---- signing in
    bad(90013, "invalid_request", true, "Invalid input received from the user."),
    bad(135004, "invalid_request", true, "Invalid postBackUrl parameter."),
    grant(50132, "Session is invalid: the password has expired."),
    grant(50133, "Session is invalid due to expiration or recent password change."),
    bad(90015, "invalid_request", true, "The query string is too long."),
    bad(90019, "invalid_request", true, "No tenant-identifying information found in either the request or implied by any provided credentials."),
    bad(90023, "invalid_request", true, "The authentication service request isn't valid."),
    bad(90100, "invalid_request", true, "The parameter '{parameter}' is empty or not valid."),
    bad(90102, "invalid_request", true, "'{parameter}' value must be a valid absolute URI."),
    bad(50089, "invalid_grant", true, "Authentication failed due to flow token expired. Expected - auth codes, refresh tokens, and sessions expire over time or are revoked by the user or an admin. The app will request a new login from the user."),
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
    bad(65004, "access_denied", true, "User declined to consent to access the app."),
    bad(90094, "access_denied", true, "{name} needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it."),
    bad(90095, "access_denied", true, "{name} needs permission to access resources in your organization that only an admin can grant. A request for it can be sent to an admin."),
    bad(650052, "invalid_client", true, "The app needs access to a service ('{resource}') that your organization '{tenant}' has not subscribed to or enabled. Contact your IT Admin to review the configuration of your service subscriptions."),
    bad(650054, "invalid_resource", true, "The application asked for permissions to access a resource ('{resource}') that has been removed or is no longer available. Make sure that all resources the app is calling are present in the tenant you're operating in."),
    bad(90119, "invalid_request", true, "The user code is invalid or has expired."),
    bad(90120, "invalid_request", true, "The device code has already been authorized or declined."),
    bad(90121, "invalid_request", true, "The user code is empty."),
    // ---- grants
    bad(9002325, "invalid_request", true, "Proof Key for Code Exchange is required for cross-origin authorization code redemption."),
    bad(9002326, "invalid_request", true, "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'."),
    bad(9002327, "invalid_request", false, "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests."),
    bad(9001023, "invalid_request", true, "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint."),
    grant(50011, "The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the application '{id}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to fix this."),
    grant(500112, "The reply address '{uri}' does not match the reply address '{known}' provided when requesting Authorization code."),
    grant(501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request."),
    grant(50148, "The code_verifier doesn't match the code_challenge supplied in the authorization request for PKCE. A code_verifier is required."),
    grant(54005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."),
    grant(70000, "The provided access grant is invalid or malformed."),
    grant(70008, "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource."),
    grant(700005, "Provided Authorization Code is intended to use against other tenant, thus rejected. The code has to be redeemed against the tenant it was acquired for."),
    grant_because(700082, "bad_token", "The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for 90.00:00:00."),
    grant_because(700084, "bad_token", "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page. The token was issued on {issued}."),
    grant_because(700081, "bad_token", "The refresh token has expired due to maximum lifetime. The token was issued on {issued} and the maximum allowed lifetime for this application is {most}."),
    grant_because(70043, "bad_token", "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on {issued} and the maximum allowed lifetime for this request is {most}."),
    grant_because(50173, "bad_token", "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{issued}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{from}'."),
    bad(70016, "authorization_pending", true, "OAuth 2.0 device flow error. Authorization is pending. Continue polling."),
    bad(70017, "authorization_declined", true, "OAuth 2.0 device flow error. The end user denied the authorization request."),
    bad(70018, "bad_verification_code", true, "Invalid verification code. The provided value for the input parameter 'device_code' is not valid."),
    bad(70019, "code_expired", true, "Verification code expired."),
    bad(70020, "expired_token", true, "The provided value for the input parameter 'device_code' is not valid. This device code has expired."),
    grant(50013, "Assertion failed signature validation. [Reason - {reason}.]"),
    grant(500131, "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '{audience}' and the expected audience is '{id}' or one of the Application Uris of this application with App ID '{id}'({name}). The downstream client must request a token for the expected audience (the application that made the OBO request) and this application should use that token as the assertion."),
    grant(500133, "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token. Current time: {now}, expiry time of assertion {end}."),
    bad(240002, "invalid_request", true, "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant."),
    bad(50107, "invalid_request", true, "The requested federation realm object '{realm}' does not exist."),
    grant(50196, "The server terminated an operation because it encountered a client request loop. Please contact your app vendor."),
    // ---- users and policies
    grant(50020, "User account '{user}' from identity provider '{idp}' does not exist in tenant '{tenant}' and cannot access the application '{id}'({name}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account."),
    bad(90072, "interaction_required", true, "User account '{user}' from identity provider '{idp}' does not exist in tenant '{tenant}' and cannot access the application '{id}'({name}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account."),
    grant(500208, "The domain is not a valid login domain for the account type."),
    grant(50034, "The user account {EmailHidden} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory."),
    grant(50053, "The account is locked, you've tried to sign in too many times with an incorrect user ID or password."),
    grant_because(50055, "user_password_expired", "The password is expired."),
    grant(50056, "Invalid or null password: password doesn't exist in the directory for this user."),
    grant(50057, "The user account is disabled."),
    grant_because(50074, "basic_action", "Strong Authentication is required."),
    grant_because(50078, "basic_action", "Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication to access '{resource}'."),
    grant_because(50076, "basic_action", "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{resource}'."),
    grant_because(50079, "basic_action", "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '{resource}'."),
    grant(50105, "Your administrator has configured the application {name} ('{id}') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '{user}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application."),
    grant(501051, "Application '{client}'({client_name}) is not assigned to a role for the application '{id}'({name})."),
    grant(50126, "Error validating credentials due to invalid username or password."),
    bad(50128, "invalid_request", true, "Invalid domain name - No tenant-identifying information found in either the request or implied by any provided credentials."),
    grant_because(50005, "message_only", "User tried to log in to a device from a platform ({platform}) that's currently not supported through Conditional Access policy. Supported device platforms are: iOS, Android, Mac, and Windows flavors."),
    grant_because(50097, "device_authentication_failed", "Device authentication is required."),
    grant_because(50131, "message_only", "Device is not in required device state, or the request was blocked due to suspicious activity, access policy or security policy decisions."),
    grant_because(50158, "basic_action", "External security challenge was not satisfied."),
    grant_because(53000, "message_only", "Device is not in required device state: non-compliant. Conditional Access policy requires a compliant device, and the device is not compliant. The user must enroll their device with an approved MDM provider like Intune."),
    grant_because(53001, "message_only", "Device is not in required device state: not domain joined. Conditional Access policy requires a domain joined device, and the device is not domain joined."),
    grant_because(53002, "message_only", "The application used is not an approved application for Conditional Access. The user needs to use one of the apps from the list of approved applications to use in order to get access."),
    grant_because(53004, "additional_action", "User needs to complete the multi-factor authentication registration process before accessing this content. The sign-in was blocked because it was risky."),
    grant_because(53005, "protection_policy_required", "Application needs to enforce Intune protection policies."),
    grant_because(53011, "message_only", "User blocked due to risk on home tenant."),
    grant_because(530002, "message_only", "Your device is required to be compliant to access this resource."),
    grant_because(530003, "message_only", "Your device is required to be managed to access this resource."),
    grant_because(530032, "message_only", "Access has been blocked due to a security policy that the tenant's administrator has configured."),
    grant_because(530035, "message_only", "Access has been blocked by security defaults. The request uses legacy authentication or is deemed unsafe by security defaults policies."),
    grant_because(53003, "message_only", "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."),
    grant_because(65001, "consent_required", "The user or administrator has not consented to use the application with ID '{id}' named '{name}'. Send an interactive authorization request for this user and resource."),
    grant(65002, "Consent between first party application '{client}' and first party resource '{resource}' must be configured via preauthorization - applications owned and operated by Microsoft must get approval from the API owner before requesting tokens for that API."),
    // ---- proof of the client
    client(7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{id}'."),
    bad(90014, "invalid_request", true, "The required field '{field}' is missing from the credential. Ensure that you have all the necessary parameters for the login request."),
    bad(7000218, "invalid_client", false, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."),
    client(7000216, "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."),
    client(7000222, "The provided client secret keys for app '{id}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."),
    client(700025, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."),
    client(50027, "JWT token is invalid or malformed."),
    client(5002723, "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, nor keyId specified in token header."),
    client(5002738, "Invalid JWT token. '{alg}' is not a supported signature algorithm. Supported signing algorithms are: 'RS256,RS384,RS512,PS256,PS384,PS512'."),
    client(50012, "Client assertion audience claim does not match Realm issuer. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials ."),
    client(50048, "Subject '{sub}' does not match the issuer '{iss}' of the client assertion."),
    client(700021, "Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials ."),
    client(700024, "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {start}, expiry time of assertion {end}. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials ."),
    client(700030, "Invalid certificate - subject name in certificate is not authorized. SubjectNames/SubjectAlternativeNames (up to 10) in token certificate are: {names}."),
    client(700211, "No matching federated identity record found for presented assertion issuer '{iss}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"),
    client(700212, "No matching federated identity record found for presented assertion audience '{aud}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"),
    client(700213, "No matching federated identity record found for presented assertion subject '{sub}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"),
    client(7002121, "No matching federated identity record found for presented assertion audience '{aud}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"),
    client(7002131, "No matching federated identity record found for presented assertion subject '{sub}'. Check your federated identity credential Subject, Audience and Issuer, and the claims matching expression of a flexible one, against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"),
    client(7002137, "No matching federated identity record found for presented assertion subject '{sub}'. Please make sure the federated identity credential Subject is '{sub}'."),
    client(7002138, "No matching federated identity record found for presented assertion subject '{sub}'. The subject matches the configured federated identity credential only if case is ignored; matching is done using a case-sensitive comparison. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"),
    client(700222, "AAD-issued tokens may not be used for federated identity flows."),
    client(700227, "The audience '{aud}' of the AAD-issued token is forbidden in federated identity flows."),
    client(700226, "AAD-issued tokens may be used for federated identity flows only if they are issued to a managed identity."),
    client(700229, "Only app-only tokens can be used as Federated Identity Credentials for AAD issuer."),
    client(700027, "Client assertion failed signature validation. [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '{id}'. Review the documentation at https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service endpoint and https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&tabs=http to build a query request URL, such as 'https://graph.microsoft.com/beta/applications/{id}']."),
];
