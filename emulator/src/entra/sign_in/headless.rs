//! A browser without a window: it follows a sign-in to its answer and fills in every form.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{Method, Request};
use url::{Url, form_urlencoded};

use crate::entra::app_state::{AppState, Service};
use crate::entra::pages::{Asks, Question};
use crate::entra::sign_in::Posted;
use crate::entra::sign_in::elsewhere::Elsewhere;
use crate::entra::sign_in::outcome::{SignInAnswer, SignInError};
use crate::entra::sign_in::visit::Refused;
use crate::entra::stores::device_codes::{DeviceCode, DeviceState};
use crate::entra::stores::sessions::SignedIn;
use crate::exchange::error::Aadsts;
use crate::exchange::request::Listener;

/// Signs `user` in at `authorize_url` in a browser that has never been there.
pub(crate) async fn sign_in(
    state: &AppState,
    authorize_url: &str,
    user: &str,
) -> Result<SignInAnswer, SignInError> {
    let url = Url::parse(authorize_url)
        .map_err(|error| SignInError::new(format!("`{authorize_url}` is no URL: {error}")))?;
    let mut browser = Browser::at(state, &url, user)?;
    let first = browser.get(&url).await?;
    let last = browser.follow(first).await?;
    answer(&last).ok_or_else(|| SignInError::new("the sign-in ended on a page, without an answer"))
}

/// Types the code of a device and lets it in as `user`.
pub(crate) async fn approve_device(
    state: &AppState,
    user_code: &str,
    user: &str,
) -> Result<(), SignInError> {
    let url = Url::parse(&format!("{}/common/oauth2/deviceauth", state.ready().https))
        .map_err(|error| SignInError::new(error.to_string()))?;
    let mut browser = Browser::at(state, &url, user)?;
    browser.user_code = user_code.to_owned();
    let first = browser.get(&url).await?;
    browser.follow(first).await?;
    match device(state, user_code).map(|device| device.state) {
        Some(DeviceState::Approved(_) | DeviceState::Redeemed) => Ok(()),
        _ => Err(SignInError::new("the device was not let in")),
    }
}

/// Sends a device away.
pub(crate) fn decline_device(state: &AppState, user_code: &str) -> Result<(), SignInError> {
    let now = state.clock().now();
    if state.device_codes().decline(user_code, now) {
        return Ok(());
    }
    let known = device(state, user_code).is_some_and(|device| device.state != DeviceState::Pending);
    Err(Aadsts::new(if known { 90120 } else { 90119 }).into())
}

fn device(state: &AppState, user_code: &str) -> Option<DeviceCode> {
    let now = state.clock().now();
    state.device_codes().of_user_code(user_code, now)
}

/// More pages than this come of going round in circles.
const MOST_PAGES: usize = 12;

struct Browser {
    state: AppState,
    service: Arc<dyn Service>,
    origin: Url,
    user: String,
    password: String,
    user_code: String,
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn at(state: &AppState, url: &Url, user: &str) -> Result<Self, SignInError> {
        let snapshot = state.snapshot(state.clock().now());
        let known = snapshot.directory.user(user);
        let known =
            known.ok_or_else(|| SignInError::new(format!("the world has no user `{user}`")))?;
        let password = known.password.as_ref();
        Ok(Self {
            state: state.clone(),
            service: state.sandboxes().serve(state),
            origin: url.clone(),
            user: known.upn.clone(),
            password: password.map_or_else(String::new, |secret| secret.expose().to_owned()),
            user_code: String::new(),
            cookies: Vec::new(),
        })
    }

    /// Fills in forms until there is none.
    async fn follow(&mut self, mut page: Response) -> Result<Response, SignInError> {
        for _ in 0..MOST_PAGES {
            if let Some(refused) = page.extensions().get::<Refused>() {
                return Err(refused.into());
            }
            if let Some(elsewhere) = page.extensions().get::<Elsewhere>().cloned() {
                page = self.come_back(&elsewhere).await?;
                continue;
            }
            let Some(asks) = page.extensions().get::<Asks>().cloned() else {
                return Ok(page);
            };
            if let Some(problem) = asks.problem {
                return Err(SignInError::said(problem));
            }
            let fields = self.filled_in(asks.what);
            page = self
                .post(&asks.form.action, &asks.form.flow, &fields)
                .await?;
        }
        Err(SignInError::new("the sign-in goes round in circles"))
    }

    /// Comes back from another identity provider, which knows the user.
    async fn come_back(&mut self, elsewhere: &Elsewhere) -> Result<Response, SignInError> {
        let now = self.state.clock().now();
        let account = SignedIn {
            user: self.user.clone(),
            at: now,
            methods: vec!["fed"],
            password: None,
        };
        self.state.flows().vouch(&elsewhere.flow, account, now);
        self.post(&elsewhere.action, &elsewhere.flow, &[]).await
    }

    fn filled_in(&self, what: Question) -> Vec<(&'static str, String)> {
        let press = |button: &str| vec![("action", button.to_owned())];
        match what {
            Question::Account => vec![("login", self.user.clone())],
            Question::Password => vec![
                ("login", self.user.clone()),
                ("passwd", self.password.clone()),
            ],
            Question::Consent => press("accept"),
            Question::ConfirmDevice => press("continue"),
            Question::SecondFactor => press("approve"),
            Question::DeviceCode => vec![("otc", self.user_code.clone())],
        }
    }

    async fn get(&mut self, url: &Url) -> Result<Response, SignInError> {
        let query = url.query().map(|query| format!("?{query}"));
        let target = format!("{}{}", url.path(), query.unwrap_or_default());
        self.send(Method::GET, &target, Body::empty()).await
    }

    async fn post(
        &mut self,
        action: &str,
        flow: &str,
        fields: &[(&'static str, String)],
    ) -> Result<Response, SignInError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("flowToken", flow)
            .extend_pairs(fields)
            .finish();
        self.send(Method::POST, action, Body::from(form)).await
    }

    async fn send(
        &mut self,
        method: Method,
        target: &str,
        body: Body,
    ) -> Result<Response, SignInError> {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let authority = &self.origin[url::Position::BeforeHost..url::Position::AfterPort];
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, authority)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(COOKIE, cookies.join("; "))
            .body(body)
            .map_err(|error| SignInError::new(error.to_string()))?;
        let by = Listener {
            scheme: if self.origin.scheme() == "http" {
                "http"
            } else {
                "https"
            },
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 443)),
            sni: None,
        };
        let sandboxes = self.state.sandboxes();
        let sandbox = sandboxes.claim(&self.state, &mut request);
        let service = sandbox.unwrap_or_else(|| self.service.clone());
        let response = service.call(request, &by).await;
        self.keep_cookies(&response);
        Ok(response)
    }

    fn keep_cookies(&mut self, response: &Response) {
        for line in response.headers().get_all(SET_COOKIE) {
            let pair = line.to_str().unwrap_or_default().split(';').next();
            if let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) {
                self.cookies.retain(|(known, _)| known != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

fn answer(response: &Response) -> Option<SignInAnswer> {
    if let Some(Posted { action, fields }) = response.extensions().get() {
        let fields = fields.iter();
        return Some(SignInAnswer::FormPost {
            action: action.clone(),
            fields: fields
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        });
    }
    let to = response.headers().get(LOCATION)?.to_str().ok()?;
    Some(SignInAnswer::Redirect(to.to_owned()))
}
