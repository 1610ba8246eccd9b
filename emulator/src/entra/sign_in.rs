//! The interactive half: from `/authorize` over the pages to an answer at the redirect URI.
//!
//! A request opens a [`Flow`]; each page sends its form back with the flow's token, and
//! [`Visit::proceed`] decides anew, from the request, the session and what the flow has gathered,
//! which page comes next or what the answer is. Nothing else is remembered, so "back" works.

mod admin;
mod answer;
mod authorize;
mod consent;
mod device;
pub(in crate::entra) mod elsewhere;
pub(crate) mod headless;
mod input;
mod issue;
mod outcome;
mod recipient;
mod request;
mod visit;
mod wanted;
mod who;

pub(in crate::entra) use answer::{Fields, Posted, ResponseMode, ReturnTo, redirect, with_query};
pub(in crate::entra) use input::submitted;
pub use outcome::{SignInAnswer, SignInError};
pub(in crate::entra) use visit::{Visit, error_page};
