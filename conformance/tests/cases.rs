//! Every case as a `cargo test`, against this workspace's crate in process.
//!
//! A case of this suite that fails here fails in `identity-conformance run` as well; nothing is
//! excused twice, because `impls/rust/known.toml` is read here too. Cases that need what the crate
//! does not declare, and those that wait for long, are shown as ignored.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use identity_conformance::case::{CaseFile, Matcher, StepExpect, load_folder};
use identity_conformance::check::{self, Check};
use identity_conformance::implementation::Implementation;
use identity_conformance::implementation::KnownFile;
use identity_conformance::observation::StepAnswer;
use identity_conformance::run::Launcher;
use identity_conformance::run::default_jobs;
use identity_conformance::run::{CaseRun, run_case};
use identity_conformance::world::Shared;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = Arguments::from_args();
    // Cases mostly wait.
    arguments.test_threads.get_or_insert_with(default_jobs);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = load_folder(&root.join("cases"))?;
    let rust = Implementation::read(&root.join("impls"), "rust")?;
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let known = KnownFile::read(rust.known.as_deref(), &ids)?;
    let runtime = Arc::new(Runtime::new()?);
    let shared = Shared::new(Some(root.join("worlds")));
    let launcher = Arc::new(Launcher::new(rust, None, root.to_owned())?);
    let (_, can) = runtime.block_on(launcher.hello(&shared))?;
    let trials = cases.into_iter().map(|case| {
        let applies = case.case.needs.iter().all(|need| can.contains(need));
        let known = !known.about(&case.id).is_empty();
        let waits = case.case.waits_s.is_some();
        let (runtime, shared, launcher) =
            (Arc::clone(&runtime), shared.clone(), Arc::clone(&launcher));
        let name = case.id.clone();
        Trial::test(name, move || {
            runtime.block_on(passes(&shared, &launcher, &case))
        })
        .with_ignored_flag(known || !applies || waits)
    });
    Ok(libtest_mimic::run(&arguments, trials.collect()).exit_code())
}

async fn passes(shared: &Shared, launcher: &Launcher, case: &CaseFile) -> Result<(), Failed> {
    let case_run = run_case(shared, launcher, case).await?;
    let checks = check::all(&case_run.case, &case_run.observation, &case_run.secrets);
    let red = checks.iter().filter(|check| !check.passed).map(story);
    let mut red: Vec<String> = red.collect();
    if !case.id.contains('[') {
        red.extend(later_choices(&case_run));
    }
    if red.is_empty() {
        Ok(())
    } else {
        Err(red.join("\n").into())
    }
}

/// Where a case allows several kinds of error the first is ours; so tests can tell what it shows.
/// The combinations of a matrix have one list for all.
fn later_choices(case_run: &CaseRun) -> impl Iterator<Item = String> {
    let steps = case_run.case.steps.iter().zip(&case_run.observation.steps);
    steps.filter_map(|(step, answer)| match (step.expect(), answer) {
        (Some(StepExpect::Error(expect)), StepAnswer::Error(failure)) => match &expect.kind {
            Matcher::OneOf(words) if words[0] != failure.kind.as_str() => Some(format!(
                "kind: `{}` should be the first of {words:?}",
                failure.kind.as_str()
            )),
            _ => None,
        },
        _ => None,
    })
}

fn story(check: &Check) -> String {
    format!(
        "{}\n  wanted {}\n  saw    {}",
        check.id, check.wanted, check.saw
    )
}
