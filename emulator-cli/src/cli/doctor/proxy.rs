//! Proxies that come between.

use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::surroundings::{SIGN_IN_HOST, Surroundings};

const NAME: &str = "proxy";

/// Whether what is meant for the emulator reaches it, and what is not, does not.
pub(super) fn check(around: &Surroundings) -> Vec<Finding> {
    let set = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];
    let set: Vec<_> = set
        .into_iter()
        .filter_map(|name| Some((name, around.proxy(name)?)))
        .collect();
    if set.is_empty() {
        return vec![Finding::ok(NAME, "no proxy is set")];
    }
    let spared = around.proxy("NO_PROXY").unwrap_or_default();
    let (ours, others): (Vec<_>, Vec<_>) = set
        .into_iter()
        .partition(|(_, url)| around.is_emulator(url));
    let mut findings = Vec::new();
    for (name, url) in others {
        findings.push(foreign(name, url, spared));
    }
    for (name, _) in ours {
        findings.push(own(name, spared));
    }
    findings
}

/// A proxy that knows nothing of the emulator, and would not reach it on loopback.
fn foreign(name: &str, url: &str, spared: &str) -> Finding {
    let loopback = ["127.0.0.1", "localhost"];
    if loopback.into_iter().all(|host| is_spared(host, spared)) {
        return Finding::ok(
            NAME,
            format!("{name} is set, and loopback is spared by NO_PROXY"),
        );
    }
    let text = format!(
        "{name} is {}, and NO_PROXY does not spare loopback",
        without_password(url)
    );
    Finding::problem(NAME, text)
        .of(&["Python", "Node", ".NET", "Rust", "curl"])
        .fixed_by("NO_PROXY=localhost,127.0.0.1,::1")
}

/// The emulator as a proxy, unless what it answers for is spared.
fn own(name: &str, spared: &str) -> Finding {
    let host = if name == "HTTP_PROXY" {
        "169.254.169.254"
    } else {
        SIGN_IN_HOST
    };
    if is_spared(host, spared) {
        let text = format!("{name} is the emulator, but NO_PROXY spares {host}");
        return Finding::problem(NAME, text).fixed_by(format!("take {host} out of NO_PROXY"));
    }
    Finding::ok(
        NAME,
        format!("{name} is the emulator, which answers for {host}"),
    )
}

/// As most clients read it: names, and ends of names with or without a dot.
fn is_spared(host: &str, spared: &str) -> bool {
    let mut entries = spared
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty());
    entries.any(|entry| {
        let end = entry.trim_start_matches('*').trim_start_matches('.');
        entry == "*"
            || host == end
            || host
                .strip_suffix(end)
                .is_some_and(|start| start.ends_with('.'))
    })
}

/// A proxy's URL may hold one.
fn without_password(url: &str) -> String {
    let Ok(mut url) = url::Url::parse(url) else {
        return "no URL".to_owned();
    };
    // Both fail for URLs that cannot have any.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.to_string()
}
