//! Programs that say `DefaultAzureCredential()` and nothing else, under `exec`.

use std::path::PathBuf;
use std::process::Command;

use libtest_mimic::Trial;

use crate::place::{installed, source, trial};

const PROGRAM: &str = env!("CARGO_BIN_EXE_identity-emulator");
/// The system-assigned identity of the world's virtual machine.
const MACHINE: &str = "cccccccc-0000-4000-8000-000000000001";
/// That of its App Service.
const APP_SERVICE: &str = "cccccccc-0000-4000-8000-000000000011";
/// Its default application.
const DAEMON: &str = "bbbbbbbb-0000-4000-8000-000000000001";

/// What `exec` is told, and who the program turns out to be.
const WAYS: &[(&str, &[&str], &str)] = &[
    ("on_a_virtual_machine", &[], MACHINE),
    ("in_app_service", &["--host", "app-service"], APP_SERVICE),
    (
        "behind_the_proxy_with_instance_discovery",
        &["--proxy", "--others", "refuse"],
        DAEMON,
    ),
];

pub(crate) fn trials() -> Vec<Trial> {
    let apps = || [App::python(), App::node()].into_iter();
    let mut trials: Vec<_> = WAYS
        .iter()
        .flat_map(|way| apps().map(move |app| (app, way)))
        .map(|(app, &(way, flags, who))| {
            let name = format!("{}_under_exec_{way}", app.language);
            trial(&name, &installed("sdks"), move || {
                assert_eq!(app.identity(flags), who);
            })
        })
        .collect();
    trials.push(keytool());
    trials
}

struct App {
    language: &'static str,
    program: PathBuf,
    script: PathBuf,
}

impl App {
    fn python() -> Self {
        Self {
            language: "python",
            program: installed("python/bin/python"),
            script: source("apps/app.py"),
        }
    }

    fn node() -> Self {
        Self {
            language: "node",
            program: installed("node-sdk/node_modules/.bin/node"),
            script: source("apps/app.cjs"),
        }
    }

    /// Whose token the program gets, by its claim `appid`.
    fn identity(&self, flags: &[&str]) -> String {
        let home = tempfile::tempdir().unwrap();
        let output = Command::new(PROGRAM)
            .arg("exec")
            .args(flags)
            .arg("--")
            .arg(&self.program)
            .arg(&self.script)
            .env("HOME", home.path())
            .env("NODE_PATH", installed("node-sdk/node_modules"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }
}

/// Java's own tool reads the trust store, and its check against damage.
fn keytool() -> Trial {
    let found = std::env::var_os("PATH").and_then(|path| {
        let mut folders = std::env::split_paths(&path);
        folders.find(|folder| folder.join("keytool").exists())
    });
    let test = Trial::test("keytool_reads_the_trust_store", || {
        list_with_keytool();
        Ok(())
    });
    if found.is_some() {
        return test;
    }
    test.with_kind("ignored: no JDK on this machine")
        .with_ignored_flag(true)
}

fn list_with_keytool() {
    let emulator = tempfile::tempdir().unwrap();
    let script = r#"store=$(echo "$JAVA_TOOL_OPTIONS" | sed 's/.*trustStore=\([^ ]*\).*/\1/')
        keytool -list -keystore "$store" -storepass changeit -alias identity-emulator"#;
    let output = Command::new(PROGRAM)
        .args(["exec", "--", "sh", "-c", script])
        .env("TMPDIR", emulator.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("trustedCertEntry"), "{text}");
}
