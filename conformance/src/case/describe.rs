//! A case in words, for people who do not know the format.

mod step;

use std::collections::BTreeMap;
use std::fmt::Write;

use identity_emulator::Rule;

use self::step::{of_expectation, of_step};
use super::{Case, CaseFile, Matcher, RequestExpect};

/// The whole case: sentence, level, sources, surroundings, steps and requests.
pub fn describe(file: &CaseFile) -> String {
    let case = file.with_placeholders();
    let mut out = format!("{} ({})\n  {}\n", file.id, case.level.as_str(), case.title);
    case.source
        .iter()
        .for_each(|source| line(&mut out, &format!("see {source}")));
    line(&mut out, &format!("file {}", file.path().display()));
    if !case.needs.is_empty() {
        line(&mut out, &format!("needs {}", case.needs.join(", ")));
    }
    if let Some(waits) = case.waits_s {
        line(
            &mut out,
            &format!("waits about {waits} s in real time, so it runs with --slow"),
        );
    }
    world(&mut out, &case);
    out.push_str("\n  steps\n");
    for (index, step) in case.steps.iter().enumerate() {
        writeln!(out, "    {}. {}", index + 1, of_step(step)).ok();
        if let Some(expect) = step.expect() {
            writeln!(out, "       expects {}", of_expectation(expect)).ok();
        }
    }
    requests(&mut out, &case);
    out
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "  {text}").ok();
}

fn world(out: &mut String, case: &Case) {
    let world = &case.world;
    let mut lines = Vec::new();
    lines.extend(
        world
            .directory
            .as_ref()
            .map(|name| format!("the directory `{name}`")),
    );
    lines.extend(
        world
            .host
            .map(|host| format!("the driver runs on the host `{}`", host.name())),
    );
    lines.extend(
        world
            .workload
            .as_ref()
            .map(|name| format!("the driver runs in the pod of `{name}`")),
    );
    lines.extend(
        world
            .env
            .iter()
            .map(|(name, value)| format!("{name}={value}")),
    );
    lines.extend(world.files.keys().map(|path| format!("the file ~/{path}")));
    for command in &world.command {
        let when = command.when.as_ref().map(|when| format!(" with {when}"));
        let answer = match command.hangs {
            true => "never ends".to_owned(),
            false => format!("ends with exit code {}", command.exit),
        };
        let when = when.unwrap_or_default();
        lines.push(format!("the program `{}`{when} {answer}", command.name));
    }
    for rule in &world.script {
        lines.push(match (&rule.preset, rule.times) {
            (Some(preset), _) => format!("the fault `{preset}`"),
            (None, Rule::ALWAYS) => format!("scripted answers of {}", rule.on),
            (None, times) => format!("{times} scripted answers of {}", rule.on),
        });
    }
    // A preset is several rules with its name.
    lines.dedup();
    if !lines.is_empty() {
        out.push_str("\n  surroundings\n");
        lines
            .iter()
            .for_each(|text| line(out, &format!("  {text}")));
    }
}

fn requests(out: &mut String, case: &Case) {
    out.push_str("\n  requests\n");
    if case.expect.request.is_empty() {
        line(out, "  none");
    }
    for request in &case.expect.request {
        line(out, &format!("  {} to {}", request.count, request.to));
        fields(out, request);
    }
    if !case.expect.others.is_empty() {
        line(
            out,
            &format!("  any number to {}", case.expect.others.join(", ")),
        );
    }
    if !case.expect.findings.is_empty() {
        line(
            out,
            &format!("  findings: {}", case.expect.findings.join(", ")),
        );
    }
}

fn fields(out: &mut String, request: &RequestExpect) {
    let mut part = |name: &str, matchers: &BTreeMap<String, Matcher>| {
        for (field, matcher) in matchers {
            line(out, &format!("    {name} {field}: {matcher}"));
        }
    };
    part("query", &request.query);
    part("header", &request.header);
    part("form", &request.form);
    part("option", &request.option);
    if let Some(method) = &request.method {
        line(out, &format!("    method: {method}"));
    }
    if let Some(gap) = request.gap_ms {
        line(out, &format!("    {gap} ms after the one before"));
    }
}
