//! Findings about requests: what the real service would refuse, or a reviewer would question.
//!
//! A rule is a row of [`INVARIANTS`]. It looks at one request with its answer, and at what is
//! remembered of earlier ones where it is about repetition. It runs when the entry of the journal
//! is made, after the answer: nothing it says changes an answer.

mod assertion;
mod authorize;
mod finding;
mod history;
mod token;
mod transport;

use crate::exchange::completed::CompletedRequest;

pub use finding::{Finding, Severity};
pub(crate) use history::History;
use history::Past;

/// One rule of the linter.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// Its name, as in [`Finding::rule`].
    pub id: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// The rule, in a sentence.
    pub about: &'static str,
    area: Area,
    look: fn(&Scene<'_>) -> Option<String>,
}

/// The endpoints that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Area {
    Any,
    /// All of the token service.
    Entra,
    /// Its token endpoints.
    Token,
    Authorize,
    /// Hosts that want `Metadata: true`.
    Metadata,
    /// Whatever hands out tokens.
    Tokens,
}

/// The view that a rule has of a request.
struct Scene<'a> {
    seen: &'a CompletedRequest<'a>,
    /// The requests before, of the same client for the same token.
    past: &'a Past,
}

use Severity::{Error, Warning};

/// Every rule there is.
#[rustfmt::skip]
const INVARIANTS: &[Invariant] = &[
    Invariant { id: "secret_in_url", severity: Error, area: Area::Any, look: transport::secret_in_url,
        about: "A secret, a token or an assertion has no place in a URL, where logs and proxies keep it." },
    Invariant { id: "plain_http", severity: Error, area: Area::Entra, look: transport::plain_http,
        about: "The token service is asked over TLS; the real one answers nothing else." },
    Invariant { id: "metadata_header_missing", severity: Error, area: Area::Metadata, look: transport::metadata_header_missing,
        about: "Hosts of managed identities want the header `Metadata: true`, which no page in a browser can be made to send. A probe may leave it out." },
    Invariant { id: "forwarded_request", severity: Error, area: Area::Metadata, look: transport::forwarded_request,
        about: "A request to a metadata service carries no `X-Forwarded-For`: it must not come by a proxy." },
    Invariant { id: "redirect_uri_http", severity: Error, area: Area::Entra, look: authorize::redirect_uri_http,
        about: "A redirect URI without TLS is for this machine only (RFC 8252, section 8.3)." },
    Invariant { id: "pkce_missing", severity: Error, area: Area::Authorize, look: authorize::pkce_missing,
        about: "A request for a code carries a code challenge (RFC 9700, section 2.1.1)." },
    Invariant { id: "pkce_plain", severity: Error, area: Area::Authorize, look: authorize::pkce_plain,
        about: "The challenge is a digest of the verifier: `code_challenge_method=S256` (RFC 7636, section 4.2)." },
    Invariant { id: "state_missing", severity: Warning, area: Area::Authorize, look: authorize::state_missing,
        about: "A sign-in carries a `state`, so that the answer is known to belong to it (RFC 6749, section 10.12)." },
    Invariant { id: "implicit_grant", severity: Warning, area: Area::Authorize, look: authorize::implicit_grant,
        about: "Access tokens come by a code, not in the redirect (RFC 9700, section 2.1.2)." },
    Invariant { id: "password_grant", severity: Warning, area: Area::Token, look: token::password_grant,
        about: "A user's password is for the sign-in page only (RFC 9700, section 2.4)." },
    Invariant { id: "v1_endpoint", severity: Warning, area: Area::Entra, look: token::v1_endpoint,
        about: "New code asks the v2 endpoints; those of v1 stay for old applications." },
    Invariant { id: "retired_resource", severity: Warning, area: Area::Token, look: token::retired_resource,
        about: "Azure AD Graph is retired: ask for Microsoft Graph." },
    Invariant { id: "two_proofs", severity: Error, area: Area::Token, look: token::two_proofs,
        about: "A client proves itself in one way in each request (RFC 6749, section 2.3)." },
    Invariant { id: "request_id_missing", severity: Warning, area: Area::Token, look: token::request_id_missing,
        about: "A request for a token has a `client-request-id`, by which support finds it." },
    Invariant { id: "assertion_lifetime", severity: Warning, area: Area::Token, look: assertion::lifetime,
        about: "A client assertion of one's own lives for minutes: five to ten, and no longer than an hour." },
    Invariant { id: "assertion_audience", severity: Error, area: Area::Token, look: assertion::audience,
        about: "A client assertion of one's own is for the token endpoint it is sent to." },
    Invariant { id: "device_poll_too_soon", severity: Warning, area: Area::Token, look: history::device_poll_too_soon,
        about: "A device polls no more often than it was told: every five seconds (RFC 8628, section 3.5)." },
    Invariant { id: "retry_too_soon", severity: Error, area: Area::Tokens, look: history::retry_too_soon,
        about: "After an answer with `Retry-After` the same request waits for as long." },
    Invariant { id: "retries_unbounded", severity: Error, area: Area::Tokens, look: history::retries_unbounded,
        about: "A request that keeps failing is given up after ten tries." },
    Invariant { id: "token_again", severity: Warning, area: Area::Tokens, look: history::token_again,
        about: "A token is kept and used again: a second one for the same is asked for when half of its life is over." },
];

impl Invariant {
    /// Every rule there is.
    pub fn all() -> &'static [Self] {
        INVARIANTS
    }

    /// The one with this name.
    pub fn named(id: &str) -> Option<&'static Self> {
        INVARIANTS.iter().find(|invariant| invariant.id == id)
    }
}

/// Returns the findings about a request, and notes it for the next.
pub(crate) fn findings(seen: &CompletedRequest<'_>, history: &History) -> Vec<Finding> {
    let past = history.of(seen);
    let scene = Scene { seen, past: &past };
    let mut findings = Vec::new();
    let covered = Area::ALL.map(|area| area.covers(seen.endpoint));
    for invariant in INVARIANTS {
        if covered[invariant.area as usize]
            && let Some(text) = (invariant.look)(&scene)
        {
            findings.push(Finding {
                rule: invariant.id.to_owned(),
                severity: invariant.severity,
                text,
            });
        }
    }
    findings
}

impl Area {
    /// In the order of their declaration.
    const ALL: [Self; 6] = [
        Self::Any,
        Self::Entra,
        Self::Token,
        Self::Authorize,
        Self::Metadata,
        Self::Tokens,
    ];

    fn covers(self, endpoint: &str) -> bool {
        let is_token = matches!(endpoint, "entra.token" | "entra.token_v1");
        match self {
            Self::Any => true,
            Self::Entra => endpoint.starts_with("entra."),
            Self::Token => is_token,
            Self::Authorize => matches!(endpoint, "entra.authorize" | "entra.authorize_v1"),
            Self::Metadata => {
                let hosts = [
                    "arc.token",
                    "cloud_shell.token",
                    "container_instances.token",
                ];
                endpoint.starts_with("imds.") || hosts.contains(&endpoint)
            }
            Self::Tokens => is_token || endpoint.ends_with(".token"),
        }
    }
}

impl Scene<'_> {
    fn query(&self, name: &str) -> Option<&str> {
        value(self.seen.query, name)
    }

    /// A form field; an empty one counts as absent.
    fn form(&self, name: &str) -> Option<&str> {
        value(self.seen.form, name)
    }

    /// A parameter of a page, which a browser may send either way.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query(name).or_else(|| self.form(name))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.seen.headers.get(name)?.to_str().ok()
    }
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
}

/// Returns a client's text in a form that is fit to be quoted: cut, and nothing but plain
/// characters.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 120;
    let plain = |c: char| if c.is_control() { '?' } else { c };
    text.chars().take(LONGEST).map(plain).collect()
}
