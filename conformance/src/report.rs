//! Pure renderers of a finished run: everything they say is in `results.jsonl`.

mod console;
mod junit;

pub use console::{case_line, console, details, failures, summary};
pub use junit::junit;
