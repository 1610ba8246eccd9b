//! Faults to play, by their names.

use std::fmt::Write as _;

use crate::entra::app_state::AppState;
use crate::entra::pages::text;
use crate::script::Preset;

pub(super) fn section(state: &AppState, root: &str) -> String {
    let remaining = state.script().remaining();
    let playing = |name: &str| {
        let mut rules = remaining.iter();
        rules.any(|rule| rule.preset.as_deref() == Some(name))
    };
    let mut items = String::new();
    for preset in Preset::all() {
        let (name, about) = (text(&preset.name), text(&preset.about));
        let (act, word, state) = if playing(&preset.name) {
            ("end", "Stop", "<span class=\"badge bad\">playing</span> ")
        } else {
            ("play", "Play", "")
        };
        let _ = writeln!(
            items,
            "<li><form method=\"post\" action=\"{root}/dashboard/script\">\
             <button name=\"{act}\" value=\"{name}\" aria-label=\"{word} {name}\">{word}</button> \
             <strong>{name}</strong> {state}<span class=\"soft\">{about}</span></form></li>"
        );
    }
    let left = remaining.len();
    let open = if remaining.iter().any(|rule| rule.preset.is_some()) {
        " open"
    } else {
        ""
    };
    format!(
        "<section id=\"faults\" aria-labelledby=\"faults-title\">\n<h2 id=\"faults-title\">Faults</h2>\n\
         <form method=\"post\" action=\"{root}/dashboard/script\"><p>Rules in force: {left}. \
         <button name=\"clear\" value=\"all\">Forget all rules</button></p></form>\n\
         <details{open}><summary>Faults to play</summary>\n<ul class=\"switches\">\n{items}</ul></details>\n\
         </section>"
    )
}
