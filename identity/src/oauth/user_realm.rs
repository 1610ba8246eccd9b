//! The check that a user's password belongs to Microsoft Entra ID and not to another service that
//! it trusts.

use url::Url;

use crate::cloud::Authority;
use crate::context::{Context, Request};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::oauth::application::Application;
use crate::oauth::success;
use crate::oauth::token_endpoint::{correlation_id, identified};

/// Makes sure that Microsoft Entra ID itself checks the password of `username`.
///
/// # Errors
/// `ClientAuthentication` when another service does, such as AD FS. The password must not be sent
/// to a service that should not see it, and the protocol of that service, WS-Trust, is not
/// supported.
pub(crate) async fn check(
    application: &Application,
    username: &str,
    context: &Context,
) -> Result<()> {
    let url = realm_url(&application.authority, username);
    let message = identified(Request::get(url), correlation_id());
    let response = exchange(message, &application.retry, context).await?;
    // A service without this endpoint has no federated users, so any other answer is passed over.
    let realm = success::object(&response).filter(|_| response.status == 200);
    let kind = realm
        .as_ref()
        .and_then(|body| body.get("account_type")?.as_str());
    match kind {
        Some(kind) if kind.eq_ignore_ascii_case("federated") => Err(Error::rejected(
            "Authentication failed: the user's account is federated: its password belongs to \
             another identity provider, and a user name and a password are not enough there. Use \
             InteractiveBrowserCredential or DeviceCodeCredential",
        )),
        _ => Ok(()),
    }
}

fn realm_url(authority: &Authority, username: &str) -> Url {
    let mut url = authority.join(&["common", "userrealm", username]);
    url.query_pairs_mut().append_pair("api-version", "1.0");
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_stays_one_segment_of_the_path() {
        let authority = Authority::parse("https://h:8443", false).unwrap();
        let url = realm_url(&authority, "a/../b?c#d@x");
        assert_eq!(
            url.as_str(),
            "https://h:8443/common/userrealm/a%2F..%2Fb%3Fc%23d@x?api-version=1.0"
        );
    }
}
