//! One HTTP request and its reply, whoever answers: forms, headers, CORS and the errors of
//! the token service. A rule about headers belongs here. It uses `base` and `crypto`.

pub(crate) mod completed;
pub(crate) mod cors;
pub(crate) mod endpoint_names;
pub(crate) mod error;
pub(crate) mod form;
pub(crate) mod issued;
pub(crate) mod reply;
pub(crate) mod request;
