//! Claims matching expressions of flexible federated identity credentials:
//! `claims['sub'] matches 'repo:contoso/*' and claims['job_workflow_ref'] eq '…'`.

use serde_json::{Map, Value};

/// Conditions that all have to hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MatchExpression(Vec<Condition>);

#[derive(Debug, PartialEq, Eq)]
struct Condition {
    claim: String,
    operator: Operator,
    value: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Operator {
    Eq,
    Matches,
}

impl MatchExpression {
    /// Reads one, or nothing if it is not well formed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let mut conditions = Vec::new();
        loop {
            let (condition, after) = condition(rest)?;
            conditions.push(condition);
            if after.is_empty() {
                return Some(Self(conditions));
            }
            rest = after.strip_prefix("and ")?.trim_start();
        }
    }

    /// Whether the claims of a token meet it; case matters.
    pub(crate) fn is_met_by(&self, claims: &Map<String, Value>) -> bool {
        self.0.iter().all(|condition| {
            let claim = claims.get(&condition.claim).and_then(Value::as_str);
            claim.is_some_and(|claim| match condition.operator {
                Operator::Eq => claim == condition.value,
                Operator::Matches => is_like(condition.value.as_bytes(), claim.as_bytes()),
            })
        })
    }
}

/// One condition and what follows it.
fn condition(text: &str) -> Option<(Condition, &str)> {
    let (claim, rest) = quoted(text.strip_prefix("claims[")?)?;
    let rest = rest.strip_prefix(']')?.trim_start();
    let (operator, rest) = match rest.split_once(' ')? {
        ("eq", rest) => (Operator::Eq, rest),
        ("matches", rest) => (Operator::Matches, rest),
        _ => return None,
    };
    let (value, rest) = quoted(rest.trim_start())?;
    let condition = Condition {
        claim: claim.to_owned(),
        operator,
        value: value.to_owned(),
    };
    Some((condition, rest.trim_start()))
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('\'')?.split_once('\'')
}

/// `*` stands for any run of characters, `?` for one. Goes back only to the last `*`, so that no
/// pattern takes long.
fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut reached) = (0, 0);
    let mut star = None;
    while reached < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, reached));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[reached] => {
                at += 1;
                reached += 1;
            }
            _ => {
                let Some((before, from)) = star else {
                    return false;
                };
                star = Some((before, from + 1));
                at = before + 1;
                reached = from + 1;
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn met(expression: &str, claims: Value) -> bool {
        let expression = MatchExpression::parse(expression).unwrap();
        expression.is_met_by(claims.as_object().unwrap())
    }

    #[test]
    fn every_condition_has_to_hold() {
        let both = "claims['sub'] matches 'repo:a/*:ref:v?' and claims['job'] eq 'x'";
        assert!(met(both, json!({ "sub": "repo:a/b:ref:v1", "job": "x" })));
        assert!(!met(both, json!({ "sub": "repo:a/b:ref:v1", "job": "X" })));
        assert!(!met(both, json!({ "sub": "repo:a/b:ref:v12", "job": "x" })));
        assert!(!met(both, json!({ "sub": "repo:a/b:ref:v1" })));
        assert!(met("claims['sub'] matches '*'", json!({ "sub": "" })));
    }

    #[test]
    fn what_is_no_expression_is_none() {
        for text in [
            "",
            "claims['sub']",
            "claims[sub] eq 'x'",
            "claims['sub'] like 'x'",
            "claims['sub'] eq 'x' or claims['sub'] eq 'y'",
            "claims['sub'] eq 'x",
        ] {
            assert_eq!(MatchExpression::parse(text), None, "{text}");
        }
    }
}
