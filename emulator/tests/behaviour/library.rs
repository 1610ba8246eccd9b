//! What an SDK does with its HTTP library, which knows hosts by their names.

use reqwest::{Client, Response};
use serde_json::Value;

use crate::support::{encoded, fields};

pub(crate) async fn json(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// Reads the discovery document of an authority, whose endpoints have to be at the name it was asked
/// by, and gets a token there.
pub(crate) async fn finds_tokens(client: &Client, authority: &str) {
    let path = format!("{authority}/v2.0/.well-known/openid-configuration");
    let document = json(client.get(path).send().await.unwrap()).await;
    let endpoint = format!("{authority}/oauth2/v2.0/token");
    assert_eq!(document["token_endpoint"], endpoint);
    gets_a_token(client, &endpoint).await;
}

/// Gets an application's token at this address.
pub(crate) async fn gets_a_token(client: &Client, url: &str) {
    let form = "application/x-www-form-urlencoded";
    let request = client.post(url).header("content-type", form);
    let request = request.body(encoded(&fields("api://orders/.default")));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(json(answer).await["access_token"].is_string());
}
