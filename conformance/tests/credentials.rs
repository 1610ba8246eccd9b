//! Every kind of credential is shown in every way it can go: what has no case has a reason.

mod credentials {
    pub(crate) mod class;
    pub(crate) mod exempt;
    pub(crate) mod subject;
}

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use identity_conformance::case::load_folder;

use self::credentials::class::{self, Class};
use self::credentials::exempt::EXEMPT;
use self::credentials::subject::{self, SUBJECTS};

type Cell = (&'static str, Class);

/// The cases that show each cell.
fn shown() -> BTreeMap<Cell, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut shown: BTreeMap<Cell, Vec<String>> = BTreeMap::new();
    for file in load_folder(&folder).expect("the cases") {
        for subject in subject::of(&file) {
            for class in class::of(&file.case) {
                let ids = shown.entry((subject, class)).or_default();
                ids.push(file.id.clone());
            }
        }
    }
    shown
}

/// The cells nothing is to be shown in, each with its reason.
fn exempt() -> BTreeMap<Cell, &'static str> {
    let rows = EXEMPT.iter().flat_map(|(subjects, classes, reason)| {
        let subjects = subjects.iter().flat_map(|&subject| subject::all(subject));
        let cells = subjects.flat_map(|subject| classes.iter().map(move |&class| (subject, class)));
        cells.map(|cell| (cell, *reason))
    });
    rows.collect()
}

#[test]
fn every_credential_is_shown_in_every_class_or_has_a_reason() {
    let (shown, exempt) = (shown(), exempt());
    let mut empty = Vec::new();
    for subject in SUBJECTS {
        for class in Class::ALL {
            let cell = (subject, class);
            if !shown.contains_key(&cell) && !exempt.contains_key(&cell) {
                empty.push(format!("{subject}: {class:?}"));
            }
        }
    }
    assert!(empty.is_empty(), "without a case:\n{}", empty.join("\n"));
}

#[test]
fn no_reason_is_given_for_what_there_is_a_case_for() {
    let shown = shown();
    let stale: Vec<_> = exempt()
        .into_iter()
        .filter(|((subject, _), _)| !SUBJECTS.contains(subject))
        .chain(
            exempt()
                .into_iter()
                .filter(|(cell, _)| shown.contains_key(cell)),
        )
        .map(|(cell, reason)| format!("{cell:?}, {reason:?}: {:?}", shown.get(&cell)))
        .collect();
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn every_kind_of_credential_is_a_subject() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let kinds: BTreeSet<String> = load_folder(&folder)
        .unwrap()
        .iter()
        .filter_map(|file| file.case.steps.iter().find_map(|step| step.credential()))
        .map(|credential| credential.kind().to_owned())
        .collect();
    let known: BTreeSet<String> = SUBJECTS
        .iter()
        .map(|subject| subject.split('/').next().unwrap_or(subject).to_owned())
        .collect();
    assert_eq!(kinds, known);
}

/// For people: `cargo test -p identity-conformance --test credentials -- --ignored --nocapture`.
#[test]
#[ignore = "prints the whole table"]
fn the_table_of_cases() {
    let (shown, exempt) = (shown(), exempt());
    for subject in SUBJECTS {
        println!("{subject}");
        for class in Class::ALL {
            let cell = (subject, class);
            let told = match (shown.get(&cell), exempt.get(&cell)) {
                (Some(ids), _) => ids.join(", "),
                (None, Some(reason)) => format!("- ({reason})"),
                (None, None) => "MISSING".to_owned(),
            };
            println!("  {class:?}: {told}");
        }
    }
}
