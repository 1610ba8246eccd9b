//! What people do in a browser, from the first page to what the application gets.

use std::future::Future;
use std::pin::Pin;

use identity_chromium::{Browser, Scripts};

use crate::place::{CONTOSO, Fields, ORDERS, PORTAL, Place};

pub(crate) type Playing = Pin<Box<dyn Future<Output = ()>>>;
pub(crate) type Flow = fn(Place) -> Playing;

pub(crate) const ALL: &[(&str, Flow)] = &[
    (
        "a_user_signs_in_consents_and_the_code_is_redeemed",
        |place| Box::pin(sign_in_and_consent(place)),
    ),
    ("without_scripts_every_page_works_by_hand", |place| {
        Box::pin(without_scripts(place))
    }),
    ("a_wrong_password_is_said_and_the_next_try_works", |place| {
        Box::pin(wrong_password(place))
    }),
    ("a_device_is_let_in_by_its_code", |place| {
        Box::pin(device(place))
    }),
    (
        "after_signing_out_the_password_is_asked_for_again",
        |place| Box::pin(sign_out(place)),
    ),
    ("a_frame_of_another_site_signs_in_silently", |place| {
        Box::pin(silently_in_a_frame(place))
    }),
    (
        "an_application_hears_of_the_end_of_a_session_in_a_frame",
        |place| Box::pin(watched_in_a_frame(place)),
    ),
    (
        "every_page_can_be_read_and_worked_without_seeing_it",
        |place| Box::pin(accessible(place)),
    ),
];

const BOB: &str = "bob@contoso.example";
const PASSWORD: &str = "bob-password-for-tests-only";
const SECRET: &str = "portal-secret-for-tests-only";
const ENTER: &str = "\u{e007}";

/// Name and password, by the keyboard alone: the fields have the focus already.
async fn enter(browser: &Browser) {
    browser.type_into("#login", &format!("{BOB}{ENTER}")).await;
    browser
        .type_into("#passwd", &format!("{PASSWORD}{ENTER}"))
        .await;
}

async fn answer(browser: &Browser) -> Fields {
    Fields::parse(&browser.text("#answer").await)
}

async fn sign_in_and_consent(place: Place) {
    let browser = place.browser(Scripts::Run).await;
    browser.go(&place.authorize(&[("scope", ORDERS)])).await;
    assert_eq!(browser.title().await, "Sign in to your account");
    enter(&browser).await;
    assert!(browser.text("main").await.contains("Read your orders"));
    browser.click("button[value=accept]").await;
    let fields = answer(&browser).await;
    assert_eq!(fields.get("state"), "s1");
    let tokens = place
        .post(
            "oauth2/v2.0/token",
            &[
                ("grant_type", "authorization_code"),
                ("client_id", PORTAL),
                ("client_secret", SECRET),
                ("redirect_uri", &place.callback()),
                ("code", fields.get("code")),
            ],
        )
        .await;
    assert!(tokens["access_token"].is_string(), "{tokens}");
    assert!(tokens["scope"].as_str().unwrap().contains("Orders.Read"));
    // The consent holds: a second sign-in goes through without a page.
    browser
        .go(&place.authorize(&[("scope", ORDERS), ("state", "s2")]))
        .await;
    assert_eq!(answer(&browser).await.get("state"), "s2");
}

async fn without_scripts(place: Place) {
    let browser = place.browser(Scripts::Off).await;
    let more = [("response_mode", "form_post"), ("scope", ORDERS)];
    browser.go(&place.authorize(&more)).await;
    browser.type_into("#login", BOB).await;
    browser.click("button[value=next]").await;
    browser.type_into("#passwd", PASSWORD).await;
    browser.click("button[value=sign_in]").await;
    browser.click("button[value=accept]").await;
    browser.click("#answer button").await;
    let fields = Fields::parse(&browser.text("pre#answer").await);
    assert!(!fields.get("code").is_empty());
    assert_eq!(fields.get("state"), "s1");
}

async fn wrong_password(place: Place) {
    let browser = place.browser(Scripts::Run).await;
    let more = [("login_hint", BOB), ("response_mode", "form_post")];
    browser.go(&place.authorize(&more)).await;
    browser.type_into("#passwd", &format!("wrong{ENTER}")).await;
    let said = browser.text("[role=alert]").await;
    assert!(said.contains("AADSTS50126"), "{said}");
    browser
        .type_into("#passwd[aria-invalid]", &format!("{PASSWORD}{ENTER}"))
        .await;
    // With scripts the form posts itself.
    let fields = Fields::parse(&browser.text("pre#answer").await);
    assert!(!fields.get("code").is_empty());
}

async fn device(place: Place) {
    let desktop = "bbbbbbbb-0000-4000-8000-000000000006";
    let fields = [
        ("client_id", desktop),
        ("scope", "openid offline_access User.Read"),
    ];
    let device = place.post("oauth2/v2.0/devicecode", &fields).await;
    let code = device["user_code"].as_str().unwrap();
    let browser = place.browser(Scripts::Run).await;
    browser
        .go(&format!("{}/devicelogin", place.emulator.https()))
        .await;
    browser.type_into("#otc", &format!("nonsense{ENTER}")).await;
    assert!(browser.text("[role=alert]").await.contains("AADSTS90119"));
    browser.clear("#otc[aria-invalid]").await;
    browser.type_into("#otc", &format!("{code}{ENTER}")).await;
    enter(&browser).await;
    browser.click("button[value=continue]").await;
    assert!(
        browser
            .text("[role=status]")
            .await
            .contains("You have signed in")
    );
    let tokens = place
        .post(
            "oauth2/v2.0/token",
            &[
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                ("client_id", desktop),
                ("device_code", device["device_code"].as_str().unwrap()),
            ],
        )
        .await;
    assert!(tokens["access_token"].is_string(), "{tokens}");
}

async fn sign_out(place: Place) {
    let browser = place.browser(Scripts::Run).await;
    browser.go(&place.authorize(&[])).await;
    enter(&browser).await;
    assert!(!answer(&browser).await.get("code").is_empty());
    let logout = format!("{CONTOSO}/oauth2/v2.0/logout");
    let callback = place.callback();
    let back = [
        ("post_logout_redirect_uri", callback.as_str()),
        ("state", "bye"),
    ];
    browser.go(&place.url(&logout, &back)).await;
    // The portal wants to be told in a frame, so there is a page in between.
    assert_eq!(answer(&browser).await.get("state"), "bye");
    browser.go(&place.authorize(&[])).await;
    browser.text("label[for=login]").await;
}

async fn silently_in_a_frame(place: Place) {
    const ARRIVED: &str = "const done = arguments[0], frame = document.querySelector('iframe');\
        (function look() { try { const at = frame.contentWindow.location;\
        if (at.pathname === '/callback') return done(at.search + at.hash); } catch (e) {}\
        setTimeout(look, 20); })();";
    let browser = place.browser(Scripts::Run).await;
    let silent = place.authorize(&[("prompt", "none"), ("response_mode", "fragment")]);
    let page = format!(
        "{}/frame?{}",
        place.app,
        crate::place::encoded(&[("src", &silent)])
    );
    let in_frame = async || {
        browser.go(&page).await;
        let at = browser.run(ARRIVED).await;
        Fields::parse(at.as_str().unwrap().trim_start_matches(['?', '#']))
    };
    let nobody = in_frame().await;
    assert_eq!(nobody.get("error"), "login_required");
    assert!(nobody.get("error_description").contains("AADSTS50058"));
    browser.go(&place.authorize(&[])).await;
    enter(&browser).await;
    answer(&browser).await;
    let somebody = in_frame().await;
    assert!(
        !somebody.get("code").is_empty(),
        "{}",
        somebody.get("error_description")
    );
}

async fn watched_in_a_frame(place: Place) {
    const ASK: &str = "const done = arguments[0];\
        addEventListener('message', (e) => done(e.data), { once: true });\
        document.querySelector('iframe').contentWindow.postMessage('MESSAGE', '*');";
    let browser = place.browser(Scripts::Run).await;
    browser.go(&place.authorize(&[])).await;
    enter(&browser).await;
    let known = answer(&browser).await.get("session_state").to_owned();
    let frame = place.url("common/oauth2/checksession", &[]);
    let page = format!(
        "{}/frame?{}",
        place.app,
        crate::place::encoded(&[("src", &frame)])
    );
    let told = async |message: &str| {
        browser.go(&page).await;
        browser.run(&ASK.replace("MESSAGE", message)).await
    };
    assert_eq!(told(&format!("{PORTAL} {known}")).await, "unchanged");
    assert_eq!(told(&format!("{PORTAL} {CONTOSO}")).await, "changed");
    assert_eq!(told("nonsense").await, "error");
    browser
        .go(&place.url("common/oauth2/v2.0/logout", &[]))
        .await;
    browser.text("[role=status]").await;
    assert_eq!(told(&format!("{PORTAL} {known}")).await, "changed");
}

/// One language, one heading, landmarks, a name for every field and button, no double id.
async fn accessible(place: Place) {
    const PROBLEMS: &str = "const wrong = [], all = (css) => [...document.querySelectorAll(css)];\
        if (document.documentElement.lang !== 'en') wrong.push('lang');\
        if (!document.title) wrong.push('title');\
        for (const css of ['h1', 'main', 'footer']) if (all(css).length !== 1) wrong.push(css);\
        for (const field of all('input:not([type=hidden])'))\
            if (!field.labels.length) wrong.push('label of ' + field.name);\
        for (const button of all('button')) if (!button.textContent.trim()) wrong.push('button');\
        for (const field of all('[autocomplete]')) if (!field.autocomplete) wrong.push('autocomplete');\
        const ids = all('[id]').map((one) => one.id);\
        if (new Set(ids).size !== ids.length) wrong.push('ids');\
        const first = document.querySelector('[autofocus]');\
        if (first && document.activeElement !== first) wrong.push('focus');\
        arguments[0](wrong.join(', '));";
    let browser = place.browser(Scripts::Run).await;
    let check = async |what: &str| {
        let heading = browser.text("h1").await;
        assert_eq!(browser.run(PROBLEMS).await, "", "{what}: {heading}");
        heading
    };
    browser.go(&place.authorize(&[("scope", ORDERS)])).await;
    assert_eq!(check("name").await, "Sign in");
    browser.type_into("#login", &format!("{BOB}{ENTER}")).await;
    browser.text("label[for=passwd]").await;
    assert_eq!(check("password").await, "Enter password");
    browser
        .type_into("#passwd", &format!("{PASSWORD}{ENTER}"))
        .await;
    browser.text("button[value=accept]").await;
    assert_eq!(check("consent").await, "Permissions requested");
    browser.click("button[value=decline]").await;
    assert_eq!(answer(&browser).await.get("error"), "access_denied");
    browser
        .go(&place.authorize(&[("prompt", "select_account")]))
        .await;
    assert_eq!(check("picker").await, "Pick an account");
    browser.go(&place.authorize(&[("client_id", "x")])).await;
    assert_eq!(check("error").await, "Sign in");
    browser.go(&place.url("devicelogin", &[])).await;
    assert_eq!(check("device").await, "Enter code");
    browser
        .go(&place.url("common/oauth2/v2.0/logout", &[]))
        .await;
    assert_eq!(check("signed out").await, "Signed out");
    browser.go(&place.url("error", &[("code", "50058")])).await;
    assert_eq!(check("error lookup").await, "Error lookup");
}
