//! The search for leaks: no secret of the world and no token may be in a driver's stderr or errors,
//! nor in the emulator's journal.

use super::Check;
use crate::case::Placeholders;
use crate::case::{Case, Step};
use crate::observation::{Observation, StepAnswer};
use crate::protocol::{Credential, Entra};

/// The length of the shortest secret searched for; shorter ones are found by chance.
const SHORTEST: usize = 8;

/// Every secret of this world, from the directory and from the case.
pub fn secrets_of(case: &Case, placeholders: &Placeholders) -> Vec<String> {
    let mut secrets: Vec<String> = placeholders.secrets().map(str::to_owned).collect();
    for (name, value) in &case.world.env {
        if ["SECRET", "PASSWORD", "IDENTITY_HEADER"]
            .iter()
            .any(|word| name.contains(word))
        {
            secrets.push(value.clone());
        }
    }
    for step in &case.steps {
        if let Step::Token { credential, .. } | Step::Tokens { credential, .. } = step {
            credential
                .iter()
                .for_each(|credential| collect(credential, &mut secrets));
        }
    }
    secrets.retain(|secret| secret.len() >= SHORTEST);
    secrets.sort();
    secrets.dedup();
    secrets
}

/// The text with every secret replaced by `***`.
pub fn redact(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| {
        text.replace(secret.as_str(), "***")
    })
}

/// One check for stderr, one for the journal, and one for each step that ended in an error.
pub(super) fn checks(observation: &Observation, secrets: &[String]) -> Vec<Check> {
    let mut secrets = secrets.to_vec();
    for answer in &observation.steps {
        if let StepAnswer::Tokens { tokens, .. } = answer {
            let long = tokens.iter().filter(|token| token.value.len() >= SHORTEST);
            secrets.extend(long.map(|token| token.value.clone()));
        }
    }
    // A journal shows what is in a token, but never the signature that makes it one.
    let signatures: Vec<_> = secrets.iter().filter_map(|it| signature(it)).collect();
    let journal = search(
        "leak.journal",
        &observation.journal,
        &[&secrets[..], &signatures].concat(),
    );
    let mut checks = vec![
        search("leak.stderr", &observation.stderr, &secrets),
        journal,
    ];
    for (index, answer) in observation.steps.iter().enumerate() {
        if let StepAnswer::Error(failure) = answer {
            checks.push(search(
                &format!("leak.step.{}", index + 1),
                &failure.text,
                &secrets,
            ));
        }
    }
    checks
}

/// The signature of a signed token.
fn signature(token: &str) -> Option<String> {
    let (_, signature) = token.strip_prefix("eyJ")?.rsplit_once('.')?;
    (signature.len() >= SHORTEST).then(|| signature.to_owned())
}

fn search(id: &str, text: &str, secrets: &[String]) -> Check {
    let found = secrets.iter().any(|secret| text.contains(secret.as_str()));
    let saw = if found {
        redact(text, secrets)
    } else {
        "none".to_owned()
    };
    Check::new(id.to_owned(), "no secret", saw, !found)
}

fn collect(credential: &Credential, secrets: &mut Vec<String>) {
    match credential {
        Credential::Chained { credentials } => {
            credentials
                .iter()
                .for_each(|member| collect(member, secrets));
        }
        other => secrets.extend(other.entra().into_iter().flat_map(Entra::secrets).cloned()),
    }
}
