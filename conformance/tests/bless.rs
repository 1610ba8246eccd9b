//! `bless` on a copy of the checkout: the next run accepts what it writes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A root with one case that passes, one that fails, and the `rust` implementation.
struct Checkout {
    folder: tempfile::TempDir,
}

impl Checkout {
    fn new(known: &str) -> Self {
        let checkout = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let right = here.join("cases/environment/nothing_set.toml");
        let right = std::fs::read_to_string(right).expect("the case is there");
        let wrong = right.replace("\"unavailable\"", "\"config\"");
        let rust = here.join("impls/rust/impl.toml");
        let rust = std::fs::read_to_string(rust).expect("the implementation is there");
        for (name, text) in [
            ("cases/right.toml", right.as_str()),
            ("cases/wrong.toml", wrong.as_str()),
            ("impls/rust/impl.toml", rust.as_str()),
            ("impls/rust/known.toml", known),
        ] {
            let path = checkout.root().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        checkout
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("conformance")
    }

    fn known(&self) -> String {
        std::fs::read_to_string(self.root().join("impls/rust/known.toml")).unwrap_or_default()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_identity-conformance"))
            .arg("--root")
            .arg(self.root())
            .args(arguments)
            .env("CARGO_TARGET_DIR", self.folder.path())
            .output()
            .expect("the program starts")
    }

    fn exit_code(&self, arguments: &[&str]) -> Option<i32> {
        self.run(arguments).status.code()
    }
}

const RUN: &[&str] = &["run", "--impl", "rust"];

#[test]
fn bless_adds_a_new_failure_and_a_run_then_refuses_it_without_a_reason() {
    let checkout = Checkout::new("# about this file\n");
    assert_eq!(checkout.exit_code(RUN), Some(1));
    assert_eq!(
        checkout.exit_code(&["run", "--impl", "rust", "--no-fail"]),
        Some(0)
    );
    assert_eq!(checkout.exit_code(&["bless"]), Some(0));
    assert_eq!(
        checkout.known(),
        "# about this file\n[[known]]\ncase = \"wrong\"\ncheck = \"step.1.error.kind\"\n\
         reason = \"\"\nkind = \"fails\"\n"
    );
    let refused = checkout.run(RUN);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("gives no reason"));
    let explained = checkout
        .known()
        .replace("reason = \"\"", "reason = \"it does\"");
    let file = checkout.root().join("impls/rust/known.toml");
    std::fs::write(file, explained).expect("a file");
    assert_eq!(checkout.exit_code(RUN), Some(0));
}

#[test]
fn a_stale_entry_fails_the_run_and_bless_drops_it() {
    let entry = |case: &str| format!("[[known]]\ncase = \"{case}\"\nreason = \"r\"\n");
    let checkout = Checkout::new(&format!("{}{}", entry("right"), entry("wrong")));
    let run = checkout.run(RUN);
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&run.stdout).contains("STALE: rust right"));
    assert_eq!(checkout.exit_code(&["bless"]), Some(0));
    assert!(!checkout.known().contains("right"), "{}", checkout.known());
    assert!(checkout.known().contains("wrong"), "{}", checkout.known());
    assert_eq!(checkout.exit_code(RUN), Some(0));
}

#[test]
fn bless_removes_a_file_whose_last_entry_is_stale() {
    let checkout = Checkout::new("[[known]]\ncase = \"right\"\nreason = \"r\"\n");
    std::fs::remove_file(checkout.root().join("cases/wrong.toml")).expect("it was there");
    assert_eq!(checkout.exit_code(RUN), Some(1));
    assert_eq!(checkout.exit_code(&["bless"]), Some(0));
    assert!(!checkout.root().join("impls/rust/known.toml").exists());
}

#[test]
fn an_entry_for_a_case_that_does_not_apply_is_pointless() {
    let checkout = Checkout::new("[[known]]\ncase = \"wrong\"\nreason = \"r\"\n");
    let impls = checkout.root().join("impls/rust/impl.toml");
    // A driver that can do nothing, so that no case applies to it.
    let hello = r#"{"id":1,"driver":{"name":"n","version":"0","language":"sh"},"can":[]}"#;
    let text = format!(
        "title = 't'\nkind = 'process'\ncommand = ['/bin/sh', '-c', '''read line; echo '{hello}'; \
         read line; exit 0''']\n"
    );
    std::fs::write(impls, text).expect("a file");
    let run = checkout.run(RUN);
    assert_eq!(run.status.code(), Some(1));
    let report = String::from_utf8_lossy(&run.stdout);
    assert!(report.contains("POINTLESS: rust wrong"), "{report}");
    assert!(!report.contains("not applicable rust"), "{report}");
    assert!(report.contains("1 not applicable"), "{report}");
}
