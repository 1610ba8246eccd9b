//! Checks any Azure identity library, in any language, against the emulator.
//!
//! A *case* is a TOML file: a world, a few steps, and what must be seen. For each case the harness
//! starts a fresh emulator, an empty HOME and a *driver* (a small program in the library's own
//! language that speaks JSON lines), takes the steps, and compares what the driver said and what
//! the emulator saw with what the case expects. Nothing is a test of our own crate in particular:
//! it is one implementation among others.
//!
//! The way of a case through the modules:
//!
//! `case` (strict data) → `run` (needs, known failures) → `world` (emulator, HOME, environment) →
//! `driver` (one trait, in process or not) → `observation` (recorded data) → `check` (pure) →
//! `verdict` (the table of known failures) → `results` (`results.jsonl`) → `report` (pure).
//!
//! As a library this is for people who write drivers or tools in Rust: [`protocol`] has the
//! messages, [`case`] the case format. The rest is public for the binary and for tests, and may
//! change.

pub mod case;
#[doc(hidden)]
pub mod check;
#[doc(hidden)]
pub mod command;
#[doc(hidden)]
pub mod driver;
#[doc(hidden)]
pub mod error;
#[doc(hidden)]
pub mod implementation;
#[doc(hidden)]
pub mod observation;
pub mod protocol;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod requirement;
#[doc(hidden)]
pub mod results;
#[doc(hidden)]
pub mod root;
#[doc(hidden)]
pub mod run;
#[doc(hidden)]
pub mod verdict;
#[doc(hidden)]
pub mod world;

/// The Rust code of the README is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
