//! Every preset of the emulator has a case that shows what it does to clients.

use std::collections::BTreeSet;
use std::path::Path;

use identity_conformance::case::load_folder;
use identity_emulator::Preset;

#[test]
fn every_preset_of_the_emulator_is_used_by_a_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let cases = load_folder(&folder).unwrap();
    let rules = cases.iter().flat_map(|file| &file.case.world.script);
    let used: BTreeSet<_> = rules.filter_map(|rule| rule.preset.as_deref()).collect();
    let all: BTreeSet<_> = Preset::all()
        .iter()
        .map(|preset| preset.name.as_str())
        .collect();
    let idle: Vec<_> = all.difference(&used).collect();
    assert!(idle.is_empty(), "without a case: {idle:?}");
}
