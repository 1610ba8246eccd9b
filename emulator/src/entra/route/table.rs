//! The route table of the token service.

use crate::entra::endpoint::{Endpoint, any, plain};
use crate::entra::route::check_session::check_session;
use crate::entra::route::kerberos::kerberos;
use crate::entra::route::logout::logout;
use crate::entra::route::native_client::native_client;
use crate::entra::route::userinfo::userinfo;
use crate::entra::route::{
    authorize, device_code, discovery, error_page, issuer, token, user_realm,
};

/// The token service. Hosts of managed identities bring tables of their own.
#[rustfmt::skip]
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint { name: "entra.token", methods: "POST", path: "/{tenant}/oauth2/v2.0/token",
        route: || plain(token::v2), about: "tokens, v2" },
    Endpoint { name: "entra.token_v1", methods: "POST", path: "/{tenant}/oauth2/token",
        route: || plain(token::v1), about: "tokens, v1" },
    Endpoint { name: "entra.discovery.openid", methods: "GET", path: "/{tenant}/v2.0/.well-known/openid-configuration",
        route: || plain(discovery::openid_v2), about: "OpenID discovery, v2" },
    Endpoint { name: "entra.discovery.openid_v1", methods: "GET", path: "/{tenant}/.well-known/openid-configuration",
        route: || plain(discovery::openid_v1), about: "OpenID discovery, v1" },
    Endpoint { name: "entra.keys", methods: "GET", path: "/{tenant}/discovery/v2.0/keys",
        route: || plain(discovery::keys_v2), about: "keys that sign tokens, with their issuers" },
    Endpoint { name: "entra.keys_v1", methods: "GET", path: "/{tenant}/discovery/keys",
        route: || plain(discovery::keys_v1), about: "keys that sign tokens" },
    Endpoint { name: "entra.discovery.instance", methods: "GET", path: "/common/discovery/instance",
        route: || plain(discovery::instance), about: "which hosts are the same cloud" },
    Endpoint { name: "entra.device_code", methods: "POST", path: "/{tenant}/oauth2/v2.0/devicecode",
        route: || plain(device_code::v2), about: "codes for devices without a browser, v2" },
    Endpoint { name: "entra.device_code_v1", methods: "GET, POST", path: "/{tenant}/oauth2/devicecode",
        route: || plain(device_code::v1), about: "codes for devices without a browser, v1" },
    Endpoint { name: "entra.user_realm", methods: "GET", path: "/common/userrealm/{upn}",
        route: || plain(user_realm::v1), about: "who signs a user name in, v1" },
    Endpoint { name: "entra.user_realm_v2", methods: "GET", path: "/common/userrealm",
        route: || plain(user_realm::v2), about: "who signs a user name in, v2" },
    Endpoint { name: "entra.user_realm_srf", methods: "GET", path: "/getuserrealm.srf",
        route: || plain(user_realm::srf), about: "the same, in its oldest form" },
    Endpoint { name: "entra.credential_type", methods: "POST", path: "/common/getcredentialtype",
        route: || any(user_realm::credential_type), about: "whether a user name exists" },
    Endpoint { name: "issuer.discovery", methods: "GET", path: "/issuers/{name}/.well-known/openid-configuration",
        route: || any(issuer::discovery), about: "another issuer, for federated credentials" },
    Endpoint { name: "issuer.keys", methods: "GET", path: "/issuers/{name}/keys",
        route: || any(issuer::keys), about: "keys of another issuer" },
    Endpoint { name: "entra.authorize", methods: "GET, POST", path: "/{tenant}/oauth2/v2.0/authorize",
        route: || plain(authorize::v2), about: "sign-in in a browser, v2" },
    Endpoint { name: "entra.authorize_v1", methods: "GET, POST", path: "/{tenant}/oauth2/authorize",
        route: || plain(authorize::v1), about: "sign-in in a browser, v1" },
    Endpoint { name: "entra.login", methods: "POST", path: "/{tenant}/login",
        route: || plain(authorize::login), about: "the forms of the sign-in pages" },
    Endpoint { name: "entra.device_login", methods: "GET", path: "/common/oauth2/deviceauth",
        route: || plain(authorize::device), about: "the page where a device's code is typed" },
    Endpoint { name: "entra.device_login", methods: "GET", path: "/devicelogin",
        route: || plain(authorize::device), about: "the same, by its short name" },
    Endpoint { name: "entra.admin_consent", methods: "GET", path: "/{tenant}/v2.0/adminconsent",
        route: || plain(authorize::admin_v2), about: "an administrator's consent for everybody, v2" },
    Endpoint { name: "entra.admin_consent_v1", methods: "GET", path: "/{tenant}/adminconsent",
        route: || plain(authorize::admin_v1), about: "an administrator's consent for everybody, v1" },
    Endpoint { name: "entra.logout", methods: "GET, POST", path: "/{tenant}/oauth2/v2.0/logout",
        route: || plain(logout), about: "signing out, v2" },
    Endpoint { name: "entra.logout_v1", methods: "GET, POST", path: "/{tenant}/oauth2/logout",
        route: || plain(logout), about: "signing out, v1" },
    Endpoint { name: "entra.check_session", methods: "GET", path: "/{tenant}/oauth2/checksession",
        route: || plain(check_session), about: "a frame that says whether a session has changed" },
    Endpoint { name: "entra.native_client", methods: "GET", path: "/common/oauth2/nativeclient",
        route: || plain(native_client), about: "where sign-ins in a view of a desktop application end" },
    Endpoint { name: "entra.kerberos", methods: "GET, POST", path: "/{tenant}/kerberos",
        route: || plain(kerberos), about: "the Kerberos proxy that discovery announces; it knows no tickets" },
    Endpoint { name: "entra.userinfo", methods: "GET, POST", path: "/oidc/userinfo",
        route: || plain(userinfo), about: "who a token is about; Microsoft Graph's in the real world" },
    Endpoint { name: "entra.userinfo", methods: "GET, POST", path: "/{tenant}/openid/userinfo",
        route: || plain(userinfo), about: "who a token is about, by the v1 document" },
    Endpoint { name: "entra.error", methods: "GET", path: "/error",
        route: || any(error_page::lookup), about: "what an error number means" },
];
