//! Scripted answers: what the next requests of an endpoint get instead of the truth.

mod cast;
mod document;
mod matching;
mod preset;
mod reply;
mod rule;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use time::{Duration, OffsetDateTime};

use crate::base::config_error::ConfigError;
use crate::base::sync::lock;
use crate::exchange::request::Call;

pub use cast::Cast;
pub use document::Rules;
pub use matching::{FieldCondition, When};
pub use preset::Preset;
pub use reply::{Drip, Reply};
pub use rule::Rule;

/// The rules still in force, first come first served; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Script(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Whether there is any rule: a request asks only this where there is none.
    armed: AtomicBool,
    rules: Mutex<Vec<Active>>,
}

/// A rule with what has come of it.
#[derive(Debug)]
struct Active {
    rule: Rule,
    /// When its time is over, once it has begun.
    until: Option<OffsetDateTime>,
}

impl Script {
    /// Adds a rule after those already there.
    ///
    /// # Errors
    /// A rule that cannot be carried out: an endpoint that does not exist, a status or header that
    /// is none, two bodies. The error names the key.
    pub fn push(&self, rule: Rule) -> Result<(), ConfigError> {
        self.extend([rule])
    }

    /// Adds all of these rules in order, or none.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn extend(&self, rules: impl IntoIterator<Item = Rule>) -> Result<(), ConfigError> {
        let rules = checked(rules)?;
        self.change(|active| active.extend(rules));
        Ok(())
    }

    /// Puts these rules in place of all there are, or leaves all as it is.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn replace(&self, rules: impl IntoIterator<Item = Rule>) -> Result<(), ConfigError> {
        let rules = checked(rules)?;
        self.change(|active| *active = rules);
        Ok(())
    }

    /// Plays a fault by its name, from its beginning if it is playing already.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = identity_emulator::Emulator::builder().start().await?;
    /// emulator.script().preset("throttle-429")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// A name that no [`Preset`] has.
    pub fn preset(&self, name: &str) -> Result<(), ConfigError> {
        let preset = Preset::required(name).map_err(ConfigError::new)?;
        let rules = checked(preset.rules.iter().cloned())?;
        self.change(|active| {
            active.retain(|one| one.rule.preset.as_deref() != Some(name));
            active.extend(rules);
        });
        Ok(())
    }

    /// Takes back what is left of a preset. False if there was nothing left.
    pub fn end_preset(&self, name: &str) -> bool {
        self.change(|active| {
            let before = active.len();
            active.retain(|one| one.rule.preset.as_deref() != Some(name));
            active.len() < before
        })
    }

    /// Forgets every rule.
    pub fn clear(&self) {
        self.change(Vec::clear);
    }

    /// The rules still in force, with the number of answers each has left. A rule whose time is
    /// over is among them until the next request it is about.
    pub fn remaining(&self) -> Vec<Rule> {
        self.change(|active| active.iter().map(|one| one.rule.clone()).collect())
    }

    /// Uses up one answer of the first rule for this request. Decides under the lock and gives the
    /// reply out of it, for its delay must hold up nobody else.
    pub(crate) fn take(&self, endpoint: &str, call: &Call) -> Option<Reply> {
        if !self.0.armed.load(Ordering::Acquire) {
            return None;
        }
        self.change(|active| {
            active.retain(|one| one.until.is_none_or(|until| call.at < until));
            let index = active.iter_mut().position(|one| {
                one.rule.fits(endpoint, call) && {
                    let passes = one.rule.skip > 0;
                    one.rule.skip = one.rule.skip.saturating_sub(1);
                    !passes
                }
            })?;
            let one = &mut active[index];
            if let (Some(seconds), None) = (one.rule.for_s, one.until) {
                one.until = Some(call.at.saturating_add(Duration::seconds(seconds.into())));
            }
            if one.rule.times == 1 {
                return Some(active.remove(index).rule.reply);
            }
            if one.rule.times != Rule::ALWAYS {
                one.rule.times -= 1;
            }
            Some(one.rule.reply.clone())
        })
    }

    fn change<T>(&self, act: impl FnOnce(&mut Vec<Active>) -> T) -> T {
        let mut rules = lock(&self.0.rules);
        let outcome = act(&mut rules);
        self.0.armed.store(!rules.is_empty(), Ordering::Release);
        outcome
    }
}

fn checked(rules: impl IntoIterator<Item = Rule>) -> Result<Vec<Active>, ConfigError> {
    let active = |rule: Rule| {
        rule.check()?;
        Ok(Active { rule, until: None })
    };
    rules.into_iter().map(active).collect()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::base::random::Random;

    fn rule(on: &str, times: u32) -> Rule {
        let reply = Reply {
            status: Some(503),
            ..Reply::default()
        };
        Rule {
            times,
            ..Rule::new(on, reply)
        }
    }

    /// A request `after` that many seconds.
    fn call(after: i64) -> Call {
        let (mut parts, ()) = Request::get("/x").body(()).unwrap().into_parts();
        let at = OffsetDateTime::UNIX_EPOCH + Duration::seconds(after);
        Call::new(
            &mut parts,
            b"",
            &crate::exchange::request::Listener::LOCAL,
            at,
            &Random::new(Some(1)),
        )
    }

    fn takes(script: &Script, endpoint: &str) -> bool {
        script.take(endpoint, &call(0)).is_some()
    }

    #[test]
    fn rules_are_used_up_in_order() {
        let script = Script::default();
        script.push(rule("imds.token", 2)).unwrap();
        script.push(rule("entra.*", 1)).unwrap();
        assert!(takes(&script, "entra.keys"));
        assert!(!takes(&script, "entra.keys"));
        assert!(takes(&script, "imds.token"));
        assert_eq!(script.remaining(), [rule("imds.token", 1)]);
        assert!(takes(&script, "imds.token"));
        assert!(script.remaining().is_empty());
    }

    #[test]
    fn a_rule_may_begin_with_a_later_call_and_go_on_for_ever() {
        let script = Script::default();
        let third = Rule {
            skip: 2,
            ..rule("imds.token", Rule::ALWAYS)
        };
        script.push(third).unwrap();
        let taken: Vec<_> = (0..5).map(|_| takes(&script, "imds.token")).collect();
        assert_eq!(taken, [false, false, true, true, true]);
        assert!(!takes(&script, "entra.keys"));
    }

    #[test]
    fn a_rule_may_end_some_time_after_its_first_answer() {
        let script = Script::default();
        let limited = Rule {
            for_s: Some(70),
            ..rule("imds.token", Rule::ALWAYS)
        };
        script.push(limited).unwrap();
        let mut takes = |after| script.take("imds.token", &call(after)).is_some();
        assert_eq!(
            [100, 169, 170, 100].map(&mut takes),
            [true, true, false, false]
        );
        assert!(script.remaining().is_empty());
    }

    #[test]
    fn a_preset_begins_again_and_is_taken_back_by_its_name() {
        let script = Script::default();
        script.push(rule("imds.token", 1)).unwrap();
        script.preset("throttle-429").unwrap();
        assert!(takes(&script, "entra.token"));
        script.preset("throttle-429").unwrap();
        assert_eq!(
            script.remaining()[1..],
            Preset::named("throttle-429").unwrap().rules
        );
        assert!(script.end_preset("throttle-429"));
        assert!(!script.end_preset("throttle-429"));
        assert_eq!(script.remaining(), [rule("imds.token", 1)]);
        assert!(
            script
                .preset("throttle")
                .unwrap_err()
                .to_string()
                .contains("throttle-429")
        );
    }

    #[test]
    fn of_several_rules_all_are_taken_or_none() {
        let script = Script::default();
        let rules = || [rule("imds.token", 1), rule("nowhere", 1)];
        assert!(script.extend(rules()).is_err());
        assert!(script.remaining().is_empty());
        script.push(rule("imds.token", 3)).unwrap();
        assert!(script.replace(rules()).is_err());
        assert_eq!(script.remaining().len(), 1);
        script.replace([]).unwrap();
        assert!(!takes(&script, "imds.token"));
    }
}
