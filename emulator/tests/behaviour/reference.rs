//! `ENDPOINTS.md` says what this build answers and which test shows it.
//!
//! It is made of [`Reference`] and of the tests beside this file: [`shown`](crate::shown) knows, and
//! proves, which of them show an endpoint, a grant and an error; what the journal does not tell, which
//! are findings and the emulator's own endpoints, is shown by those that name it.
//! `UPDATE_ENDPOINTS=1 cargo test -p identity-emulator reference` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use identity_emulator::{EndpointInfo, Invariant, Reference, Severity};

/// One test function, as text.
struct Test {
    /// `file::function`.
    name: String,
    body: String,
}

#[test]
fn the_page_is_what_the_code_and_the_tests_say() {
    let tests = tests();
    let page = page(&Reference::new(), &tests);
    let file = folder().join("ENDPOINTS.md");
    if std::env::var_os("UPDATE_ENDPOINTS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    for (number, (is, should)) in written.lines().zip(page.lines()).enumerate() {
        assert_eq!(
            is,
            should,
            "ENDPOINTS.md, line {}: set UPDATE_ENDPOINTS=1",
            number + 1
        );
    }
    let both = (written.lines().count(), page.lines().count());
    assert_eq!(
        both.0, both.1,
        "ENDPOINTS.md has too few or too many lines: set UPDATE_ENDPOINTS=1"
    );
}

#[test]
fn every_finding_is_shown_by_a_test() {
    let tests = tests();
    for invariant in Invariant::all() {
        let shown = shown_by(&tests, |test| names(test, invariant.id));
        assert!(!shown.is_empty(), "no test has {}", invariant.id);
    }
}

fn page(reference: &Reference, tests: &[Test]) -> String {
    let mut page = HEAD.to_owned();
    page += "\n## Endpoints\n\n| name | methods | path | for | shown by |\n|---|---|---|---|---|\n";
    for endpoint in &reference.endpoints {
        endpoint_row(&mut page, endpoint, &proven(endpoint.name));
    }
    page += "\n## The emulator itself\n\n| name | methods | path | for | shown by |\n|---|---|---|---|---|\n";
    for endpoint in &reference.control {
        let mut shown = shown_by(tests, |test| names_path(test, endpoint));
        shown.push(ALL);
        endpoint_row(&mut page, endpoint, &first(&shown));
    }
    page += "\n## Grants\n\n| `grant_type` | shown by |\n|---|---|\n";
    for grant in &reference.grants {
        let shown = proven(&format!("grant_type={grant}"));
        writeln!(page, "| `{grant}` | {shown} |").unwrap();
    }
    page += FINDINGS;
    for invariant in Invariant::all() {
        let severity = match invariant.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (id, about) = (invariant.id, invariant.about);
        let shown = first(&shown_by(tests, |test| names(test, id)));
        writeln!(page, "| `{id}` | {severity} | {about} | {shown} |").unwrap();
    }
    let count = reference.errors.len();
    write!(page, "\n## Errors\n\n{count} codes.\n\n| code | error | message | shown by |\n|---|---|---|---|\n").unwrap();
    for error in &reference.errors {
        let shown = proven(&format!("AADSTS{}", error.code));
        let text = error.text.replace('|', "\\|").replace('<', "\\<");
        let (code, name) = (error.code, error.error);
        writeln!(page, "| AADSTS{code} | `{name}` | {text} | {shown} |").unwrap();
    }
    page
}

const HEAD: &str = "# What the emulator answers

Made by a test (`tests/behaviour/reference.rs`) from the route table, the grants, the catalogue of
errors and the tests: change those, then run
`UPDATE_ENDPOINTS=1 cargo test -p identity-emulator reference`.

Names are those of journal entries and of rules of a script. Tests are in `tests/behaviour`; another
(`tests/behaviour/shown.rs`) runs those that show an endpoint, a grant or an error and looks into their
journals, so that each does what it is said to. An error
of the token endpoints comes as JSON, with status 401 if it is `invalid_client` and else 400; on the
sign-in pages it comes as a redirect or a page.
";

const FINDINGS: &str = "
## Findings

Entries of the journal have `findings` where the real service would refuse a request, or a reviewer
would frown at it. They change no answer. An error breaks a specification or gives a secret away, a
warning works and should be done differently.

| rule | severity | what it asks for | shown by |
|---|---|---|---|
";

/// Asks every endpoint there is, also those no other test names.
const ALL: &str = "endpoints::every_endpoint_is_there_under_its_name_with_every_method";

fn endpoint_row(page: &mut String, endpoint: &EndpointInfo, shown: &str) {
    let EndpointInfo {
        name,
        methods,
        path,
        about,
    } = endpoint;
    writeln!(
        page,
        "| `{name}` | {methods} | `{path}` | {about} | {shown} |"
    )
    .unwrap();
}

/// The test that shows it, as [`shown`](crate::shown) has proven.
fn proven(fact: &str) -> String {
    first(crate::shown::test_of(fact).as_slice())
}

fn first(names: &[&str]) -> String {
    names
        .first()
        .map(|name| format!("`{name}`"))
        .unwrap_or_default()
}

fn shown_by(tests: &[Test], names: impl Fn(&Test) -> bool) -> Vec<&str> {
    let shown = tests.iter().filter(|test| names(test));
    shown.map(|test| test.name.as_str()).collect()
}

/// Every part of the path that is no placeholder, in order.
fn names_path(test: &Test, endpoint: &EndpointInfo) -> bool {
    let fixed = endpoint
        .path
        .split('{')
        .map(|part| part.split_once('}').map_or(part, |it| it.1));
    let longest = fixed.max_by_key(|part| part.len()).unwrap_or_default();
    let body = test.body.to_ascii_lowercase();
    let mut hits = body.match_indices(longest);
    hits.any(|(at, _)| {
        !body[at + longest.len()..].starts_with(|c: char| {
            c.is_ascii_alphanumeric() || c == '/' && !endpoint.path.ends_with('}')
        })
    })
}

fn names(test: &Test, grant: &str) -> bool {
    test.body.contains(&format!("\"{grant}\""))
}

/// Every function of the tests, with the helpers of its file that it calls, in the order of files.
fn tests() -> Vec<Test> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder().join("tests/behaviour")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_test = path.extension().is_some_and(|kind| kind == "rs");
        if is_test && !matches!(name.as_str(), "main" | "support" | "reference") {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    let mut tests = Vec::new();
    for (file, text) in files {
        tests_of(&file, &text, &mut tests);
    }
    tests
}

fn tests_of(file: &str, text: &str, tests: &mut Vec<Test>) {
    let functions = functions(text);
    let constants: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("const "))
        .collect();
    for (name, body) in functions.iter().filter(|(_, body)| body.is_test) {
        let mut all = body.text.clone();
        for (helper, other) in functions.iter().filter(|(_, other)| !other.is_test) {
            if body.text.contains(&format!("{helper}(")) {
                all += &other.text;
            }
        }
        for constant in &constants {
            let called = constant
                .trim_start_matches("const ")
                .split(':')
                .next()
                .unwrap_or_default();
            if all.contains(called) {
                all += constant;
            }
        }
        tests.push(Test {
            name: format!("{file}::{name}"),
            body: all,
        });
    }
}

struct Body {
    is_test: bool,
    text: String,
}

/// Functions at the outer level, from their first line to the brace that ends them.
fn functions(text: &str) -> Vec<(String, Body)> {
    let mut found = Vec::new();
    let mut marked = false;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        marked |= line.trim().starts_with("#[tokio::test") || line.trim() == "#[test]";
        let start = line.trim_start().trim_start_matches("async ");
        let Some(rest) = start.strip_prefix("fn ") else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let name = rest.split(['(', '<']).next().unwrap_or_default().to_owned();
        let end = format!("{}}}", " ".repeat(indent));
        let mut body = line.to_owned();
        for line in lines.by_ref().take_while(|line| *line != end) {
            body.push('\n');
            body.push_str(line);
        }
        found.push((
            name,
            Body {
                is_test: std::mem::take(&mut marked),
                text: body,
            },
        ));
    }
    found
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
