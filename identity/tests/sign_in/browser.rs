//! Sign-ins in a browser: the ways in which one ends, and the answers that are believed.

use std::time::Duration;

use futures_util::future::join_all;
use identity::context::Request;
use identity::{
    AuthenticationRecord, ErrorKind, InteractiveBrowserCredential,
    InteractiveBrowserCredentialOptions, TokenRequest, TokenRequestOptions,
};

use crate::service::{APP, TENANT, ok, refused, tokens};
use crate::user_machine::{PORT, UserMachine};

const SCOPE: &str = "https://r.example/.default";

/// Returns a machine whose service accepts any code as that of `user`.
fn service(user: &'static str) -> UserMachine {
    UserMachine::answering(move |machine, _, _| {
        let nonce = machine.parameter("nonce");
        ok(&tokens(user, nonce.as_deref()))
    })
}

fn options(machine: &UserMachine) -> InteractiveBrowserCredentialOptions {
    InteractiveBrowserCredentialOptions {
        client_id: Some(APP.into()),
        tenant_id: Some(TENANT.into()),
        timeout: Duration::from_secs(120),
        options: machine.options(),
        ..Default::default()
    }
}

fn credential(machine: &UserMachine) -> InteractiveBrowserCredential {
    InteractiveBrowserCredential::with_options(options(machine)).unwrap()
}

fn record(user: &str, authority: &str) -> AuthenticationRecord {
    AuthenticationRecord::deserialize(&format!(
        r#"{{"authority":"{authority}","clientId":"{APP}","homeAccountId":"{user}.{TENANT}","tenantId":"{TENANT}","username":"{user}@x.example","version":"1.0"}}"#
    ))
    .unwrap()
}

fn form(request: &Request) -> std::collections::BTreeMap<String, String> {
    url::form_urlencoded::parse(&request.body)
        .into_owned()
        .collect()
}

#[tokio::test]
async fn an_answer_in_a_form_or_a_query_is_redeemed_with_the_verifier() {
    for in_query in [false, true] {
        let machine = service("u");
        let credential = credential(&machine);
        let mut call = Box::pin(credential.get_token(&[SCOPE]));
        assert!(machine.settle(&mut call).await.is_none());
        match in_query {
            true => machine.redirects(&[("code", "c0de")]),
            false => machine.posts(&[("code", "c0de")]),
        }
        assert_eq!(machine.finish(call).await.unwrap().token(), "access-u");
        let (_, sent) = &machine.sent()[0];
        assert_eq!(
            (&*sent["code"], &*sent["redirect_uri"]),
            ("c0de", &*format!("http://localhost:{PORT}"))
        );
        assert!(sent["code_verifier"].len() >= 43);
        assert_eq!(
            machine.parameter("redirect_uri"),
            Some(sent["redirect_uri"].clone())
        );
        tokio::task::yield_now().await;
        let shown = machine.pages();
        assert!(shown[0].html.contains("You have signed in"), "{shown:?}");
        assert_eq!(machine.listening(), 0);
    }
}

#[tokio::test]
async fn a_closed_page_ends_in_a_timeout() {
    let machine = service("u");
    let credential = credential(&machine);
    let error = machine
        .finish(credential.get_token(&[SCOPE]))
        .await
        .expect_err("closed");
    let said = "Timed out after waiting 120 seconds for the user to authenticate";
    assert_eq!(error.to_string(), said);
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Timeout, false)
    );
    assert_eq!(
        (machine.elapsed(), machine.listening(), machine.sent().len()),
        (120, 0, 0)
    );
}

#[tokio::test]
async fn an_answer_with_another_state_is_passed_over() {
    let machine = service("u");
    let credential = credential(&machine);
    let mut call = Box::pin(credential.get_token(&[SCOPE]));
    assert!(machine.settle(&mut call).await.is_none());
    machine.posts(&[("code", "stolen"), ("state", "a-guess")]);
    machine.posts(&[("error", "access_denied"), ("state", "a-guess")]);
    let error = machine.finish(call).await.expect_err("wrong state");
    assert_eq!((error.kind(), machine.elapsed()), (ErrorKind::Timeout, 120));
    assert!(
        error.to_string().contains("2 answers of other sign-ins"),
        "{error}"
    );
    assert!(machine.sent().is_empty(), "no code of others is redeemed");
    assert!(
        machine.pages().iter().all(|page| page.status == 400),
        "{:?}",
        machine.pages()
    );

    let mut call = Box::pin(credential.get_token(&[SCOPE]));
    assert!(machine.settle(&mut call).await.is_none());
    machine.posts(&[("code", "stolen"), ("state", "a-guess")]);
    machine.posts(&[("code", "c0de")]);
    assert_eq!(machine.finish(call).await.unwrap().token(), "access-u");
}

#[tokio::test]
async fn a_refusal_of_the_page_is_shown_in_the_browser_and_returned() {
    let machine = service("u");
    let credential = credential(&machine);
    let mut call = Box::pin(credential.get_token(&[SCOPE]));
    assert!(machine.settle(&mut call).await.is_none());
    machine.posts(&[
        ("error", "access_denied"),
        ("error_description", "AADSTS65004: <b>No</b>."),
    ]);
    let error = machine.finish(call).await.expect_err("refused");
    assert_eq!(
        (error.oauth_error(), error.aadsts_codes()),
        (Some("access_denied"), &[65004][..])
    );
    tokio::task::yield_now().await;
    assert!(
        machine.pages()[0].html.contains("&lt;b&gt;No&lt;/b&gt;"),
        "{:?}",
        machine.pages()
    );
    assert_eq!((machine.elapsed(), machine.listening()), (0, 0));
}

#[tokio::test]
async fn without_a_port_or_a_browser_the_credential_is_unavailable_at_once() {
    let taken = service("u");
    taken.takes_the_port();
    let none = service("u");
    none.has_no_browser();
    for (machine, said) in [
        (
            taken,
            "Couldn't start an HTTP server on http://localhost:8412",
        ),
        (
            none,
            "Failed to open a browser: this machine has no display. Use DeviceCodeCredential",
        ),
    ] {
        let credential =
            InteractiveBrowserCredential::with_options(InteractiveBrowserCredentialOptions {
                redirect_uri: Some("http://localhost:8412".into()),
                ..options(&machine)
            });
        let error = machine
            .finish(credential.unwrap().get_token(&[SCOPE]))
            .await
            .expect_err(said);
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!((machine.elapsed(), machine.listening()), (0, 0));
    }
}

/// The Python library opens its port first, and keeps it open when the authority turns out to be
/// unknown.
#[tokio::test]
async fn an_unknown_authority_opens_no_port_and_no_page() {
    let machine = UserMachine::answering(|machine, _, _| match machine.listening() {
        0 => refused("invalid_instance"),
        _ => refused("too early"),
    });
    let mut options = options(&machine);
    options.options.authority_host = Some("https://login.private.example".into());
    let credential = InteractiveBrowserCredential::with_options(options).unwrap();
    let error = machine.finish(credential.get_token(&[SCOPE])).await;
    assert_eq!(
        error.expect_err("unknown").kind(),
        ErrorKind::InvalidArgument
    );
    assert_eq!((machine.opened().len(), machine.listening()), (0, 0));
}

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_port() {
    let machine = service("u");
    let credential = credential(&machine);
    let mut call = Box::pin(credential.get_token(&[SCOPE]));
    assert!(machine.settle(&mut call).await.is_none());
    assert_eq!(machine.listening(), 1);
    drop(call);
    assert_eq!(machine.listening(), 0);
}

#[tokio::test]
async fn a_dropped_call_leaves_the_page_to_those_who_wait() {
    let machine = service("u");
    let credential = credential(&machine);
    let (mut first, mut second) = (
        Box::pin(credential.get_token(&["a"])),
        Box::pin(credential.get_token(&["b"])),
    );
    assert!(machine.settle(&mut first).await.is_none());
    assert!(machine.settle(&mut second).await.is_none());
    drop(first);
    assert_eq!(machine.listening(), 1);
    machine.posts(&[("code", "c0de")]);
    assert_eq!(machine.finish(second).await.unwrap().token(), "access-u");
    assert_eq!(machine.opened().len(), 1);
}

#[tokio::test]
async fn an_id_token_of_another_sign_in_tenant_or_application_is_refused() {
    let swapped = |from: &'static str, to: &'static str| {
        UserMachine::answering(move |machine, _, _| {
            let nonce = machine.parameter("nonce");
            let nonce = nonce.as_deref().filter(|_| from != "nonce");
            let mut body = tokens("u", nonce);
            let token = body["id_token"]
                .as_str()
                .unwrap()
                .split('.')
                .nth(1)
                .unwrap()
                .to_owned();
            use base64::Engine;
            let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
            let claims = String::from_utf8(engine.decode(token).unwrap())
                .unwrap()
                .replace(from, to);
            body["id_token"] = format!("e30.{}.c2ln", engine.encode(claims)).into();
            ok(&body)
        })
    };
    let elsewhere = "99999999-0000-4000-8000-000000000009";
    for (machine, said) in [
        (swapped("nonce", "nonce"), "does not belong to this sign-in"),
        (swapped(APP, elsewhere), "of another application or tenant"),
        (
            swapped(TENANT, elsewhere),
            "of another application or tenant",
        ),
    ] {
        let credential = credential(&machine);
        let mut call = Box::pin(credential.get_token(&[SCOPE]));
        assert!(machine.settle(&mut call).await.is_none());
        machine.posts(&[("code", "c0de")]);
        let error = machine.finish(call).await.expect_err(said);
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[tokio::test]
async fn without_automatic_authentication_the_error_names_the_scopes() {
    let machine = service("u");
    let credential =
        InteractiveBrowserCredential::with_options(InteractiveBrowserCredentialOptions {
            disable_automatic_authentication: true,
            ..options(&machine)
        });
    let claims = Some(r#"{"access_token":{}}"#.to_owned());
    let request = TokenRequestOptions {
        claims: claims.clone(),
        ..Default::default()
    };
    let request = TokenRequest::with_options(&[SCOPE, "b"], request).unwrap();
    let error = credential
        .unwrap()
        .get_token_with(&request)
        .await
        .expect_err("nobody");
    assert_eq!(error.kind(), ErrorKind::AuthenticationRequired);
    assert_eq!(
        (error.scopes(), error.claims()),
        (&[SCOPE.to_owned(), "b".to_owned()][..], claims.as_deref())
    );
    assert!(
        error
            .to_string()
            .starts_with("Interactive authentication is required"),
        "{error}"
    );
    assert!(machine.opened().is_empty());
}

#[tokio::test]
async fn a_challenge_of_the_service_reaches_the_page_once_and_not_for_ever() {
    let machine = UserMachine::answering(|machine, _, request| {
        let form = form(request);
        if form["grant_type"] == "refresh_token" && form["scope"].contains("strict") {
            let body = r#"{"error":"invalid_grant","suberror":"basic_action","error_description":"AADSTS50076: more","claims":"{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}"}"#;
            return Ok(identity::context::Response::new(400, body));
        }
        ok(&tokens("u", machine.parameter("nonce").as_deref()))
    });
    let credential = credential(&machine);
    for (number, scope) in ["first", "strict", "third"].into_iter().enumerate() {
        let scopes = [scope];
        let mut call = Box::pin(credential.get_token(&scopes));
        if machine.settle(&mut call).await.is_none() {
            machine.posts(&[("code", "c0de")]);
            machine.finish(call).await.unwrap();
        }
        let challenged = machine
            .parameter("claims")
            .is_some_and(|claims| claims.contains("acrs"));
        assert_eq!(
            (machine.opened().len(), challenged),
            ([1, 2, 2][number], number > 0)
        );
    }
    assert_eq!(
        machine.parameter("login_hint").as_deref(),
        Some("u@x.example")
    );
    let (_, last) = machine.sent().pop().unwrap();
    assert_eq!(
        (&*last["grant_type"], last.get("claims")),
        ("refresh_token", None)
    );
}

#[tokio::test]
async fn tokens_of_another_user_than_the_records_are_never_given() {
    let machine = service("somebody");
    let credential =
        InteractiveBrowserCredential::with_options(InteractiveBrowserCredentialOptions {
            authentication_record: Some(record("me", "login.windows.net")),
            ..options(&machine)
        })
        .unwrap();
    let mut call = Box::pin(credential.get_token(&[SCOPE]));
    assert!(machine.settle(&mut call).await.is_none());
    assert_eq!(
        machine.parameter("login_hint").as_deref(),
        Some("me@x.example")
    );
    machine.posts(&[("code", "c0de")]);
    let error = machine.finish(call).await.expect_err("somebody else");
    assert_eq!(error.kind(), ErrorKind::AuthenticationRequired);
    assert!(
        error.to_string().contains("somebody@x.example signed in"),
        "{error}"
    );
    let request = TokenRequest::new(&[SCOPE]).unwrap();
    let mut call = Box::pin(credential.authenticate_with(&request));
    assert!(machine.settle(&mut call).await.is_none());
    machine.posts(&[("code", "c0de")]);
    assert_eq!(
        machine.finish(call).await.unwrap().username(),
        "somebody@x.example"
    );
    assert_eq!(
        credential.get_token(&[SCOPE]).await.unwrap().token(),
        "access-somebody"
    );
}

#[tokio::test]
async fn a_record_of_another_token_service_is_an_error_of_the_constructor() {
    let machine = service("u");
    let made = InteractiveBrowserCredential::with_options(InteractiveBrowserCredentialOptions {
        authentication_record: Some(record("me", "login.microsoftonline.us")),
        ..options(&machine)
    });
    let error = made.expect_err("another cloud");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(
        error.to_string().contains("login.microsoftonline.us"),
        "{error}"
    );
}

#[tokio::test]
async fn authenticate_without_scopes_asks_for_the_management_api_of_a_known_cloud() {
    let machine = service("u");
    let credential = credential(&machine);
    let mut call = Box::pin(credential.authenticate());
    assert!(machine.settle(&mut call).await.is_none());
    let scope = machine.parameter("scope").unwrap();
    assert!(
        scope.starts_with("https://management.core.windows.net//.default "),
        "{scope}"
    );
    drop(call);
    let mut elsewhere = options(&machine);
    elsewhere.options.authority_host = Some("https://localhost:9".into());
    let elsewhere = InteractiveBrowserCredential::with_options(elsewhere).unwrap();
    let error = elsewhere.authenticate().await.expect_err("no scopes");
    assert!(
        error
            .to_string()
            .contains("requires a value for the 'scopes'"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refusal_of_the_code_is_shared_by_all_who_waited() {
    let machine = UserMachine::answering(|_, _, _| refused("invalid_grant"));
    let credential = credential(&machine);
    let scopes = [["a"], ["b"]];
    let mut calls = Box::pin(join_all(
        scopes.iter().map(|scopes| credential.get_token(scopes)),
    ));
    assert!(machine.settle(&mut calls).await.is_none());
    machine.posts(&[("code", "c0de")]);
    for outcome in machine.finish(calls).await {
        assert_eq!(
            outcome.expect_err("refused").oauth_error(),
            Some("invalid_grant")
        );
    }
    assert_eq!((machine.opened().len(), machine.sent().len()), (1, 1));
}
