//! A browser without scripts: it keeps cookies and sends forms back.

use identity_emulator::Emulator;

use crate::authorize::{Fields, V2};
use crate::support::{Answer, CONTOSO, encoded, send};

pub(crate) struct Visitor<'a> {
    emulator: &'a Emulator,
    pub(crate) cookies: Vec<(String, String)>,
    /// One more line of each request's head.
    pub(crate) header: String,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(emulator: &'a Emulator) -> Self {
        Self {
            emulator,
            cookies: Vec::new(),
            header: "accept: text/html".to_owned(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), "").await
    }

    pub(crate) async fn authorize(&mut self, fields: &Fields) -> Answer {
        let query = encoded(fields);
        self.get(&format!("/{CONTOSO}/{V2}?{query}")).await
    }

    /// Sends the form of a page with these fields filled in.
    pub(crate) async fn fill(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let part = |start: &str| {
            let found = page.body.split(start).nth(1);
            let found = found.unwrap_or_else(|| panic!("no {start} in {}", page.body));
            found.split('"').next().unwrap().to_owned()
        };
        let action = part("action=\"");
        let token = part("name=\"flowToken\" value=\"");
        let mut all = vec![("flowToken", token.as_str())];
        all.extend(fields);
        self.send(&format!("POST {action}"), &encoded(&all)).await
    }

    /// Name and password of a user of the basic world.
    pub(crate) async fn enter(&mut self, page: &Answer, user: &str) -> Answer {
        let short = user.split('@').next().unwrap();
        let password = format!("{short}-password-for-tests-only");
        let page = self.fill(page, &[("login", user)]).await;
        let fields = [("login", user), ("passwd", password.as_str())];
        self.fill(&page, &fields).await
    }

    async fn send(&mut self, line: &str, body: &str) -> Answer {
        let cookies = self.cookies.iter();
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let headers = [
            "content-type: application/x-www-form-urlencoded",
            &format!("cookie: {}", cookies.join("; ")),
            &self.header,
        ];
        let answer = send(self.emulator, line, &headers, body).await;
        for cookie in set_cookies(&answer) {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }
}

pub(crate) fn set_cookies(answer: &Answer) -> Vec<String> {
    let lines = answer.head.lines().filter_map(|line| line.split_once(": "));
    lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .map(|(_, value)| value.to_owned())
        .collect()
}

/// A field of the answer a redirect carries.
pub(crate) fn carried(answer: &Answer, name: &str) -> String {
    let to = answer.header("location");
    let to = url::Url::parse(to.unwrap_or_else(|| panic!("{answer:?}"))).unwrap();
    let fragment = to.fragment().unwrap_or_default().to_owned();
    let more = url::form_urlencoded::parse(fragment.as_bytes());
    let mut pairs = to.query_pairs().chain(more);
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
