//! Tests of the default chain against scripted answers.

mod imds;
mod tools;

use std::time::Duration;

use futures_util::future::{BoxFuture, Either, FutureExt, select};

use super::selection::SELECTION;
use super::*;
use crate::context::{Clock, Request, Response, Transport, VirtualClock};
use crate::error::{Error, ErrorKind};
use crate::msi::ManagedIdentityId;
use crate::options::Options;
use crate::testing::{Answers, START, drive, world};
use crate::token::AccessToken;

const TOKEN: &str = r#"{"access_token":"t","expires_in":3600}"#;

fn options(variables: &[(&str, &str)]) -> DefaultAzureCredentialOptions {
    let clock = VirtualClock::new(START);
    let context = world(&clock, variables, Answers::new(|_, _: &Request| None));
    let options = Options {
        context,
        ..Options::default()
    };
    DefaultAzureCredentialOptions {
        options,
        ..Default::default()
    }
}

fn members(options: DefaultAzureCredentialOptions) -> Result<Vec<String>, String> {
    let chain = DefaultAzureCredential::with_options(options).map_err(|e| e.to_string())?;
    Ok(chain
        .0
        .members
        .iter()
        .map(|member| member.name().to_owned())
        .collect())
}

#[test]
fn the_documentation_lists_the_table() {
    let rows: Vec<&str> = include_str!("../default.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("/// | `"))
        .filter_map(|row| row.split('`').next())
        .collect();
    let table: Vec<&str> = MEMBERS.iter().map(|member| member.name).collect();
    assert_eq!(rows, table);
}

#[test]
fn the_environment_and_the_options_select_members() {
    let (env, msi) = ("EnvironmentCredential", "ManagedIdentityCredential");
    let (az, pwsh) = ("AzureCliCredential", "AzurePowerShellCredential");
    let azd = "AzureDeveloperCliCredential";
    let workload = "WorkloadIdentityCredential";
    let with = |value| options(&[(SELECTION, value)]);
    let (shared, code) = ("SharedTokenCacheCredential", "VisualStudioCodeCredential");
    let browser = "InteractiveBrowserCredential";
    let all = [env, workload, msi, shared, code, az, pwsh, azd];
    assert_eq!(members(options(&[])).unwrap(), all);
    assert_eq!(members(with(" Prod ")).unwrap(), [env, workload, msi]);
    assert_eq!(members(with("DEV")).unwrap(), [shared, code, az, pwsh, azd]);
    assert_eq!(
        members(with("interactivebrowsercredential")).unwrap(),
        [browser]
    );
    let include = vec![browser.to_owned()];
    let with_browser = DefaultAzureCredentialOptions {
        include,
        ..with("prod")
    };
    assert_eq!(
        members(with_browser).unwrap(),
        [env, workload, msi, browser]
    );
    assert_eq!(members(with("azureCLIcredential")).unwrap(), [az]);
    assert_eq!(members(with("MANAGEDidentityCredential")).unwrap(), [msi]);
    let exclude = vec![env.to_lowercase()];
    let without = DefaultAzureCredentialOptions {
        exclude,
        ..with("prod")
    };
    assert_eq!(members(without).unwrap(), [workload, msi]);
    let include = vec![env.to_owned()];
    let both = DefaultAzureCredentialOptions {
        include,
        ..with(msi)
    };
    assert_eq!(members(both).unwrap(), [env, msi]);
}

#[test]
fn the_name_of_any_member_in_any_case_selects_it_alone() {
    for member in MEMBERS {
        for name in [member.name.to_owned(), member.name.to_uppercase()] {
            let selected = members(options(&[(SELECTION, &name)])).unwrap();
            assert_eq!(selected, [member.name], "{name}");
        }
    }
}

#[test]
fn a_bad_selection_is_an_error_that_lists_the_good_ones() {
    let bad = members(options(&[(SELECTION, "Azure")])).expect_err("bad");
    assert_eq!(
        bad,
        "Invalid value for AZURE_TOKEN_CREDENTIALS: azure. Valid values are: dev, prod, \
         azureclicredential, azuredeveloperclicredential, azurepowershellcredential, \
         environmentcredential, interactivebrowsercredential, managedidentitycredential, \
         sharedtokencachecredential, visualstudiocodecredential, workloadidentitycredential."
    );
    let unknown = DefaultAzureCredentialOptions {
        exclude: vec!["Cli".into()],
        ..options(&[])
    };
    assert!(
        members(unknown)
            .expect_err("unknown")
            .starts_with("Invalid member: Cli.")
    );
    let required = DefaultAzureCredentialOptions {
        require_envvar: true,
        ..options(&[])
    };
    assert!(
        members(required)
            .expect_err("unset")
            .contains("is required but is not set")
    );
    let exclude = MEMBERS.iter().map(|member| member.name.to_owned());
    let empty = DefaultAzureCredentialOptions {
        exclude: exclude.collect(),
        ..options(&[])
    };
    assert!(members(empty).expect_err("none").contains("at least one"));
}

/// A transport on which a request that is not answered is one whose connection is never made.
#[derive(Debug)]
struct Unconnected(VirtualClock, Arc<dyn Transport>);

impl Transport for Unconnected {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        let limit = request.connect_timeout.unwrap_or(Duration::from_secs(2));
        async move {
            match select(self.1.send(request), self.0.sleep(limit)).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Err(Error::new(ErrorKind::Timeout, "no connection")),
            }
        }
        .boxed()
    }
}

/// Makes one call with these variables and answers. Returns its outcome, the requests it made and
/// the seconds it took.
async fn call(
    variables: &[(&str, &str)],
    answer: impl Fn(&Request) -> Option<Result<Response>> + Send + Sync + 'static,
) -> (Result<AccessToken>, Vec<Request>, f64) {
    let clock = VirtualClock::new(START);
    let answers = Answers::new(move |_, request: &Request| answer(request));
    let transport = Unconnected(clock.clone(), Arc::clone(&answers) as _);
    let context = world(&clock, variables, Arc::new(transport));
    let options = Options {
        context: context.clone(),
        ..Options::default()
    };
    let options = DefaultAzureCredentialOptions {
        options,
        ..Default::default()
    };
    let credential = DefaultAzureCredential::with_options(options).unwrap();
    let token = drive(&clock, credential.get_token(&["https://r/.default"])).await;
    (
        token,
        answers.seen(),
        context.clock.now().since(START).as_secs_f64(),
    )
}

#[tokio::test]
async fn nothing_configured_and_a_silent_imds_fails_within_a_second_naming_every_member() {
    let (outcome, requests, elapsed) = call(&[], |_| None).await;
    let error = outcome.expect_err("nothing there");
    assert!(
        elapsed <= 1.0 && requests.len() == 1,
        "{elapsed} s, {requests:?}"
    );
    assert!(!requests[0].headers.contains_key("metadata"), "a probe");
    let text = error.to_string();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("DefaultAzureCredential failed to retrieve a token from the included credentials.")
    );
    assert_eq!(lines.next(), Some("Attempted credentials:"));
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("\tEnvironmentCredential: EnvironmentCredential auth")
    );
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("\tWorkloadIdentityCredential: Work")
    );
    assert!(lines.next().unwrap().starts_with("\tManagedIdentityCredential: ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint."));
    for (name, next_step) in [
        (
            "SharedTokenCacheCredential",
            "No accounts were found in the cache",
        ),
        ("VisualStudioCodeCredential", "sign in there"),
        ("AzureCliCredential", "az login"),
        ("AzurePowerShellCredential", "Connect-AzAccount"),
        ("AzureDeveloperCliCredential", "azd auth login"),
    ] {
        let line = lines.next().unwrap();
        assert!(
            line.starts_with(&format!("\t{name}: ")) && line.contains(next_step),
            "{line}"
        );
    }
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("To mitigate this issue, ")
    );
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    assert_eq!(
        error.attempts().len(),
        MEMBERS.len() - 1,
        "nobody is asked to sign in"
    );
}

#[tokio::test]
async fn a_probe_is_followed_by_the_real_request_for_the_identity_of_the_environment() {
    let (outcome, requests, _) = call(&[("AZURE_CLIENT_ID", "me")], |request| {
        let real = request.headers.contains_key("metadata");
        Some(Ok(if real {
            Response::new(200, TOKEN)
        } else {
            Response::new(400, r#"{"error":"invalid_request"}"#)
        }))
    })
    .await;
    assert_eq!(outcome.unwrap().token(), "t");
    assert_eq!(requests.len(), 2);
    assert!(
        requests[1].url.as_str().ends_with("&client_id=me"),
        "{}",
        requests[1].url
    );
}

#[tokio::test]
async fn docker_desktops_answer_means_no_imds() {
    let reply = r#"{"error":"connecting to 169.254.169.254:80: host unreachable"}"#;
    let (outcome, requests, _) = call(&[], move |_| Some(Ok(Response::new(403, reply)))).await;
    assert_eq!(requests.len(), 1);
    let error = outcome.expect_err("unavailable");
    assert_eq!(
        error.attempts()[1].error().kind(),
        ErrorKind::CredentialUnavailable
    );
}

#[tokio::test]
async fn the_winner_is_the_only_one_asked_again_and_a_refusal_ends_the_search() {
    let application = [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "hush"),
    ];
    let refusal = r#"{"error":"invalid_client","error_description":"AADSTS7000215: no"}"#;
    let (outcome, requests, _) =
        call(&application, move |_| Some(Ok(Response::new(401, refusal)))).await;
    let error = outcome.expect_err("refused");
    assert_eq!(
        (error.aadsts_codes(), error.status()),
        (&[7_000_215][..], Some(401))
    );
    assert_eq!((error.attempts().len(), requests.len()), (1, 1));
    assert!(!format!("{error} {error:?} {requests:?}").contains("hush"));
}

#[tokio::test]
async fn a_malformed_environment_is_reported_when_asked_and_ends_the_search() {
    let application = [
        ("AZURE_TENANT_ID", "a/b"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "s"),
    ];
    let (outcome, requests, _) = call(&application, |_| None).await;
    let error = outcome.expect_err("malformed");
    assert_eq!(
        (error.kind(), requests.len()),
        (ErrorKind::InvalidArgument, 0)
    );
    assert!(
        error.to_string().contains("EnvironmentCredential: "),
        "{error}"
    );
}

#[tokio::test]
async fn the_managed_identity_may_be_named_by_any_id() {
    let resource = ManagedIdentityId::ResourceId("/r".into());
    let answers = Answers::new(|_, _: &Request| Some(Ok(Response::new(200, TOKEN))));
    let clock = VirtualClock::new(START);
    let context = world(
        &clock,
        &[("AZURE_CLIENT_ID", "me")],
        Arc::clone(&answers) as _,
    );
    let options = Options {
        context,
        ..Options::default()
    };
    let options = DefaultAzureCredentialOptions {
        managed_identity: Some(resource),
        options,
        ..Default::default()
    };
    let credential = DefaultAzureCredential::with_options(options).unwrap();
    credential.get_token(&["s"]).await.unwrap();
    let query = answers.seen()[1].url.query().unwrap().to_owned();
    assert!(query.ends_with("&msi_res_id=%2Fr"), "{query}");
}

#[tokio::test]
async fn the_closing_advice_tells_a_refused_credential_from_none_at_all() {
    let application = [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "hush"),
    ];
    let refusal = r#"{"error":"invalid_client","error_description":"AADSTS7000215: no"}"#;
    let (outcome, ..) = call(&application, move |_| Some(Ok(Response::new(401, refusal)))).await;
    let text = outcome.expect_err("refused").to_string();
    assert!(
        text.contains("\nEnvironmentCredential is set up here and failed: "),
        "{text}"
    );
    assert!(!text.contains("set up one of the credentials"), "{text}");
    let (outcome, ..) = call(&[], |_| None).await;
    let text = outcome.expect_err("nothing there").to_string();
    assert!(text.contains("set up one of the credentials"), "{text}");
}

#[tokio::test]
async fn debug_of_a_chain_and_of_its_error_has_readable_lines_and_nothing_twice() {
    use std::error::Error as _;
    let (outcome, ..) = call(&[], |_| None).await;
    let error = outcome.expect_err("nothing there");
    let shown = format!("{error:?}");
    let (facts, message) = shown.split_once('\n').unwrap();
    assert!(
        facts.starts_with("Error { kind: CredentialUnavailable, "),
        "{facts}"
    );
    assert_eq!(message, error.to_string());
    assert_eq!(shown.matches("Connect-AzAccount").count(), 1, "{shown}");
    let last = error.attempts().last().unwrap().error().to_string();
    assert_eq!(error.source().unwrap().to_string(), last);
    let credential = DefaultAzureCredential::with_options(options(&[(SELECTION, "prod")])).unwrap();
    let shown = format!("{credential:#?}");
    assert!(
        shown.contains("\"ManagedIdentityCredential\",\n"),
        "{shown}"
    );
    assert!(shown.len() < 400, "{shown}");
}
