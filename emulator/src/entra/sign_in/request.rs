//! A request to `/authorize`, checked in the order of the real service.
//!
//! Until the redirect URI is proven to be the application's, what is wrong is said on a page; after
//! that it goes back to the application.

mod prompt;
mod wants;

use uuid::Uuid;

use crate::entra::claims_request::ClaimsRequest;
use crate::entra::scope::is_of_the_protocol;
use crate::entra::sign_in::recipient::{Recipient, recipient};
use crate::entra::sign_in::wanted::{self, DIRECTORY_GRAPH};
use crate::entra::sign_in::{ResponseMode, ReturnTo};
use crate::entra::stores::codes::{Asked, Challenge, ChallengeMethod};
use crate::entra::stores::flows::Parameters;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::App;
use crate::world::directory::Directory;
use crate::world::endpoint_version::EndpointVersion;
use crate::world::redirect_uri::Platform;

pub(in crate::entra) use prompt::Prompt;
pub(in crate::entra) use wants::Wants;
use wants::response_mode;

/// A request that makes sense; who signs in is not known yet.
#[derive(Debug)]
pub(in crate::entra) struct AuthorizeRequest<'a> {
    pub(in crate::entra) version: EndpointVersion,
    pub(in crate::entra) authority: Authority<'a>,
    pub(in crate::entra) app: &'a App,
    pub(in crate::entra) return_to: ReturnTo,
    pub(in crate::entra) platform: Platform,
    pub(in crate::entra) wants: Wants,
    pub(in crate::entra) asked: Asked,
    /// The permissions that an administrator is asked for instead.
    pub(in crate::entra) registered: Option<Asked>,
    /// The scopes of the protocol and of resources, v1 ones included.
    pub(in crate::entra) scope: &'a str,
    pub(in crate::entra) nonce: Option<&'a str>,
    pub(in crate::entra) challenge: Option<Challenge>,
    pub(in crate::entra) prompt: Prompt,
    pub(in crate::entra) login_hint: Option<&'a str>,
    pub(in crate::entra) domain_hint: Option<&'a str>,
    /// The id of a session to stay in.
    pub(in crate::entra) session: Option<Uuid>,
    /// Seconds since the password was entered, at most.
    pub(in crate::entra) max_age: Option<i64>,
    pub(in crate::entra) claims: Option<&'a str>,
    pub(in crate::entra) client_info: bool,
}

/// A refusal, by the place where it is told.
#[derive(Debug)]
pub(in crate::entra) enum AuthorizeRefusal {
    /// To the person, on a page.
    Page(Aadsts),
    /// To the application.
    Return(Aadsts, Box<ReturnTo>),
}

impl<'a> AuthorizeRequest<'a> {
    pub(in crate::entra) fn read(
        parameters: &'a Parameters,
        directory: &'a Directory,
    ) -> Result<Self, AuthorizeRefusal> {
        let Recipient {
            authority,
            app,
            uri,
            platform,
        } = recipient(parameters, directory).map_err(AuthorizeRefusal::Page)?;
        let wants = Wants::read(parameters.field("response_type").unwrap_or_default());
        let mode = response_mode(parameters, wants.unwrap_or_default());
        let return_to = ReturnTo {
            uri,
            mode: mode.unwrap_or_else(|| wants.unwrap_or_default().usual_mode()),
            state: parameters.field("state").map(str::to_owned),
        };
        let refuse = |error| AuthorizeRefusal::Return(error, Box::new(return_to.clone()));
        let wants = allowed(parameters, app, wants, mode).map_err(refuse)?;
        let rest = Rest::read(parameters, wants).map_err(refuse)?;
        Ok(Self {
            version: parameters.version,
            authority,
            app,
            platform,
            wants,
            asked: rest.asked,
            registered: rest
                .prompt
                .admin
                .then(|| wanted::registered(app, directory)),
            scope: parameters.field("scope").unwrap_or_default(),
            nonce: parameters.field("nonce"),
            challenge: rest.challenge,
            prompt: rest.prompt,
            login_hint: parameters.field("login_hint"),
            domain_hint: parameters.field("domain_hint"),
            session: parameters.field("sid").and_then(|sid| sid.parse().ok()),
            max_age: parameters.field("max_age").and_then(|age| age.parse().ok()),
            claims: parameters.field("claims"),
            client_info: parameters.field("client_info") == Some("1"),
            return_to,
        })
    }

    pub(in crate::entra) fn asks_for(&self, scope: &str) -> bool {
        self.scope.split_whitespace().any(|one| one == scope)
    }
}

fn allowed(
    parameters: &Parameters,
    app: &App,
    wants: Option<Wants>,
    mode: Option<ResponseMode>,
) -> Result<Wants, Aadsts> {
    let response_type = required(parameters, "response_type")?;
    let wants = wants.ok_or_else(|| Aadsts::new(70005).with("type", response_type))?;
    if wants.id_token && !app.implicit.id_token {
        return Err(Aadsts::new(700054));
    }
    if wants.token && !app.implicit.access_token {
        return Err(Aadsts::new(700051));
    }
    if mode.is_none() {
        let mode = parameters.field("response_mode").unwrap_or_default();
        return Err(Aadsts::new(70007).with("mode", mode));
    }
    Ok(wants)
}

/// The parameters that are checked once there is somewhere to send a refusal.
struct Rest {
    asked: Asked,
    challenge: Option<Challenge>,
    prompt: Prompt,
}

impl Rest {
    fn read(parameters: &Parameters, wants: Wants) -> Result<Self, Aadsts> {
        let asked = asked(parameters)?;
        if wants.id_token {
            let scope = parameters.field("scope").unwrap_or_default();
            if parameters.version == EndpointVersion::V2
                && !scope.split_whitespace().any(|s| s == "openid")
            {
                return Err(Aadsts::new(70005).saying(OPENID_NEEDED));
            }
            // Told as a field of the credential that is missing, unlike other parameters (900144).
            if parameters.field("nonce").is_none() {
                return Err(Aadsts::new(90014).with("field", "nonce"));
            }
        }
        if let (Asked::Scope(scope), true) = (&asked, wants.token)
            && scope.split_whitespace().all(is_of_the_protocol)
        {
            return Err(Aadsts::new(700023));
        }
        // Heeded when the code is redeemed, which would be too late to say that it makes no sense.
        ClaimsRequest::parse(parameters.field("claims"))?;
        let challenge = challenge(parameters)?;
        let prompt = parameters.field("prompt").unwrap_or_default();
        let prompt = Prompt::read(prompt).ok_or_else(|| Aadsts::new(90023).saying(PROMPT))?;
        Ok(Self {
            asked,
            challenge,
            prompt,
        })
    }
}

const OPENID_NEEDED: &str = "The 'id_token' response type requires the 'openid' scope.";
const PROMPT: &str = "Unsupported 'prompt' value.";

fn asked(parameters: &Parameters) -> Result<Asked, Aadsts> {
    let resource = parameters.field("resource");
    match parameters.version {
        EndpointVersion::V1 => Ok(Asked::Resource(
            resource.unwrap_or(DIRECTORY_GRAPH).to_owned(),
        )),
        EndpointVersion::V2 if resource.is_some() => Err(Aadsts::new(901002)),
        EndpointVersion::V2 => Ok(Asked::Scope(required(parameters, "scope")?.to_owned())),
    }
}

fn challenge(parameters: &Parameters) -> Result<Option<Challenge>, Aadsts> {
    let method = parameters.field("code_challenge_method");
    let Some(value) = parameters.field("code_challenge") else {
        return match method {
            Some(_) => Err(Aadsts::new(50147)),
            None => Ok(None),
        };
    };
    let method = match method {
        None | Some("plain") => ChallengeMethod::Plain,
        Some("S256") => ChallengeMethod::S256,
        Some(_) => return Err(Aadsts::new(90100).with("parameter", "code_challenge_method")),
    };
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    // A hash with its padding is taken, as the real service does.
    let bare = value.trim_end_matches('=');
    if !(43..=128).contains(&bare.len()) || !bare.bytes().all(unreserved) {
        return Err(Aadsts::new(501491));
    }
    let value = value.to_owned();
    Ok(Some(Challenge { value, method }))
}

fn required<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, Aadsts> {
    let missing = || Aadsts::new(900144).with("parameter", name);
    parameters.field(name).ok_or_else(missing)
}
