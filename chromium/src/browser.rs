//! The part of WebDriver that the tests need, in JSON over HTTP.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A headless Chromium with an empty profile; both end when this is dropped. A command that fails
/// is a panic, because the test has failed.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    client: reqwest::Client,
    session: String,
    _profile: TempDir,
}

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// They may, which is Chromium's default.
    Run,
    /// They may not.
    Off,
}

/// How long an element, a page or a script is waited for, in milliseconds.
const PATIENCE: u32 = 60_000;
/// The member that holds the id of an element (WebDriver, section 12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// Starts a browser that trusts the authority `ca_pem` besides those of the system.
    pub async fn start(ca_pem: &str, scripts: Scripts) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: apt-get install chromium chromium-driver");
        let base = format!("http://127.0.0.1:{}", port(&mut driver));
        let profile = tempfile::tempdir().unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut browser = Self {
            driver,
            client,
            session: format!("{base}/session"),
            _profile: profile,
        };
        let wanted = capabilities(&browser, ca_pem, scripts);
        let session = browser.post("", &wanted).await;
        let id = session["sessionId"].as_str().unwrap().to_owned();
        browser.session = format!("{base}/session/{id}");
        let limits = json!({ "implicit": PATIENCE, "pageLoad": PATIENCE, "script": PATIENCE });
        browser.post("/timeouts", &limits).await;
        browser
    }

    /// Goes to `url` and waits until the page is there.
    pub async fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url })).await;
    }

    /// The title of the page.
    pub async fn title(&self) -> String {
        self.get("/title").await.as_str().unwrap().to_owned()
    }

    /// Waits until the page with this title is there.
    pub async fn arrive_at(&self, title: &str) {
        let wanted = json!({ "using": "xpath", "value": format!("//title[. = '{title}']") });
        self.post("/element", &wanted).await;
    }

    /// The text of the element that `css` finds, which is waited for.
    pub async fn text(&self, css: &str) -> String {
        let id = self.find(css).await;
        let text = self.get(&format!("/element/{id}/text")).await;
        text.as_str().unwrap().to_owned()
    }

    /// Clicks on the element that `css` finds.
    pub async fn click(&self, css: &str) {
        let id = self.find(css).await;
        self.post(&format!("/element/{id}/click"), &json!({})).await;
    }

    /// Types `text` into the field that `css` finds.
    pub async fn type_into(&self, css: &str, text: &str) {
        let id = self.find(css).await;
        let text = json!({ "text": text });
        self.post(&format!("/element/{id}/value"), &text).await;
    }

    /// Empties the field that `css` finds.
    pub async fn clear(&self, css: &str) {
        let id = self.find(css).await;
        self.post(&format!("/element/{id}/clear"), &json!({})).await;
    }

    /// Closes the tab, and opens an empty one in its place.
    pub async fn close_tab(&self) {
        let next = self.post("/window/new", &json!({ "type": "tab" })).await;
        let closed = self.client.delete(format!("{}/window", self.session));
        value("/window", closed).await;
        let next = json!({ "handle": next["handle"] });
        self.post("/window", &next).await;
    }

    /// Runs a script, which calls its last argument with the result, and returns that.
    pub async fn run(&self, script: &str) -> Value {
        let script = json!({ "script": script, "args": [] });
        self.post("/execute/async", &script).await
    }

    /// Shows pages as to somebody who prefers `light` or `dark`.
    pub async fn prefer(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        let command =
            json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": [feature] } });
        self.post("/goog/cdp/execute", &command).await;
    }

    /// A picture of the screen, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        let picture = self.get("/screenshot").await;
        STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }

    async fn find(&self, css: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": css });
        let found = self.post("/element", &wanted).await;
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.session));
        value(path, request).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.session));
        value(path, request.body(body.to_string())).await
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends with its session. A driver that is killed first leaves it running.
        let _ = end(&self.session);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Ends a session and waits until its browser is gone; without the client, which may belong to a
/// runtime that is ending, too.
fn end(session: &str) -> std::io::Result<()> {
    let (authority, path) = session
        .trim_start_matches("http://")
        .split_once('/')
        .unwrap_or((session, ""));
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(
        stream,
        "DELETE /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
    )?;
    BufReader::new(stream).read_line(&mut String::new())?;
    Ok(())
}

fn port(driver: &mut Child) -> u16 {
    let stdout = BufReader::new(driver.stdout.take().unwrap());
    let lines = stdout.lines().map_while(Result::ok);
    let started = lines
        .filter(|line| line.contains("started successfully on port"))
        .find_map(|line| {
            let number = line.trim_end_matches('.').rsplit(' ').next()?;
            number.parse().ok()
        });
    started.expect("chromedriver says its port")
}

fn capabilities(browser: &Browser, ca_pem: &str, scripts: Scripts) -> Value {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        &format!("--user-data-dir={}", browser._profile.path().display()),
        &format!(
            "--ignore-certificate-errors-spki-list={}",
            spki_digest(ca_pem)
        ),
    ];
    let javascript = if scripts == Scripts::Run { 1 } else { 2 };
    json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": {
        "args": arguments,
        "prefs": {
            "profile.managed_default_content_settings.javascript": javascript,
            // Headless Chromium blocks cookies in frames of other sites, as a private window does.
            "profile.cookie_controls_mode": 0,
        },
    } } } })
}

/// SHA-256 of the certificate's public key, as Chromium wants it.
fn spki_digest(pem: &str) -> String {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).unwrap();
    let certificate = pem.parse_x509().unwrap();
    let key = certificate.tbs_certificate.subject_pki.raw;
    STANDARD.encode(digest::digest(&digest::SHA256, key))
}

async fn value(path: &str, request: reqwest::RequestBuilder) -> Value {
    let request = request.header("content-type", "application/json");
    let answer = request.send().await.unwrap().text().await.unwrap();
    let mut answer: Value = serde_json::from_str(&answer).unwrap();
    let value = answer["value"].take();
    assert!(value.get("error").is_none(), "{path}: {value}");
    value
}
