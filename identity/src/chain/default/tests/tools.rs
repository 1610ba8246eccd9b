//! Developer tools in the default chain.

use super::*;
use crate::context::Context;
use crate::testing::Programs;

/// Creates a default chain for developers in which `az` answers as `answer` says for its n-th run,
/// and no other tool is installed.
fn with_az(
    answer: impl Fn(usize) -> (i32, &'static str, &'static str) + Send + Sync + 'static,
) -> (DefaultAzureCredential, Arc<Programs>) {
    let clock = VirtualClock::new(START);
    let programs = Programs::new(&["az"], answer);
    let context = Context {
        processes: Arc::clone(&programs) as _,
        ..world(
            &clock,
            &[(SELECTION, "dev")],
            Answers::new(|_, _: &Request| None),
        )
    };
    let options = Options {
        context,
        ..Options::default()
    };
    let options = DefaultAzureCredentialOptions {
        options,
        ..Default::default()
    };
    let credential = DefaultAzureCredential::with_options(options).unwrap();
    (credential, programs)
}

#[tokio::test]
async fn a_tool_that_fails_is_passed_over_until_it_has_once_given_a_token() {
    const EXPIRING: &str = r#"{"accessToken":"t","expires_on":1700000001}"#;
    let refusal = "ERROR: AADSTS50076: second factor, run az login";
    let (credential, programs) = with_az(move |run| match run {
        1 => (0, EXPIRING, ""),
        _ => (1, "", refusal),
    });
    let error = credential.get_token(&["a"]).await.expect_err("passed over");
    let kinds: Vec<_> = error.attempts().iter().map(|a| a.error().kind()).collect();
    assert_eq!(kinds, [ErrorKind::CredentialUnavailable; 5]);
    assert_eq!(error.attempts()[2].error().aadsts_codes(), [50_076]);
    assert_eq!(credential.get_token(&["b"]).await.unwrap().token(), "t");
    let error = credential.get_token(&["c"]).await.expect_err("as it is");
    assert_eq!(error.kind(), ErrorKind::ClientAuthentication);
    assert!(error.attempts().is_empty());
    assert_eq!(programs.seen().len(), 3);
}
