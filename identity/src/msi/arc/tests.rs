//! Tests of the agent's challenge, and of the identity its answers name.

use std::sync::Arc;

use super::*;
use crate::context::{StaticEnv, SystemFiles};

/// A file system with the same content, or error, at every path.
#[derive(Debug)]
struct Key(Result<&'static str, io::ErrorKind>);

impl Files for Key {
    fn read<'a>(&'a self, _: &'a Path, limit: u64) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        assert_eq!(limit, KEY_LIMIT);
        let content = self.0.map(Vec::from).map_err(io::Error::from);
        async { content }.boxed()
    }
}

fn arc() -> Arc<dyn Host> {
    let env = [
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/token"),
        ("IMDS_ENDPOINT", "http://127.0.0.1:1"),
    ];
    let found = detect(&StaticEnv::from_iter(env), &SystemFiles).unwrap();
    found.unwrap().into_host()
}

/// Returns the request that answers `challenge`, where the key file has the content `key`.
fn answered(challenge: Option<&str>, key: Result<&'static str, io::ErrorKind>) -> Result<Request> {
    let host = arc();
    let request = host.request("r", None).unwrap();
    let mut reply = Response::new(401, "");
    if let Some(challenge) = challenge {
        let challenge = challenge.parse().unwrap();
        reply.headers.insert("www-authenticate", challenge);
    }
    let files = Key(key);
    let answer = host.challenge(&request, &reply, &files).now_or_never();
    answer.unwrap().map(|answer| answer.unwrap())
}

#[cfg(unix)]
const KEYS: &str = "/var/opt/azcmagent/tokens";
#[cfg(windows)]
const KEYS: &str = r"C:\ProgramData\AzureConnectedMachineAgent\Tokens";

#[test]
fn a_challenge_is_answered_with_the_key_less_its_line_end() {
    for challenge in [
        format!("Basic realm={KEYS}/a.key"),
        format!("basic Realm={KEYS}/a=b=.key"),
        format!("Basic realm=\"{KEYS}/a b.key\""),
    ] {
        let request = answered(Some(&challenge), Ok("hush\r\n")).expect(&challenge);
        let proof = &request.headers[AUTHORIZATION];
        assert_eq!(proof, "Basic hush");
        assert!(proof.is_sensitive() && !format!("{request:?}").contains("hush"));
        let query = "api-version=2020-06-01&resource=r";
        assert_eq!(request.url.query(), Some(query));
    }
}

#[test]
fn a_file_outside_the_key_directory_or_of_another_kind_is_never_read() {
    let challenges = [
        None,
        Some("Bearer realm=x".to_owned()),
        Some(format!("Basic {KEYS}/a.key")),
        Some("Basic realm=/etc/shadow.key".to_owned()),
        Some(format!("Basic realm={KEYS}/../a.key")),
        Some(format!("Basic realm={KEYS}/deeper/a.key")),
        Some(format!("Basic realm={KEYS}/a.pem")),
        Some(format!("Basic realm={KEYS}/.key")),
        Some("Basic realm=a.key".to_owned()),
    ];
    for challenge in challenges {
        let error = answered(challenge.as_deref(), Ok("hush")).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::ClientAuthentication);
        let text = error.to_string();
        assert!(text.starts_with("Azure Arc's challenge"), "{text}");
    }
}

#[test]
fn a_key_that_cannot_be_read_says_what_to_do() {
    let challenge = format!("Basic realm={KEYS}/a.key");
    let told = |key| {
        answered(Some(&challenge), key)
            .expect_err("no key")
            .to_string()
    };
    assert!(told(Err(io::ErrorKind::PermissionDenied)).contains("himds"));
    assert!(told(Err(io::ErrorKind::FileTooLarge)).contains("4096 bytes"));
    assert!(told(Err(io::ErrorKind::NotFound)).contains("cannot be read"));
    assert!(told(Ok("a\nb")).contains("is not a header value"));
}

#[test]
fn the_answer_has_to_name_the_identity_asked_for() {
    let confirm = |id: ManagedIdentityId, body: &'static str| {
        arc().confirm(&Response::new(200, body), &id).is_ok()
    };
    let client = || ManagedIdentityId::ClientId("ME".into());
    let resource = || ManagedIdentityId::ResourceId("/r".into());
    assert!(confirm(client(), r#"{"client_id":"me"}"#));
    assert!(confirm(resource(), r#"{"mi_res_id":"/R"}"#));
    assert!(confirm(resource(), r#"{"msi_res_id":"/r"}"#));
    assert!(!confirm(client(), r#"{"object_id":"me"}"#));
    assert!(!confirm(client(), r#"{"client_id":"system"}"#));
    assert!(!confirm(client(), "{}"));
}
