//! Every case shows a requirement, and every requirement names cases that exist.

use std::path::Path;

use identity_conformance::case::load_folder;
use identity_conformance::requirement::{gaps, load};

#[test]
fn every_case_belongs_to_a_requirement_and_every_named_case_exists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = load_folder(&folder.join("cases")).expect("the cases");
    let rows = load(Some(&folder.join("requirements.toml"))).expect("the requirements");
    assert!(rows.len() >= 300, "{} rows", rows.len());
    let gaps = gaps(&rows, &cases);
    assert!(gaps.without_a_row.is_empty(), "{:?}", gaps.without_a_row);
    assert!(gaps.unknown_cases.is_empty(), "{:?}", gaps.unknown_cases);
}

/// A row may be written before its case, but a case may not be more binding than its rows.
#[test]
fn a_case_is_no_more_binding_than_its_requirement() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows = load(Some(&folder.join("requirements.toml"))).expect("the requirements");
    for file in load_folder(&folder.join("cases")).expect("the cases") {
        let levels = rows.iter().filter(|row| row.is_shown_by(&file.id));
        let most = levels.map(|row| row.level as u8).min();
        assert!(most <= Some(file.case.level as u8), "{}", file.id);
    }
}
