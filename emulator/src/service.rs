//! The emulator as one service on sockets: the journal and script layers around all endpoints, the
//! app that finds who answers, the proxy and the server. It uses every room below `handle`.

pub(crate) mod app;
mod journal_layer;
pub(crate) mod proxy;
mod script_layer;
pub(crate) mod server;
