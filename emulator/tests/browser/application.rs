//! The application that users sign in to: it shows what it is sent.

use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::RawQuery;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

/// Serves on a free port until the runtime ends, and gives its base URL.
pub(crate) async fn serve() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let routes = Router::new()
        .route("/callback", get(arrived).post(posted))
        .route("/frame", get(frame));
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    format!("http://localhost:{port}")
}

/// What came in the query; a fragment never gets here.
async fn arrived(RawQuery(query): RawQuery) -> Html<String> {
    shown(&query.unwrap_or_default())
}

async fn posted(body: String) -> Html<String> {
    shown(&body)
}

/// A page with a frame of `src`, as single-page applications make it.
async fn frame(RawQuery(query): RawQuery) -> Html<String> {
    let query = query.unwrap_or_default();
    let (_, src) = url::form_urlencoded::parse(query.as_bytes())
        .next()
        .unwrap();
    let src = src.replace('&', "&amp;");
    Html(format!(
        "<!DOCTYPE html><title>app</title><iframe src=\"{src}\"></iframe>"
    ))
}

fn shown(fields: &str) -> Html<String> {
    let fields = fields.replace('&', "&amp;");
    Html(format!(
        "<!DOCTYPE html><title>app</title><pre id=\"answer\">{fields}</pre>"
    ))
}
