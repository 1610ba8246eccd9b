//! Faults with names.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Rule;

/// A fault with a name: the rules that play it.
///
/// `{ preset = "throttle-429" }` stands for them in `world.toml` and over `/_emulator/script`,
/// [`Script::preset`](super::Script::preset) puts them in place from Rust. What there is, is
/// listed in `emulator/PRESETS.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// Its purpose, in a sentence.
    pub about: String,
    /// Its rules.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

impl Preset {
    /// All that are shipped.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Preset>> = LazyLock::new(|| {
            let file = toml::from_str::<File>(include_str!("../../presets.toml"));
            let mut presets = file.expect("the presets shipped are well formed").presets;
            for preset in &mut presets {
                for rule in &mut preset.rules {
                    rule.preset = Some(preset.name.clone());
                }
            }
            presets
        });
        &ALL
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|preset| preset.name == name)
    }

    /// The one with this name, or a sentence with the names there are.
    pub(crate) fn required(name: &str) -> Result<&'static Self, String> {
        Self::named(name).ok_or_else(|| {
            let names: Vec<_> = Self::all().iter().map(|it| it.name.as_str()).collect();
            format!(
                "`preset`: there is no preset `{name}`; there are {}",
                names.join(", ")
            )
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "preset")]
    presets: Vec<Preset>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_has_a_name_of_its_own_a_sentence_and_rules() {
        for (index, preset) in Preset::all().iter().enumerate() {
            let name = &preset.name;
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(name.chars().all(plain), "{name}");
            assert!(preset.about.ends_with('.'), "{name}");
            assert!(!preset.rules.is_empty(), "{name}");
            let later = &Preset::all()[index + 1..];
            assert!(later.iter().all(|other| other.name != *name), "{name}");
            let labelled = |rule: &Rule| rule.preset.as_ref() == Some(name);
            assert!(preset.rules.iter().all(labelled), "{name}");
        }
    }
}
