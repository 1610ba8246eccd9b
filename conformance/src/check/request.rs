//! The checks of requests in the journal.
//!
//! The requests to one endpoint are divided, in order, among the expectations that name it: each
//! takes the least number its `count` allows, and the last takes the rest. So one request too many
//! or too few shows in a `count`.

use std::collections::BTreeMap;

use super::place::values;
use super::{Check, value};
use crate::case::{Expect, Matcher, RequestExpect};
use crate::observation::Exchange;

/// An expectation with its requests, as positions in the journal.
struct Group<'a> {
    expect: &'a RequestExpect,
    label: String,
    positions: Vec<usize>,
}

/// Checks of counts, contents and order, and one for requests that nothing expected.
pub(super) fn checks(expect: &Expect, exchanges: &[Exchange]) -> Vec<Check> {
    let groups = deal(&expect.request, exchanges);
    let mut checks = Vec::new();
    for group in &groups {
        let received = group.positions.len() as u64;
        let count = group.expect.count;
        checks.push(Check::new(
            format!("{}.count", group.label),
            count,
            received,
            count.fits(received),
        ));
        for (index, position) in group.positions.iter().enumerate() {
            let label = format!("{}[{}]", group.label, index + 1);
            checks.extend(contents(
                &label,
                group.expect,
                &exchanges[*position],
                exchanges,
            ));
        }
        checks.extend(gaps(group, exchanges));
    }
    checks.extend(order(&groups));
    checks.push(others(expect, &groups, exchanges));
    checks
}

fn deal<'a>(expects: &'a [RequestExpect], exchanges: &[Exchange]) -> Vec<Group<'a>> {
    let mut taken = vec![false; exchanges.len()];
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (index, expect) in expects.iter().enumerate() {
        let same = |other: &&RequestExpect| other.to == expect.to;
        let number = expects[..index].iter().filter(same).count() + 1;
        let is_last = !expects[index + 1..]
            .iter()
            .any(|other| other.to == expect.to);
        let free = (0..exchanges.len()).filter(|i| !taken[*i] && exchanges[*i].is_to(&expect.to));
        // All but the last stop at their least, so that the next has requests left.
        let most = if is_last {
            usize::MAX
        } else {
            expect.count.least() as usize
        };
        let positions: Vec<usize> = free.take(most).collect();
        for position in &positions {
            taken[*position] = true;
        }
        let label = if number == 1 {
            expect.to.clone()
        } else {
            format!("{}#{number}", expect.to)
        };
        groups.push(Group {
            expect,
            label,
            positions,
        });
    }
    groups
}

fn contents(
    label: &str,
    expect: &RequestExpect,
    exchange: &Exchange,
    exchanges: &[Exchange],
) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(matcher) = &expect.method {
        let method = [exchange.method.as_str()];
        checks.push(value::check(
            format!("{label}.method"),
            matcher,
            &method,
            exchanges,
        ));
    }
    let mut part = |part: &str, wanted: &BTreeMap<String, Matcher>, sent: &[(String, String)]| {
        for (name, matcher) in wanted {
            let key = if part == "header" {
                name.to_ascii_lowercase()
            } else {
                name.clone()
            };
            let id = format!("{label}.{part}.{key}");
            checks.push(value::check(id, matcher, &values(sent, &key), exchanges));
        }
    };
    part("query", &expect.query, &exchange.query);
    part("header", &expect.header, &exchange.headers);
    part("form", &expect.form, &exchange.form);
    part("option", &expect.option, &exchange.option);
    checks
}

fn gaps(group: &Group<'_>, exchanges: &[Exchange]) -> Vec<Check> {
    let Some(wanted) = group.expect.gap_ms else {
        return Vec::new();
    };
    let pairs = group.positions.windows(2).enumerate();
    pairs
        .map(|(index, pair)| {
            let gap = exchanges[pair[1]]
                .at_ms
                .saturating_sub(exchanges[pair[0]].at_ms);
            let id = format!("{}[{}].gap_ms", group.label, index + 2);
            Check::new(id, wanted, gap, wanted.fits(gap))
        })
        .collect()
}

/// The check that groups follow one another as the case lists them.
fn order(groups: &[Group<'_>]) -> Option<Check> {
    let filled: Vec<_> = groups
        .iter()
        .filter(|group| !group.positions.is_empty())
        .collect();
    if filled.len() < 2 {
        return None;
    }
    let late = filled
        .windows(2)
        .find(|pair| pair[0].positions.last() > pair[1].positions.first());
    let wanted: Vec<_> = filled.iter().map(|group| group.label.as_str()).collect();
    let saw = match late {
        None => "that".to_owned(),
        Some(pair) => format!("{} before the end of {}", pair[1].label, pair[0].label),
    };
    Some(Check::new(
        "requests.order",
        wanted.join(", then "),
        saw,
        late.is_none(),
    ))
}

fn others(expect: &Expect, groups: &[Group<'_>], exchanges: &[Exchange]) -> Check {
    let expected = |index: usize| groups.iter().any(|group| group.positions.contains(&index));
    let allowed = |exchange: &Exchange| expect.others.iter().any(|other| exchange.is_to(other));
    let extra: Vec<String> = exchanges
        .iter()
        .enumerate()
        .filter(|(index, exchange)| !expected(*index) && !allowed(exchange))
        .map(|(_, exchange)| {
            format!(
                "{} ({} {})",
                exchange.endpoint, exchange.method, exchange.path
            )
        })
        .collect();
    let wanted = match expect.others.as_slice() {
        [] => "no other request".to_owned(),
        others => format!("no other request than to {}", others.join(", ")),
    };
    let saw = if extra.is_empty() {
        "none".to_owned()
    } else {
        extra.join(", ")
    };
    Check::new("requests.others", wanted, saw, extra.is_empty())
}
