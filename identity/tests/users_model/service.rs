//! Token services of several authorities. They write into each token what it is, and panic when
//! they are sent a token that they did not issue.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::{BoxFuture, FutureExt};
use identity::Result;
use identity::context::{Request, Response, Transport};
use serde_json::{Value, json};

/// The home tenant of all users.
pub(crate) const HOME: &str = "00000000-0000-4000-8000-000000000000";

/// The description of a token, which is its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) authority: String,
    pub(crate) client: String,
    pub(crate) tenant: String,
    pub(crate) user: String,
    pub(crate) scope: String,
    pub(crate) cae: bool,
}

/// The token services. Clones share one state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Services(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The user at the keyboard.
    keyboard: String,
    /// How often a user was asked.
    prompts: usize,
    /// How often each user's sign-ins were revoked.
    revoked: HashMap<String, usize>,
    requests: usize,
}

impl Services {
    pub(crate) fn sits_down(&self, user: &str) {
        self.0.lock().unwrap().keyboard = user.to_owned();
    }

    pub(crate) fn keyboard(&self) -> String {
        self.0.lock().unwrap().keyboard.clone()
    }

    pub(crate) fn revoke(&self, user: &str) {
        *self
            .0
            .lock()
            .unwrap()
            .revoked
            .entry(user.to_owned())
            .or_default() += 1;
    }

    pub(crate) fn prompts(&self) -> usize {
        self.0.lock().unwrap().prompts
    }

    /// Reads the description in `token`.
    pub(crate) fn read(token: &str) -> Issued {
        let parts: Vec<_> = token.split('|').map(str::to_owned).collect();
        let [authority, client, tenant, user, scope, cae, _] = &parts[..] else {
            panic!("not a token of these services: {token}");
        };
        Issued {
            authority: authority.clone(),
            client: client.clone(),
            tenant: tenant.clone(),
            user: user.clone(),
            scope: scope.clone(),
            cae: cae == "true",
        }
    }

    fn answer(&self, request: &Request) -> Response {
        let authority = request.url.host_str().unwrap().to_owned();
        let mut path = request.url.path_segments().unwrap();
        let (tenant, endpoint) = (path.next().unwrap(), path.next_back().unwrap());
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(&request.body)
            .into_owned()
            .collect();
        let mut state = self.0.lock().unwrap();
        if endpoint == "devicecode" {
            state.prompts += 1;
            let code = format!("{}|{}", state.keyboard, form["scope"]);
            let body = json!({
                "device_code": code, "user_code": "U", "verification_uri": "https://page", "message": "m",
            });
            return Response::new(200, body.to_string());
        }
        let client = &form["client_id"];
        let (user, scope) = match &*form["grant_type"] {
            "refresh_token" => match state.redeemed(&form["refresh_token"], &authority, client) {
                Some(user) => (user, form["scope"].clone()),
                None => {
                    let body = json!({"error": "invalid_grant", "error_description": "AADSTS50173: revoked"});
                    return Response::new(400, body.to_string());
                }
            },
            _ => {
                let (user, scope) = form["device_code"].split_once('|').unwrap();
                (user.to_owned(), scope.to_owned())
            }
        };
        let cae = form
            .get("claims")
            .is_some_and(|claims| claims.contains("xms_cc"));
        let number = state.requests;
        let generation = state.revoked.get(&user).copied().unwrap_or_default();
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({
            "iss": format!("https://{authority}/{tenant}/v2.0"), "aud": client, "sub": user,
            "oid": user, "tid": tenant, "preferred_username": user,
        });
        let body = json!({
            "access_token": format!("{authority}|{client}|{tenant}|{user}|{scope}|{cae}|{number}"),
            "expires_in": 3600,
            "refresh_token": format!("{authority}|{client}|{user}|{generation}|{number}"),
            "id_token": format!("e30.{}.c2ln", encoded(&claims)),
            "client_info": encoded(&json!({"uid": user, "utid": HOME})),
        });
        Response::new(200, body.to_string())
    }
}

impl State {
    /// Returns the user of a refresh token, if it is valid.
    fn redeemed(&self, token: &str, authority: &str, client: &str) -> Option<String> {
        let parts: Vec<_> = token.split('|').collect();
        let [of_authority, of_client, user, generation, _] = parts[..] else {
            panic!("not a refresh token of these services: {token}");
        };
        assert_eq!(
            of_authority, authority,
            "a refresh token left for another token service"
        );
        assert_eq!(
            of_client, client,
            "a refresh token was used by another application"
        );
        let now = self.revoked.get(user).copied().unwrap_or_default();
        (generation.parse() == Ok(now)).then(|| user.to_owned())
    }
}

impl Transport for Services {
    /// Answers after a few turns of all other tasks, a different number each time.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        async move {
            let turns = {
                let mut state = self.0.lock().unwrap();
                state.requests += 1;
                (state.requests * 7) % 5
            };
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            Ok(self.answer(&request))
        }
        .boxed()
    }
}
