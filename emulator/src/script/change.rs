//! Changing members of a real answer.

use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::header::CONTENT_LENGTH;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::Reply;

/// A type that a member of an answer is written as; services differ in this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cast {
    /// `1750000000`, of a text of digits.
    Number,
    /// `"1750000000"`, of a number or a boolean.
    String,
    /// `"2025-06-15T15:06:40Z"`, of seconds since 1970.
    Date,
    /// `"6/15/2025 3:06:40 PM +00:00"`, of seconds since 1970: the first App Service API.
    UsDate,
}

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

impl Cast {
    /// The value as this type, if it can be.
    fn of(self, value: &Value) -> Option<Value> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return None,
        };
        let moment = || OffsetDateTime::from_unix_timestamp(text.parse().ok()?).ok();
        match self {
            Self::Number => text.parse::<i64>().ok().map(Value::from),
            Self::String => Some(Value::from(text)),
            Self::Date => moment()?.format(&Rfc3339).ok().map(Value::from),
            Self::UsDate => moment()?.format(US).ok().map(Value::from),
        }
    }
}

const US: &[time::format_description::BorrowedFormatItem<'_>] = format_description!(
    "[month padding:none]/[day padding:none]/[year] \
     [hour repr:12 padding:none]:[minute]:[second] [period] +00:00"
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_can_be_written_in_every_way_services_write_it() {
        for (cast, written) in [
            (Cast::Number, json!(1_750_000_000)),
            (Cast::String, json!("1750000000")),
            (Cast::Date, json!("2025-06-15T15:06:40Z")),
            (Cast::UsDate, json!("6/15/2025 3:06:40 PM +00:00")),
        ] {
            for time in [json!(1_750_000_000), json!("1750000000")] {
                assert_eq!(cast.of(&time), Some(written.clone()), "{cast:?}");
            }
        }
        assert_eq!(Cast::Date.of(&json!("soon")), None);
        assert_eq!(Cast::Number.of(&json!([])), None);
    }

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
