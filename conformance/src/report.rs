//! Pure renderers of a finished run: everything they say is in `results.jsonl`.

mod console;

pub use console::{case_line, console, details, summary};
