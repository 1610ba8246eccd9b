//! The report for a terminal: a line for each case, all details of each failure, and a table.

use std::fmt::Write;

use crate::observation::Exchange;
use crate::results::{CaseResult, Run};
use crate::verdict::Verdict;

/// Longer bodies are cut in a transcript; the results file has all of them.
const BODY_SHOWN: usize = 400;

/// Longer transcripts are cut too.
const REQUESTS_SHOWN: usize = 8;

/// The whole report.
pub fn console(run: &Run) -> String {
    let mut out = String::new();
    let applies = |case: &&CaseResult| case.verdict != Verdict::NotApplicable;
    for case in run.cases.iter().filter(applies) {
        out.push_str(&case_line(case));
        out.push('\n');
    }
    for case in run.cases.iter().filter(|case| case.verdict.exit_code() > 0) {
        out.push('\n');
        out.push_str(&details(case));
    }
    out.push('\n');
    out.push_str(&summary(run));
    out.push_str(&failures(run));
    out
}

/// One case in one line.
pub fn case_line(case: &CaseResult) -> String {
    let word = case.verdict.as_str();
    let mut line = format!("{word:<14} {:<12} {}", case.implementation, case.case);
    match case.verdict {
        Verdict::Known => {
            let reasons: Vec<_> = case
                .known
                .iter()
                .map(|known| known.reason.as_str())
                .collect();
            write!(line, ": {}", reasons.join("; ")).ok();
        }
        Verdict::NotApplicable | Verdict::NotRun => {
            write!(line, ": {}", case.note.as_deref().unwrap_or("needs more")).ok();
        }
        _ => {
            write!(line, " ({} ms)", case.elapsed_ms).ok();
        }
    }
    line
}

/// Everything known about one case that did not end as it should.
pub fn details(case: &CaseResult) -> String {
    let word = case.verdict.as_str().to_uppercase();
    let mut out = format!(
        "{word}: {} {}\n  {}\n",
        case.implementation, case.case, case.title
    );
    for source in &case.source {
        writeln!(out, "  see {source}").ok();
    }
    if let Some(note) = &case.note {
        writeln!(out, "  {note}").ok();
    }
    for known in &case.known {
        let check = known.check.as_deref().unwrap_or("every check");
        writeln!(out, "  known.toml ({check}): {}", known.reason).ok();
    }
    for check in case.red() {
        let (wanted, saw) = (indented(&check.wanted), indented(&check.saw));
        writeln!(out, "  {}\n    wanted {wanted}\n    saw    {saw}", check.id).ok();
    }
    transcript(&mut out, &case.transcript);
    if !case.stderr.trim().is_empty() {
        let stderr = case.stderr.trim_end().replace('\n', "\n    ");
        writeln!(out, "  what the driver wrote to stderr\n    {stderr}").ok();
    }
    out
}

/// One row for each implementation, and the last line.
pub fn summary(run: &Run) -> String {
    let implementations = &run.header.implementations;
    let width = implementations
        .iter()
        .map(|implementation| implementation.name.len())
        .max()
        .unwrap_or(0)
        .max(14);
    let mut out = format!(
        "{:<width$}  passed  known  unexpected  not applicable  not run  driver\n",
        "implementation"
    );
    for implementation in implementations {
        let own = run
            .cases
            .iter()
            .filter(|case| case.implementation == implementation.name);
        let [passed, known, unexpected, not_applicable, not_run] = counts(own);
        let driver = &implementation.driver;
        writeln!(
            out,
            "{:<width$}  {passed:>6}  {known:>5}  {unexpected:>10}  {not_applicable:>14}  {not_run:>7}  {} {} ({})",
            implementation.name, driver.name, driver.version, driver.language,
        )
        .ok();
    }
    let [passed, known, unexpected, not_applicable, not_run] = counts(run.cases.iter());
    let seconds = run.footer.elapsed_ms as f64 / 1000.0;
    writeln!(
        out,
        "\n{passed} passed, {known} known, {unexpected} unexpected, {not_applicable} not \
         applicable, {not_run} not run ({seconds:.1} s)"
    )
    .ok();
    out
}

/// The cases somebody has to look at, each with its level, its file and the command that runs it
/// alone; nothing where there are none.
pub fn failures(run: &Run) -> String {
    let mut out = String::new();
    for case in run.cases.iter().filter(|case| case.verdict.exit_code() > 0) {
        if out.is_empty() {
            out.push_str("\nto look at:\n");
        }
        let (word, level) = (case.verdict.as_str(), case.level.as_str());
        let stem = case.case.split('[').next().unwrap_or_default();
        let (who, command) = driver_arguments(run, &case.implementation);
        writeln!(
            out,
            "  {word:<10}  {level:<6}  cases/{stem}.toml\n    identity-conformance run{who} --case {}{command}",
            shell_word(&case.case)
        )
        .ok();
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// The arguments of `run` for one implementation: before the others, and after them.
fn driver_arguments(run: &Run, name: &str) -> (String, String) {
    let implementations = run.header.implementations.iter();
    let command = implementations
        .filter(|implementation| implementation.name == name)
        .find_map(|implementation| implementation.command.as_ref());
    match command {
        None => (format!(" --impl {name}"), String::new()),
        Some(words) => {
            let words: Vec<_> = words.iter().map(|word| shell_word(word)).collect();
            // The name is in every id of the results, so it is given even where it is the default.
            let name = shell_word(name);
            (
                format!(" --name {name}"),
                format!(" -- {}", words.join(" ")),
            )
        }
    }
}

/// A text as one word of a shell, in quotes only where it needs them.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Passed, known, unexpected, not applicable, not run.
fn counts<'a>(cases: impl Iterator<Item = &'a CaseResult>) -> [usize; 5] {
    let mut counts = [0; 5];
    for case in cases {
        let column = match case.verdict {
            Verdict::Passed => 0,
            Verdict::Known | Verdict::Noted => 1,
            Verdict::Unexpected | Verdict::Stale | Verdict::Pointless | Verdict::Fault => 2,
            Verdict::NotApplicable => 3,
            Verdict::NotRun => 4,
        };
        counts[column] += 1;
    }
    counts
}

fn transcript(out: &mut String, exchanges: &[Exchange]) {
    if exchanges.is_empty() {
        return;
    }
    out.push_str("  what the emulator saw\n");
    for (index, exchange) in exchanges.iter().take(REQUESTS_SHOWN).enumerate() {
        request(out, index + 1, exchange);
    }
    if let Some(more @ 1..) = exchanges.len().checked_sub(REQUESTS_SHOWN) {
        writeln!(out, "    and {more} more in the results file").ok();
    }
}

fn request(out: &mut String, number: usize, exchange: &Exchange) {
    let status = match exchange.status {
        0 if exchange.method == "run" => "ran".to_owned(),
        0 => "connection dropped".to_owned(),
        status => status.to_string(),
    };
    let scripted = if exchange.scripted { " (scripted)" } else { "" };
    writeln!(
        out,
        "    {number}. {}: {} {} -> {status}{scripted}",
        exchange.endpoint, exchange.method, exchange.path
    )
    .ok();
    for (part, fields) in [
        ("query", &exchange.query),
        ("header", &exchange.headers),
        ("form", &exchange.form),
        ("option", &exchange.option),
    ] {
        for (name, value) in fields {
            writeln!(out, "       {part} {name}: {value}").ok();
        }
    }
    if !exchange.body.is_empty() {
        let shown: String = exchange.body.chars().take(BODY_SHOWN).collect();
        let more = if shown.len() < exchange.body.len() {
            " ..."
        } else {
            ""
        };
        writeln!(out, "       answer {}{more}", indented(&shown)).ok();
    }
    for (rule, text) in &exchange.findings {
        writeln!(out, "       finding {rule}: {text}").ok();
    }
}

fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n           ")
}
