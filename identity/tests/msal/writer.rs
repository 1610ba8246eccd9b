//! A second program with this crate: this one again, told by its environment to sign users in.

use std::process::{Child, Command};

use identity::{UsernamePasswordCredential, UsernamePasswordCredentialOptions};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::VAULT;
use crate::machine::CLIENT;
use crate::settings::Settings;

/// The variable with the settings, which is set where this program is the writer.
const ORDER: &str = "IDENTITY_TEST_MSAL_WRITER";
/// How many writers run at once.
pub(crate) const WRITERS: usize = 8;
/// How many users each writer signs in.
pub(crate) const EACH: usize = 6;
pub(crate) const PASSWORD: &str = "writer-password-for-tests-only";

/// Returns the users of all writers.
pub(crate) fn users() -> impl Iterator<Item = String> {
    (0..WRITERS).flat_map(|number| (0..EACH).map(move |n| user(number, n)))
}

pub(crate) fn begin(settings: &Settings, number: usize) -> Child {
    let order = json!({ "settings": settings.to_json(), "number": number });
    Command::new(std::env::current_exe().unwrap())
        .env(ORDER, order.to_string())
        .spawn()
        .unwrap()
}

/// Whether this program was to be a writer, and has been one.
pub(crate) fn was_all() -> bool {
    let Ok(order) = std::env::var(ORDER) else {
        return false;
    };
    let order: Value = serde_json::from_str(&order).unwrap();
    let settings = Settings::from_json(&order["settings"]);
    let number = usize::try_from(order["number"].as_u64().unwrap()).unwrap();
    let runtime = Runtime::new().unwrap();
    for n in 0..EACH {
        let options = UsernamePasswordCredentialOptions {
            options: settings.options(),
            ..Default::default()
        };
        let user = user(number, n);
        let credential = UsernamePasswordCredential::with_options(CLIENT, &user, PASSWORD, options);
        runtime
            .block_on(credential.unwrap().get_token(&[VAULT]))
            .unwrap();
    }
    true
}

fn user(number: usize, n: usize) -> String {
    format!("writer-{number}-{n}@contoso.example")
}
