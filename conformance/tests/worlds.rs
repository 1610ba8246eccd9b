//! The world of a case: another directory, files below HOME, and nothing inherited.

use std::path::Path;

use identity_conformance::case::CaseFile;
use identity_conformance::check;
use identity_conformance::implementation::Implementation;
use identity_conformance::run::Launcher;
use identity_conformance::run::run_case;
use identity_conformance::world::{Shared, World};

const WORLD: &str = r#"
name = "tiny"
default_app = "app"

[[tenant]]
name = "t"
id = "aaaaaaaa-0000-4000-8000-0000000000ee"
domains = ["tiny.example"]

[[app]]
name = "app"
tenant = "t"
client_id = "bbbbbbbb-0000-4000-8000-0000000000ee"
[[app.secret]]
value = "tiny-secret-for-tests-only"
"#;

const CASE: &str = r#"
title  = "a directory of its own"
source = ["https://example.com/"]
level  = "must"

[world]
directory = "tiny"
env       = { AZURE_CONFIG_DIR = "{home}/.azure" }
files     = { ".azure/profile.json" = "{}" }

[[step]]
do         = "token"
credential = { kind = "client_secret", tenant_id = "tiny.example", client_id = "bbbbbbbb-0000-4000-8000-0000000000ee", client_secret = "tiny-secret-for-tests-only" }
scopes     = ["https://vault.azure.net/.default"]
expect     = { token = { claims = { tid = "aaaaaaaa-0000-4000-8000-0000000000ee" } } }

[[expect.request]]
to = "entra.token"
"#;

fn case(text: &str) -> CaseFile {
    let files = CaseFile::parse("case", Path::new("case.toml"), text);
    files.expect("a case").remove(0)
}

#[tokio::test]
async fn a_case_can_have_a_directory_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.toml"), WORLD).unwrap();
    let shared = Shared::new(Some(folder.path().to_owned()));
    let impls = Path::new(env!("CARGO_MANIFEST_DIR")).join("impls");
    let rust = Implementation::read(&impls, "rust").unwrap();
    let launcher = Launcher::new(rust, None, impls.clone()).unwrap();
    let case_run = run_case(&shared, &launcher, &case(CASE)).await.unwrap();
    let checks = check::all(&case_run.case, &case_run.observation, &case_run.secrets);
    let red: Vec<_> = checks.iter().filter(|check| !check.passed).collect();
    assert!(red.is_empty(), "{red:?}");
    assert!(
        case_run
            .secrets
            .contains(&"tiny-secret-for-tests-only".to_owned())
    );
}

#[tokio::test]
async fn a_restarted_driver_gets_the_clock_of_the_one_before() {
    const ASK: &str = r#"
[[step]]
do         = "token"
credential = { kind = "client_secret", tenant_id = "{tenant}", client_id = "{client_id}", client_secret = "{client_secret}" }
scopes     = ["https://vault.azure.net/.default"]
expect     = { token = { expires_within = 3600, expires_after = 3500 } }
"#;
    const LATER: &str = "[[step]]\ndo = 'later'\nseconds = 50000\n[[step]]\ndo = 'restart'\n";
    let head =
        "title = 't'\nsource = ['https://example.com/']\nlevel = 'must'\nneeds = ['clock']\n";
    let text =
        format!("{head}{ASK}{LATER}{ASK}[[expect.request]]\nto = 'entra.token'\ncount = 2\n");
    let impls = Path::new(env!("CARGO_MANIFEST_DIR")).join("impls");
    let rust = Implementation::read(&impls, "rust").unwrap();
    let launcher = Launcher::new(rust, None, impls.clone()).unwrap();
    let case_run = run_case(&Shared::new(None), &launcher, &case(&text)).await;
    let case_run = case_run.unwrap();
    let checks = check::all(&case_run.case, &case_run.observation, &case_run.secrets);
    let red: Vec<_> = checks.iter().filter(|check| !check.passed).collect();
    assert!(red.is_empty(), "{red:?}");
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_a_fault_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let fault = World::of_case(&Shared::new(Some(folder.path().to_owned())), &case(CASE))
        .await
        .unwrap_err();
    assert!(fault.to_string().contains("tiny.toml"), "{fault}");
}

#[tokio::test]
async fn home_has_only_the_files_of_the_case_and_the_path_is_empty() {
    let basic = CASE.replace("directory = \"tiny\"", "directory = \"basic\"");
    let shared = Shared::new(None);
    let (world, _) = World::of_case(&shared, &case(&basic)).await.unwrap();
    let environment = world.environment();
    let profile = Path::new(&environment["AZURE_CONFIG_DIR"]).join("profile.json");
    assert!(profile.starts_with(&environment["HOME"]));
    assert_eq!(std::fs::read_to_string(profile).unwrap(), "{}");
    assert_eq!(std::fs::read_dir(&environment["PATH"]).unwrap().count(), 0);
    assert!(!environment.contains_key("USER"), "nothing is inherited");
    let folder = world.folder().to_owned();
    drop(world);
    assert!(!folder.exists(), "a world leaves nothing behind");
}

#[tokio::test]
async fn a_file_of_a_case_stays_below_home() {
    for path in ["../outside", "/etc/outside"] {
        let text = CASE
            .replace("directory = \"tiny\"", "directory = \"basic\"")
            .replace(".azure/profile.json", path);
        let fault = World::of_case(&Shared::new(None), &case(&text))
            .await
            .unwrap_err();
        assert!(
            fault.to_string().contains("must stay below HOME"),
            "{fault}"
        );
    }
}
