//! The verdict on a case: from its outcome and its known failures to what that means for the run.

use serde::{Deserialize, Serialize};

use crate::case::Level;
use crate::implementation::{Known, KnownKind};

/// How a case ended, whether that was known or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every check is green.
    Pass,
    /// A check is red.
    Fail,
    /// The driver process ended or broke the protocol.
    Crash,
    /// The driver did not answer.
    Hang,
    /// It lacks a capability it had declared.
    Unsupported,
    /// It never claimed a capability the case needs.
    NotApplicable,
    /// The case was not run, because it is known to hang.
    NotRun,
    /// The case was not run, because it waits for long and nobody asked for that.
    LeftOut,
    /// The harness or the emulator failed.
    Fault,
}

/// The meaning of an outcome for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// Failed as `known.toml` says.
    Known,
    /// Failed, but the case is a `may`: reported only.
    Noted,
    /// Does not apply.
    NotApplicable,
    /// Was left out, because it waits for long.
    NotRun,
    /// Failed, and no entry of `known.toml` says so.
    Unexpected,
    /// Passed although `known.toml` says it fails: the entry must go.
    Stale,
    /// `known.toml` has an entry for a case that does not apply.
    Pointless,
    /// The harness itself failed.
    Fault,
}

impl Verdict {
    /// Every verdict, in the order of the summary.
    pub const ALL: [Self; 9] = [
        Self::Passed,
        Self::Known,
        Self::Noted,
        Self::Unexpected,
        Self::Stale,
        Self::Pointless,
        Self::Fault,
        Self::NotApplicable,
        Self::NotRun,
    ];

    /// The exit code this alone would give a run.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Passed | Self::Known | Self::Noted | Self::NotApplicable | Self::NotRun => 0,
            Self::Unexpected | Self::Stale | Self::Pointless => 1,
            Self::Fault => 2,
        }
    }

    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Known => "known",
            Self::Noted => "noted",
            Self::NotApplicable => "not applicable",
            Self::NotRun => "not run",
            Self::Unexpected => "unexpected",
            Self::Stale => "stale",
            Self::Pointless => "pointless",
            Self::Fault => "fault",
        }
    }
}

/// Judges one case: how it ended, which checks are red, and the entries that name it.
pub fn judge(outcome: &Outcome, red: &[&str], level: Level, known: &[&Known]) -> Verdict {
    match outcome {
        Outcome::Fault => Verdict::Fault,
        Outcome::NotApplicable if known.is_empty() => Verdict::NotApplicable,
        Outcome::NotApplicable => Verdict::Pointless,
        Outcome::NotRun => Verdict::Known,
        Outcome::LeftOut => Verdict::NotRun,
        Outcome::Pass => after_pass(known),
        Outcome::Fail | Outcome::Crash | Outcome::Hang | Outcome::Unsupported => {
            after_failure(outcome, red, level, known)
        }
    }
}

fn after_pass(known: &[&Known]) -> Verdict {
    let stale = known.iter().any(|entry| entry.kind != KnownKind::Flaky);
    if stale {
        Verdict::Stale
    } else {
        Verdict::Passed
    }
}

fn after_failure(outcome: &Outcome, red: &[&str], level: Level, known: &[&Known]) -> Verdict {
    if *outcome == Outcome::Unsupported && known.iter().any(|k| k.kind == KnownKind::Flaky) {
        // Whether a capability is there does not change from run to run.
        return Verdict::Unexpected;
    }
    let excused = |check: &&str| known.iter().any(|entry| entry.excuses(check));
    if !red.iter().all(excused) {
        return if level == Level::May {
            Verdict::Noted
        } else {
            Verdict::Unexpected
        };
    }
    let idle = known.iter().any(|entry| {
        entry.kind == KnownKind::Fails && !red.iter().any(|check| entry.excuses(check))
    });
    if idle { Verdict::Stale } else { Verdict::Known }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: KnownKind, check: Option<&str>) -> Known {
        Known {
            case: "a/b".to_owned(),
            check: check.map(str::to_owned),
            reason: "because".to_owned(),
            link: None,
            kind,
        }
    }

    const OUTCOMES: [Outcome; 8] = [
        Outcome::Pass,
        Outcome::Fail,
        Outcome::Crash,
        Outcome::Hang,
        Outcome::Unsupported,
        Outcome::NotApplicable,
        Outcome::LeftOut,
        Outcome::Fault,
    ];

    /// The table of the design, one row for each outcome: not listed, `fails`, `flaky`.
    #[test]
    fn every_outcome_with_every_kind_of_entry_has_its_designed_verdict() {
        use Verdict::*;
        let table = [
            [Passed, Stale, Passed],
            [Unexpected, Known, Known],
            [Unexpected, Known, Known],
            [Unexpected, Known, Known],
            [Unexpected, Known, Unexpected],
            [NotApplicable, Pointless, Pointless],
            [NotRun, NotRun, NotRun],
            [Fault, Fault, Fault],
        ];
        let fails = entry(KnownKind::Fails, None);
        let flaky = entry(KnownKind::Flaky, None);
        let columns: [&[&super::Known]; 3] = [&[], &[&fails], &[&flaky]];
        for (outcome, row) in OUTCOMES.iter().zip(table) {
            let red: &[&str] = if *outcome == Outcome::Pass {
                &[]
            } else {
                &["x.count"]
            };
            for (known, wanted) in columns.iter().zip(row) {
                let verdict = judge(outcome, red, Level::Must, known);
                assert_eq!(verdict, wanted, "{outcome:?} with {known:?}");
            }
        }
    }

    #[test]
    fn should_gates_as_must_does_and_may_never_gates() {
        for (level, wanted) in [
            (Level::Must, Verdict::Unexpected),
            (Level::Should, Verdict::Unexpected),
            (Level::May, Verdict::Noted),
        ] {
            assert_eq!(judge(&Outcome::Fail, &["x"], level, &[]), wanted);
        }
        assert_eq!(Verdict::Noted.exit_code(), 0);
    }

    #[test]
    fn an_entry_for_one_check_excuses_only_that_check() {
        let one = entry(KnownKind::Fails, Some("x.count"));
        let judge = |red: &[&str]| judge(&Outcome::Fail, red, Level::Must, &[&one]);
        assert_eq!(judge(&["x.count"]), Verdict::Known);
        assert_eq!(judge(&["x.count", "y.count"]), Verdict::Unexpected);
        assert_eq!(judge(&["y.count"]), Verdict::Unexpected);
    }

    #[test]
    fn an_entry_whose_check_went_green_is_stale_while_another_still_fails() {
        let (x, y) = (
            entry(KnownKind::Fails, Some("x")),
            entry(KnownKind::Fails, Some("y")),
        );
        assert_eq!(
            judge(&Outcome::Fail, &["x"], Level::Must, &[&x, &y]),
            Verdict::Stale
        );
    }

    #[test]
    fn a_case_known_to_hang_is_not_run_and_is_known() {
        let hangs = entry(KnownKind::Hangs, None);
        assert_eq!(
            judge(&Outcome::NotRun, &[], Level::Must, &[&hangs]),
            Verdict::Known
        );
        assert_eq!(
            judge(&Outcome::NotApplicable, &[], Level::Must, &[&hangs]),
            Verdict::Pointless
        );
    }

    #[test]
    fn exit_codes_follow_the_verdicts() {
        let codes: Vec<u8> = Verdict::ALL
            .iter()
            .map(|verdict| verdict.exit_code())
            .collect();
        assert_eq!(codes, [0, 0, 0, 1, 1, 1, 2, 0, 0]);
    }
}
