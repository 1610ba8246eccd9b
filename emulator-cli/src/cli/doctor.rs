//! `doctor`: what keeps the SDKs from the emulator, in the environment it is run in.

mod authority;
mod finding;
mod host;
mod nearby;
mod network;
mod proxy;
mod surroundings;
mod trust;

use std::process::ExitCode;

use clap::Args;
use url::Url;

use crate::cli::doctor::finding::{Finding, Status};
use crate::cli::doctor::surroundings::Surroundings;
use crate::cli::{Failure, print};

/// Check whether programs started here would find the emulator and trust it
///
/// Looks at the variables, the files they name, names and ports, and says what is wrong for which
/// SDK. The exit code is 1 if anything is.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Base URL of the plain HTTP listener [default: AZURE_POD_IDENTITY_AUTHORITY_HOST, or
    /// http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    http: Option<Url>,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let findings = examine(&Surroundings::look(self.http)?);
        if self.json {
            print(&serde_json::to_string_pretty(&findings).map_err(Failure::new)?)?;
        } else {
            findings
                .iter()
                .try_for_each(|finding| print(&finding.to_string()))?;
        }
        let healthy = findings
            .iter()
            .all(|finding| finding.status != Status::Problem);
        Ok(if healthy {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// All that can be said about these surroundings, most basic first.
fn examine(around: &Surroundings) -> Vec<Finding> {
    const CHECKS: &[fn(&Surroundings) -> Vec<Finding>] = &[
        network::emulator,
        network::clock,
        authority::address,
        authority::application,
        trust::files,
        trust::java,
        proxy::check,
        host::check,
        network::names,
    ];
    CHECKS.iter().flat_map(|check| check(around)).collect()
}

#[cfg(test)]
mod tests {
    use identity_emulator::Ready;

    use super::*;

    /// A shell after `eval "$(identity-emulator env)"`.
    fn prepared() -> Surroundings {
        let ready = Ready {
            https: "https://127.0.0.1:8443".to_owned(),
            http: "http://127.0.0.1:8080".to_owned(),
            ..Ready::default()
        };
        let mut around = Surroundings {
            emulator: Ok(ready),
            authority: Some(b"DER".to_vec()),
            trust_store: Some((
                "store.jks".to_owned(),
                Ok(b"\xFE\xED\xFE\xED..DER..".to_vec()),
            )),
            ..Surroundings::default()
        };
        for (name, value) in [
            ("AZURE_AUTHORITY_HOST", "https://localhost:8443"),
            ("AZURE_TENANT_ID", "t"),
            ("AZURE_CLIENT_ID", "c"),
            ("AZURE_CLIENT_SECRET", "s"),
            ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:8080"),
            ("HTTP_PROXY", "http://127.0.0.1:8080"),
            ("NO_PROXY", "localhost,127.0.0.1"),
        ] {
            around.variables.insert(name.to_owned(), value.to_owned());
        }
        for name in surroundings::PEM_FILES {
            around.handshakes.insert(name, Ok(()));
        }
        around
    }

    /// The checks that find a problem once `change` was made, with what they say.
    fn problems(change: impl FnOnce(&mut Surroundings)) -> Vec<(&'static str, String)> {
        let mut around = prepared();
        change(&mut around);
        let found = examine(&around).into_iter();
        let found = found.filter(|finding| finding.status == Status::Problem);
        found
            .map(|finding| (finding.check, finding.to_string()))
            .collect()
    }

    fn set(name: &str, value: &str) -> impl FnOnce(&mut Surroundings) {
        move |around| drop(around.variables.insert(name.to_owned(), value.to_owned()))
    }

    fn unset(name: &str) -> impl FnOnce(&mut Surroundings) {
        move |around| drop(around.variables.remove(name))
    }

    #[track_caller]
    fn assert_one(found: &[(&'static str, String)], check: &str, named: &str) {
        let [(found_check, text)] = found else {
            panic!("{found:?}")
        };
        assert!(*found_check == check && text.contains(named), "{text}");
    }

    #[test]
    fn a_prepared_shell_has_no_problem() {
        assert_eq!(problems(|_| ()), []);
    }

    #[test]
    fn each_thing_that_is_wrong_is_named() {
        let gone = |around: &mut Surroundings| around.emulator = Err("no emulator".to_owned());
        assert_one(&problems(gone), "emulator", "identity-emulator serve");
        let variable = "AZURE_AUTHORITY_HOST";
        assert_one(
            &problems(unset(variable)),
            "authority",
            "login.microsoftonline.com",
        );
        assert_one(
            &problems(set(variable, "http://127.0.0.1:8443")),
            "authority",
            "https",
        );
        assert_one(
            &problems(set(variable, "https://other")),
            "authority",
            "not this emulator",
        );
        assert_one(
            &problems(set("AZURE_CLIENT_SECRET", "")),
            "application",
            "unset",
        );
        assert_one(
            &problems(unset("AZURE_TENANT_ID")),
            "application",
            "AZURE_TENANT_ID",
        );
        assert_one(
            &problems(set("MSI_ENDPOINT", "http://10.0.0.1")),
            "host",
            "MSI_ENDPOINT",
        );
        let elsewhere = set("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://10.0.0.1");
        assert_one(&problems(elsewhere), "host", "http://127.0.0.1:8080");
    }

    #[test]
    fn trust_that_is_missing_is_a_problem_of_those_who_read_the_variable() {
        let stale = |around: &mut Surroundings| {
            around
                .handshakes
                .insert("REQUESTS_CA_BUNDLE", Err("UnknownIssuer".to_owned()));
        };
        assert_one(&problems(stale), "trust", "(Python, Azure CLI)");
        let other = |around: &mut Surroundings| around.authority = Some(b"another".to_vec());
        assert_one(&problems(other), "trust", "(Java)");
    }

    #[test]
    fn a_proxy_between_is_a_problem_unless_loopback_is_spared() {
        let proxy = "http://me:hush@proxy.example:3128";
        assert_eq!(problems(set("HTTPS_PROXY", proxy)), []);
        let found = problems(|around| {
            set("HTTPS_PROXY", proxy)(around);
            set("NO_PROXY", "corp.example")(around);
        });
        assert_one(&found, "proxy", "NO_PROXY=localhost,127.0.0.1,::1");
        assert!(!found[0].1.contains("hush"), "{found:?}");
        let metadata = "localhost,127.0.0.1,169.254.169.254";
        assert_one(
            &problems(set("NO_PROXY", metadata)),
            "proxy",
            "169.254.169.254",
        );
    }

    #[test]
    fn a_clock_that_is_far_off_and_a_name_that_leads_nowhere_are_problems() {
        let now = time::OffsetDateTime::UNIX_EPOCH;
        let late = |around: &mut Surroundings| {
            around.clock = Some((now + time::Duration::hours(1), now));
        };
        assert_one(&problems(late), "clock", "3600 s ahead");
        let led = |around: &mut Surroundings| {
            around.sign_in = Ok(vec!["127.0.0.1".parse().unwrap()]);
        };
        assert_one(&problems(led), "dns", "443");
        let answered = |around: &mut Surroundings| {
            led(around);
            around.sign_in_is_ours = true;
            unset("AZURE_AUTHORITY_HOST")(around);
        };
        assert_eq!(problems(answered), []);
    }
}
