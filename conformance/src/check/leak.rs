//! No secret of the world, and no token, in what a driver wrote to stderr or into an error, nor in
//! the emulator's journal.

use super::Check;
use crate::case::Placeholders;
use crate::case::{Case, Step};
use crate::observation::{Observation, Told};
use crate::protocol::{Credential, Entra};

/// Shorter texts are too likely to stand somewhere by chance.
const SHORTEST: usize = 8;

/// Everything that is secret in this world: what the directory and the case know.
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

/// One check for stderr, one for each step that ended in an error.
pub(super) fn checks(seen: &Observation, secrets: &[String]) -> Vec<Check> {
    let mut secrets = secrets.to_vec();
    for told in &seen.steps {
        if let Told::Tokens { tokens, .. } = told {
            let long = tokens.iter().filter(|token| token.value.len() >= SHORTEST);
            secrets.extend(long.map(|token| token.value.clone()));
        }
    }
    // A journal shows what is in a token, but never the signature that makes it one.
    let signatures: Vec<_> = secrets.iter().filter_map(|it| signature(it)).collect();
    let journal = search(
        "leak.journal",
        &seen.journal,
        &[&secrets[..], &signatures].concat(),
    );
    let mut checks = vec![search("leak.stderr", &seen.stderr, &secrets), journal];
    for (index, told) in seen.steps.iter().enumerate() {
        if let Told::Error(failure) = told {
            checks.push(search(
                &format!("leak.step.{}", index + 1),
                &failure.text,
                &secrets,
            ));
        }
    }
    checks
}

/// Of a signed token.
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
