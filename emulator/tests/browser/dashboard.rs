//! The emulator's own page.

use std::path::Path;

use identity_chromium::{Browser, Scripts};

use crate::flows::Flow;
use crate::place::Place;

pub(crate) const ALL: &[(&str, Flow)] = &[
    ("the_dashboard_shows_requests_as_they_come", |place| {
        Box::pin(live(place))
    }),
    ("the_dashboard_plays_faults_and_mints_tokens", |place| {
        Box::pin(forms(place))
    }),
    (
        "without_scripts_the_dashboard_works_by_reloading",
        |place| Box::pin(without_scripts(place)),
    ),
];

const DAEMON: &str = "bbbbbbbb-0000-4000-8000-000000000001";

async fn token(place: &Place) {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", DAEMON),
        ("client_secret", "daemon-secret-for-tests-only"),
        ("scope", "https://vault.azure.net/.default"),
    ];
    place.post("oauth2/v2.0/token", &fields).await;
}

async fn live(place: Place) {
    let browser = place.browser(Scripts::Run).await;
    browser
        .go(&format!("{}/_emulator/", place.emulator.https()))
        .await;
    assert_eq!(browser.title().await, "Identity emulator");
    token(&place).await;
    let row = browser.text("#entries li summary").await;
    assert!(row.contains("entra.token") && row.contains("200"), "{row}");
    browser.click("#entries li summary").await;
    let inside = browser.text("#entries li details").await;
    assert!(
        inside.contains("reply.access_token") && inside.contains(DAEMON),
        "{inside}"
    );
    let journal = place.emulator.journal().entries();
    assert_eq!(
        journal.len(),
        1,
        "the page itself leaves no trace, no icon either"
    );
    assert_eq!(browser.run(PROBLEMS).await, "");
    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        assert_eq!(browser.run(FAINT).await, "", "{scheme}");
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dashboard-{scheme}.png"));
        std::fs::write(file, browser.screenshot().await).unwrap();
    }
}

/// As somebody would who has only a keyboard, from `Skip to the content` on.
async fn forms(place: Place) {
    let browser = place.browser(Scripts::Run).await;
    browser
        .go(&format!("{}/_emulator/", place.emulator.https()))
        .await;
    play(&browser).await;
    assert!(!place.emulator.script().remaining().is_empty());
    browser.click("button[name=clear]").await;
    browser.text("button[aria-label='Play throttle-429']").await;
    browser.type_into("#mint-kind", "expired").await;
    browser.type_into("#mint-client", "daemon").await;
    browser
        .type_into("#mint-resource", "https://vault.azure.net\u{e007}")
        .await;
    let minted = browser.text("#minted").await;
    assert!(
        minted.contains("eyJ") && minted.contains(DAEMON),
        "{minted}"
    );
    let entry = place.emulator.journal().entries().remove(0);
    assert_eq!(entry.issued[0].forged.as_deref(), Some("expired"));
    assert!(place.emulator.script().remaining().is_empty());
}

async fn play(browser: &Browser) {
    browser.click("#faults summary").await;
    browser
        .click("button[aria-label='Play throttle-429']")
        .await;
    // Found on the page that comes back, where the list is open because something plays.
    let stop = browser.text("button[aria-label='Stop throttle-429']").await;
    assert_eq!(stop, "Stop");
}

async fn without_scripts(place: Place) {
    let browser = place.browser(Scripts::Off).await;
    token(&place).await;
    browser
        .go(&format!("{}/_emulator/", place.emulator.https()))
        .await;
    assert!(browser.text("#entries").await.contains("entra.token"));
    play(&browser).await;
    browser.click("#mint button").await;
    assert!(browser.text("#minted").await.contains("eyJ"));
}

/// One language, one heading, landmarks, a name for every field and button, no double id, no field
/// out of the keyboard's reach.
const PROBLEMS: &str = "const wrong = [], all = (css) => [...document.querySelectorAll(css)];\
    if (document.documentElement.lang !== 'en') wrong.push('lang');\
    for (const css of ['h1', 'main', 'header', 'nav', 'footer'])\
        if (all(css).length !== 1) wrong.push(css);\
    for (const field of all('input:not([type=hidden]), select'))\
        if (!field.labels.length) wrong.push('label of ' + field.name);\
    for (const button of all('button'))\
        if (!(button.ariaLabel || button.textContent).trim()) wrong.push('button');\
    for (const part of all('section')) if (!part.getAttribute('aria-labelledby')) wrong.push('section');\
    for (const one of all('button, a, input, select, summary'))\
        if (one.tabIndex < 0) wrong.push('keyboard: ' + one.outerHTML);\
    const ids = all('[id]').map((one) => one.id);\
    if (new Set(ids).size !== ids.length) wrong.push('ids');\
    arguments[0](wrong.join(', '));";

/// Text whose contrast with what is behind it is below 4.5:1.
const FAINT: &str = "const parse = (c) => c.match(/[0-9.]+/g).map(Number);\
    const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map((v) => { v /= 255;\
        return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });\
        return 0.2126 * x + 0.7152 * y + 0.0722 * z; };\
    const behind = (one) => { for (; one; one = one.parentElement) {\
        const c = parse(getComputedStyle(one).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }\
        return [255, 255, 255]; };\
    const faint = new Set();\
    for (const one of document.querySelectorAll('body *')) {\
        const own = [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim());\
        if (!own || !one.checkVisibility()) continue;\
        const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))];\
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);\
        if (ratio < 4.5) faint.add(one.tagName + '.' + one.className + ' ' + ratio.toFixed(2)); }\
    arguments[0]([...faint].join(', '));";
