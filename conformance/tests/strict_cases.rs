//! A wrong case file is refused with the place of the error and what would be right there.

use std::path::Path;

use identity_conformance::case::CaseFile;

const RIGHT: &str = r#"title = "t"
source = ["https://example.com/"]
level = "must"
needs = ["credential.environment"]

[[step]]
do = "token"
credential = { kind = "environment" }
scopes = ["s/.default"]
expect = { error = { kind = "unavailable" } }

[[expect.request]]
to = "entra.token"
form = { scope = "s/.default" }
"#;

fn error_after(from: &str, to: &str) -> String {
    assert!(RIGHT.contains(from), "{from} is in the case");
    let text = RIGHT.replacen(from, to, 1);
    CaseFile::parse("case", Path::new("area/case.toml"), &text)
        .expect_err("a wrong case")
        .to_string()
}

#[test]
fn the_unchanged_case_is_accepted() {
    assert_eq!(
        CaseFile::parse("case", Path::new("case.toml"), RIGHT)
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_typo_names_the_file_the_line_the_key_and_the_keys_there_are() {
    for (from, to, line, wanted) in [
        (
            "title",
            "titel",
            1,
            "unknown field `titel`, expected one of `title`",
        ),
        (
            "form =",
            "from =",
            14,
            "unknown field `from`, expected one of `to`",
        ),
        ("scopes", "scope", 9, "unknown field `scope`"),
        (
            "level = \"must\"",
            "level = \"mast\"",
            3,
            "unknown variant `mast`",
        ),
        (
            "do = \"token\"",
            "do = \"tokn\"",
            7,
            "unknown variant `tokn`",
        ),
        (
            "kind = \"environment\"",
            "kind = \"enviroment\"",
            8,
            "unknown variant `enviroment`",
        ),
        ("error =", "eror =", 10, "unknown variant `eror`"),
    ] {
        let error = error_after(from, to);
        assert!(error.starts_with("area/case.toml: "), "{error}");
        assert!(
            error.contains(&format!("line {line},")),
            "{to}: line {line} in {error}"
        );
        assert!(error.contains(wanted), "{to}: {wanted:?} in {error}");
    }
}

#[test]
fn an_unknown_operator_is_answered_with_the_operators() {
    let error = error_after("scope = \"s/.default\"", "scope = { is = \"s\" }");
    assert!(
        error.contains("unknown operator `is`; the operators are: absent, present"),
        "{error}"
    );
    assert!(error.contains("line 14,"), "{error}");
}

#[test]
fn an_unknown_need_is_answered_with_the_capabilities() {
    let error = error_after("credential.environment", "credential.enviroment");
    assert!(
        error.contains("unknown need `credential.enviroment`"),
        "{error}"
    );
    assert!(error.contains("credential.client_secret"), "{error}");
}

#[test]
fn an_unknown_placeholder_is_answered_with_the_names() {
    let error = error_after("s/.default", "{reource}/.default");
    assert!(error.contains("line 9: unknown name {reource}"), "{error}");
}

#[test]
fn an_unknown_kind_of_error_is_answered_with_the_kinds() {
    let error = error_after("kind = \"unavailable\"", "kind = \"not_there\"");
    assert!(error.contains("unknown kind `not_there`"), "{error}");
    assert!(error.contains("unavailable, rejected"), "{error}");
}

#[test]
fn a_step_can_only_be_compared_with_an_earlier_one() {
    let to = "expect = { token = { same_as = \"step.1\" } }";
    let error = error_after("expect = { error = { kind = \"unavailable\" } }", to);
    assert!(
        error.contains("`step.1` must be an earlier step"),
        "{error}"
    );
}

#[test]
fn a_step_ends_in_a_token_or_an_error_and_not_in_both() {
    let to = "expect = { token = {}, error = { kind = \"rejected\" } }";
    error_after("expect = { error = { kind = \"unavailable\" } }", to);
    error_after(
        "expect = { error = { kind = \"unavailable\" } }",
        "expect = {}",
    );
}

#[test]
fn a_step_takes_what_belongs_to_it_and_nothing_else() {
    let error = error_after("do = \"token\"", "do = \"tokens\"");
    assert!(error.contains("a `tokens` step needs `n`"), "{error}");
    let error = error_after("do = \"token\"", "do = \"token\"\nms = 3");
    assert!(error.contains("a `token` step takes no `ms`"), "{error}");
}

#[test]
fn an_expectation_that_needs_a_capability_must_declare_it() {
    let to = "kind = \"unavailable\", attempts = [\"A\"]";
    let error = error_after("kind = \"unavailable\"", to);
    assert!(error.contains("needs `error.attempts`"), "{error}");
}

#[test]
fn a_step_that_needs_a_capability_must_declare_it() {
    let error = error_after("do = \"token\"", "do = \"token\"\nenable_cae = true");
    assert!(error.contains("needs `option.enable_cae`"), "{error}");
    let later = "[[step]]\ndo = \"later\"\nseconds = 60\n[[step]]";
    let error = error_after("[[step]]", later);
    assert!(error.contains("a `later` step needs `clock`"), "{error}");
    let error = error_after("[[step]]", &later.replace("seconds = 60", ""));
    assert!(error.contains("a `later` step needs `seconds`"), "{error}");
}

#[test]
fn or_waits_ms_is_for_the_last_step_and_waits_s_stays_below_timeout_s() {
    let to = "kind = \"unavailable\", or_waits_ms = 9";
    let text = RIGHT.replacen("kind = \"unavailable\"", to, 1);
    assert!(CaseFile::parse("case", Path::new("case.toml"), &text).is_ok());
    let goes_on = format!("{to} }} }}\n[[step]]\ndo = \"restart\"\n#");
    let error = error_after("kind = \"unavailable\"", &goes_on);
    assert!(
        error.contains("or_waits_ms is for the last step"),
        "{error}"
    );
    let error = error_after("kind = \"unavailable\"", &format!("{to}0000"));
    assert!(
        error.contains("or_waits_ms must be from 1 to 20000"),
        "{error}"
    );
    for waits in ["waits_s = 0", "waits_s = 9\ntimeout_s = 9"] {
        let error = error_after("level = \"must\"", &format!("level = \"must\"\n{waits}"));
        assert!(error.contains("waits_s must be 1 or more"), "{error}");
    }
}

#[test]
fn an_invalid_script_is_refused_with_the_key_and_the_reason() {
    for (script, wanted) in [
        (
            "preset = \"throttle\"",
            "there is no preset `throttle`; there are imds-404-then-ok",
        ),
        ("preset = \"throttle-429\"\ntimes = 2", "missing field `on`"),
        ("on = \"imds.tokn\"\nreply = {}", "`on`: no such endpoint"),
        (
            "on = \"imds.token\"\nreply = { stats = 1 }",
            "unknown field `stats`",
        ),
        (
            "on = \"imds.token\"\nreply = { drop = true, body = \"a\" }",
            "`reply.body`",
        ),
    ] {
        let to = format!("[[world.script]]\n{script}\n[[step]]");
        let error = error_after("[[step]]", &to);
        assert!(error.contains(wanted), "{error}");
        let has_line = (6..=9).any(|line| error.contains(&format!("line {line},")));
        assert!(has_line, "{error}");
    }
}

#[test]
fn an_unknown_finding_is_answered_with_the_findings() {
    let error = error_after(
        "[[expect.request]]",
        "[expect]\nfindings = [\"ropc\"]\n[[expect.request]]",
    );
    assert!(error.contains("unknown finding `ropc`"), "{error}");
    assert!(error.contains("password_grant"), "{error}");
}
