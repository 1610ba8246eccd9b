//! A sign-in of each kind, and the calls after it that need no user.

use identity::{
    Authenticate, AuthorizationCodeCredential, AuthorizationCodeCredentialOptions,
    DeviceCodeCredential, DeviceCodeCredentialOptions, ErrorKind, InteractiveBrowserCredential,
    InteractiveBrowserCredentialOptions, TokenCredential, TokenRequest, UsernamePasswordCredential,
    UsernamePasswordCredentialOptions,
};
use identity_emulator::SignInAnswer;

use crate::people::{ALICE, ALICE_PASSWORD, BOB, CONTOSO, DESKTOP, GRAPH, Place, VAULT, claims};

fn password(place: &Place, username: &str, password: &str) -> UsernamePasswordCredential {
    let options = UsernamePasswordCredentialOptions {
        tenant_id: Some(CONTOSO.into()),
        options: place.options(),
        ..Default::default()
    };
    UsernamePasswordCredential::with_options(DESKTOP, username, password, options).unwrap()
}

fn device(place: &Place) -> DeviceCodeCredential {
    DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
        client_id: Some(DESKTOP.into()),
        tenant_id: Some(CONTOSO.into()),
        prompt: Some(place.prompt()),
        options: place.options(),
        ..Default::default()
    })
    .unwrap()
}

pub(crate) fn browser(place: &Place) -> InteractiveBrowserCredential {
    InteractiveBrowserCredential::with_options(InteractiveBrowserCredentialOptions {
        client_id: Some(DESKTOP.into()),
        tenant_id: Some(CONTOSO.into()),
        options: place.options(),
        ..Default::default()
    })
    .unwrap()
}

async fn is_alice_at_two_resources(credential: &dyn TokenCredential) {
    for resource in [VAULT, GRAPH] {
        let request = TokenRequest::new(&[resource]).unwrap();
        let token = credential.get_token_with(&request).await.unwrap();
        assert_eq!(claims(&token)["upn"], ALICE, "{resource}");
        assert_eq!(claims(&token)["appid"], DESKTOP, "{resource}");
    }
}

#[tokio::test]
async fn a_password_is_sent_once_and_later_scopes_come_silently() {
    let place = Place::new().await;
    let credential = password(&place, ALICE, ALICE_PASSWORD);
    let vault = credential.get_token(&[VAULT]).await.unwrap();
    assert_eq!(claims(&vault)["upn"], ALICE);
    let graph = credential.get_token(&[GRAPH]).await.unwrap();
    assert_eq!(claims(&graph)["upn"], ALICE);
    let again = credential.get_token(&[VAULT]).await.unwrap();
    assert_eq!(again.token(), vault.token());
    assert_eq!(
        place.asked(),
        ["entra.user_realm", "entra.token", "entra.token"]
    );
    let grants: Vec<_> = place
        .forms()
        .iter()
        .map(|form| form["grant_type"].clone())
        .collect();
    assert_eq!(grants, ["password", "refresh_token"]);
}

#[tokio::test]
async fn an_error_about_a_user_has_the_words_of_the_service() {
    let place = Place::new().await;
    for (user, secret, code, kind) in [
        (ALICE, "a-guess", 50126, ErrorKind::ClientAuthentication),
        (
            "nobody@contoso.example",
            "x",
            50034,
            ErrorKind::ClientAuthentication,
        ),
        (
            "mfa@contoso.example",
            "user-password-for-tests-only",
            50076,
            ErrorKind::AuthenticationRequired,
        ),
    ] {
        let credential = password(&place, user, secret);
        let error = credential.get_token(&[VAULT]).await.expect_err(user);
        assert_eq!(
            (error.kind(), error.aadsts_codes()),
            (kind, &[code][..]),
            "{error}"
        );
        assert!(
            !error.to_string().contains(secret) || secret == "x",
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_federated_user_is_refused_before_the_password_leaves() {
    let place = Place::new().await;
    let fred = "fred@federated.contoso.example";
    let credential = password(&place, fred, "fred-password-for-tests-only");
    let error = credential.get_token(&[VAULT]).await.expect_err(fred);
    assert_eq!(error.kind(), ErrorKind::ClientAuthentication);
    let said = error.to_string();
    assert!(
        said.contains("is federated") && said.contains("Use InteractiveBrowserCredential"),
        "{said}"
    );
    assert_eq!(place.asked(), ["entra.user_realm"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_signs_in_on_another_device_and_is_not_asked_again() {
    let place = Place::new().await;
    let credential = device(&place);
    is_alice_at_two_resources(&credential).await;
    assert_eq!(
        place.asked(),
        ["entra.device_code", "entra.token", "entra.token"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_signs_in_in_a_browser_and_is_not_asked_again() {
    let place = Place::new().await;
    let credential = browser(&place);
    is_alice_at_two_resources(&credential).await;
    assert_eq!(place.opened().len(), 1);
    let forms = place.forms();
    assert_eq!(
        (&*forms[0]["grant_type"], &*forms[1]["grant_type"]),
        ("authorization_code", "refresh_token")
    );
    assert!(
        forms[0]["redirect_uri"].starts_with("http://localhost:"),
        "{forms:?}"
    );
    assert!(
        place
            .emulator
            .journal()
            .entries()
            .iter()
            .all(|entry| entry.findings.is_empty())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_for_other_scopes_wait_for_the_page_that_is_open() {
    let place = Place::new().await;
    let credential = browser(&place);
    let scopes = [[VAULT], [GRAPH], ["https://management.azure.com/.default"]];
    let calls = scopes.iter().map(|scopes| credential.get_token(scopes));
    for token in futures_util::future::join_all(calls).await {
        assert_eq!(claims(&token.unwrap())["upn"], ALICE);
    }
    assert_eq!(place.opened().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn authenticate_returns_the_user_and_changes_to_another_one() {
    let place = Place::new().await;
    let credential = browser(&place);
    let request = TokenRequest::new(&[VAULT]).unwrap();
    let alice = credential.authenticate_with(&request).await.unwrap();
    assert_eq!(
        (alice.username(), alice.tenant_id(), alice.client_id()),
        (ALICE, CONTOSO, DESKTOP)
    );
    let authority = place.emulator.https().trim_start_matches("https://");
    assert_eq!(alice.authority(), authority);
    let first = credential.get_token(&[VAULT]).await.unwrap();
    assert_eq!(
        (place.opened().len(), place.forms().len()),
        (1, 1),
        "authenticate got the token"
    );
    place.sits_down(BOB);
    let object: &dyn Authenticate = &credential;
    let bob = object.authenticate_with(&request).await.unwrap();
    assert_eq!(bob.username(), BOB);
    for scope in [VAULT, GRAPH] {
        let token = credential.get_token(&[scope]).await.unwrap();
        assert_eq!(claims(&token)["upn"], BOB);
        assert_ne!(token.token(), first.token());
    }
}

#[tokio::test]
async fn a_code_is_redeemed_once_and_then_there_is_a_refresh_token() {
    const PORTAL: &str = "bbbbbbbb-0000-4000-8000-000000000007";
    const SECRET: &str = "portal-secret-for-tests-only";
    const BACK: &str = "https://portal.contoso.example/callback";
    let place = Place::new().await;
    let page = format!(
        "{}/{CONTOSO}/oauth2/v2.0/authorize?client_id={PORTAL}&response_type=code&redirect_uri={BACK}\
         &scope=openid%20profile%20offline_access%20https%3A%2F%2Fgraph.microsoft.com%2FUser.Read",
        place.emulator.https()
    );
    let answer = place.emulator.sign_in(&page, ALICE).await.unwrap();
    assert!(matches!(answer, SignInAnswer::Redirect(_)));
    let code = answer.field("code").unwrap();
    let options = AuthorizationCodeCredentialOptions {
        client_secret: Some(SECRET.into()),
        options: place.options(),
        ..Default::default()
    };
    let credential =
        AuthorizationCodeCredential::with_options(CONTOSO, PORTAL, &code, BACK, options);
    let credential: &dyn TokenCredential = &credential.unwrap();
    let scopes = [
        ["https://graph.microsoft.com/User.Read"],
        ["api://orders/Orders.Read"],
    ];
    for scopes in &scopes {
        let token = credential.get_token(scopes).await.unwrap();
        let claims = claims(&token);
        assert!(
            claims["upn"] == ALICE || claims["preferred_username"] == ALICE,
            "{claims}"
        );
    }
    let forms = place.forms();
    assert_eq!(
        (&*forms[0]["grant_type"], &*forms[1]["grant_type"]),
        ("authorization_code", "refresh_token")
    );
    place.emulator.revoke_sign_ins(ALICE).unwrap();
    let error = credential
        .get_token(&["https://graph.microsoft.com/Mail.Read"])
        .await
        .expect_err("revoked");
    assert_eq!(error.aadsts_codes(), [50173], "{error}");
}
