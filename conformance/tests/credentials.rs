//! Every kind of credential is shown in every way it can go: what has no case has a reason.

mod credentials {
    pub(crate) mod class;
    pub(crate) mod exempt;
    pub(crate) mod subject;
}

use std::collections::BTreeSet;
use std::path::Path;

use identity_conformance::case::load_folder;

use self::credentials::class::{self, Class};
use self::credentials::exempt::EXEMPT;
use self::credentials::subject::{self, SUBJECTS};

type Cell = (&'static str, Class);

/// Each cell that a case shows, with the id of the case.
fn shown() -> Vec<(Cell, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut shown = Vec::new();
    for file in load_folder(&folder).expect("the cases") {
        for subject in subject::of(&file) {
            let classes = class::of(&file.case).into_iter();
            shown.extend(classes.map(|class| ((subject, class), file.id.clone())));
        }
    }
    shown
}

/// The cells that need no case, each with the reason.
fn exempt() -> Vec<(Cell, &'static str)> {
    let rows = EXEMPT.iter().flat_map(|(subjects, classes, reason)| {
        let subjects = subjects.iter().flat_map(|&subject| subject::all(subject));
        let cells = subjects.flat_map(|subject| classes.iter().map(move |&class| (subject, class)));
        cells.map(|cell| (cell, *reason))
    });
    rows.collect()
}

/// The rows of one cell.
fn within<T>(rows: &[(Cell, T)], cell: Cell) -> Vec<&T> {
    let rows = rows.iter().filter(|(other, _)| *other == cell);
    rows.map(|(_, what)| what).collect()
}

#[test]
fn every_credential_has_a_case_in_every_class_or_a_reason() {
    let (shown, exempt) = (shown(), exempt());
    let mut empty = Vec::new();
    for subject in SUBJECTS {
        for class in Class::all() {
            let cell = (subject, class);
            if within(&shown, cell).is_empty() && within(&exempt, cell).is_empty() {
                empty.push(format!("{subject}: {class:?}"));
            }
        }
    }
    assert!(empty.is_empty(), "without a case:\n{}", empty.join("\n"));
}

#[test]
fn a_cell_with_a_case_has_no_reason_for_being_empty() {
    let (shown, exempt) = (shown(), exempt());
    let mut stale = Vec::new();
    for (cell, reason) in exempt {
        let ids = within(&shown, cell);
        if !SUBJECTS.contains(&cell.0) || !ids.is_empty() {
            stale.push(format!("{cell:?}, {reason:?}: {ids:?}"));
        }
    }
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
        for class in Class::all() {
            let cell = (subject, class);
            let ids = within(&shown, cell).into_iter().map(String::as_str);
            let cell_text = match (&*ids.collect::<Vec<_>>(), &*within(&exempt, cell)) {
                ([], []) => "MISSING".to_owned(),
                ([], [reason, ..]) => format!("- ({reason})"),
                (ids, _) => ids.join(", "),
            };
            println!("  {class:?}: {cell_text}");
        }
    }
}
