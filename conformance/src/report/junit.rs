//! The report as JUnit XML, which CI services read: a suite for each implementation, a test for
//! each case, its folder as the class.

use std::fmt::Write;

use super::console::details;
use crate::results::{CaseResult, Run};
use crate::verdict::Verdict;

/// The whole report.
pub fn junit(run: &Run) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for about in &run.header.implementations {
        let own = |case: &&CaseResult| case.implementation == about.name;
        suite(
            &mut out,
            &about.name,
            &run.cases.iter().filter(own).collect::<Vec<_>>(),
        );
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, name: &str, cases: &[&CaseResult]) {
    let count = |code: u8| {
        let verdicts = cases.iter().map(|case| case.verdict);
        verdicts
            .filter(|verdict| verdict.exit_code() == code)
            .count()
    };
    let skipped = cases.iter().filter(|case| is_skipped(case.verdict)).count();
    writeln!(
        out,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{skipped}\">",
        escaped(name),
        cases.len(),
        count(1),
        count(2),
    )
    .ok();
    cases.iter().for_each(|case| test(out, case));
    out.push_str("  </testsuite>\n");
}

fn test(out: &mut String, case: &CaseResult) {
    let (class, name) = case.case.rsplit_once('/').unwrap_or(("", &case.case));
    let seconds = case.elapsed_ms as f64 / 1000.0;
    let (class, name) = (escaped(class), escaped(name));
    write!(
        out,
        "    <testcase classname=\"{class}\" name=\"{name}\" time=\"{seconds:.3}\""
    )
    .ok();
    let word = case.verdict.as_str();
    let full_details = || escaped(&details(case));
    match case.verdict {
        Verdict::Passed => out.push_str("/>\n"),
        verdict if is_skipped(verdict) => {
            let why = case.known.iter().map(|known| known.reason.as_str());
            let why: Vec<_> = why.chain(case.note.as_deref()).collect();
            let why = escaped(&format!("{word}: {}", why.join("; ")));
            writeln!(out, "><skipped message=\"{why}\"/></testcase>").ok();
        }
        Verdict::Fault => {
            writeln!(
                out,
                "><error type=\"{word}\">{}</error></testcase>",
                full_details()
            )
            .ok();
        }
        _ => {
            writeln!(
                out,
                "><failure type=\"{word}\">{}</failure></testcase>",
                full_details()
            )
            .ok();
        }
    }
}

/// Whether nobody has to act: the case failed as it is known to, or was not run.
fn is_skipped(verdict: Verdict) -> bool {
    verdict.exit_code() == 0 && verdict != Verdict::Passed
}

/// Text in an attribute or an element. Control characters, which XML cannot have, become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            other if other.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped_in_xml() {
        assert_eq!(
            escaped("<a b=\"c\">&\u{1b}[0m\n"),
            "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}[0m\n"
        );
    }
}
