//! Changing members of a real answer.

use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::header::CONTENT_LENGTH;
use serde_json::{Map, Value};

use crate::script::Reply;

/// The answer with the members that `reply` sets, casts and removes. An answer that is no JSON
/// object stays as it is.
pub(super) async fn edited(response: Response, reply: &Reply) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(&body) else {
        return Response::from_parts(parts, Body::from(body));
    };
    for (name, cast) in &reply.cast {
        if let Some(value) = members.get_mut(name) {
            *value = cast.of(value).unwrap_or_else(|| value.take());
        }
    }
    members.extend(reply.set.clone());
    // Its length is another now.
    parts.headers.remove(CONTENT_LENGTH);
    // The others keep their order.
    members.retain(|name, _| !reply.remove.contains(name));
    Response::from_parts(parts, Body::from(Value::Object(members).to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn members_are_set_cast_and_removed_and_the_rest_keeps_its_order() {
        let reply: Result<Reply, _> = serde_json::from_value(json!({
            "set": { "b": null, "new": [1] }, "cast": { "c": "number", "nowhere": "date" },
            "remove": ["a", "nothing"],
        }));
        let reply = reply.unwrap();
        let after = async |body: &'static str| {
            let answer = edited(Response::new(Body::from(body)), &reply).await;
            to_bytes(answer.into_body(), usize::MAX).await.unwrap()
        };
        let object = r#"{"z":0,"a":1,"b":2,"c":"3"}"#;
        assert_eq!(after(object).await, r#"{"z":0,"b":null,"c":3,"new":[1]}"#);
        for other in ["<html>", "[1]", ""] {
            assert_eq!(after(other).await, other);
        }
    }
}
