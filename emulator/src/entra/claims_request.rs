//! The request parameter `claims`: what a client can handle, and challenges it passes on.

use serde_json::Value;

use crate::exchange::error::Aadsts;

/// The members of the parameter that the service heeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::entra) struct ClaimsRequest {
    /// The capability by which the client says that it handles continuous access evaluation: `cp1`,
    /// in the case in which it was sent.
    pub(in crate::entra) cae: Option<String>,
    /// The sign-in has to be newer than this moment, in seconds (a challenge after revocation).
    pub(in crate::entra) not_before: Option<i64>,
    /// An authentication context that was asked for (`acrs`).
    pub(in crate::entra) context: Option<String>,
    /// The ID token shall say when the user signed in.
    pub(in crate::entra) auth_time: bool,
}

impl ClaimsRequest {
    /// Reads it; anything but a JSON object is malformed.
    pub(in crate::entra) fn parse(text: Option<&str>) -> Result<Self, Aadsts> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let Ok(Value::Object(claims)) = serde_json::from_str(text) else {
            return Err(Aadsts::new(9002313));
        };
        let access = |name: &str| claims.get("access_token").and_then(|it| it.get(name));
        Ok(Self {
            cae: access("xms_cc")
                .and_then(|cc| find(cc, "cp1"))
                .map(str::to_owned),
            not_before: access("nbf").and_then(|nbf| seconds(nbf.get("value")?)),
            context: access("acrs").and_then(|acrs| acrs.get("value")?.as_str().map(str::to_owned)),
            auth_time: claims
                .get("id_token")
                .is_some_and(|it| it.get("auth_time").is_some()),
        })
    }
}

/// Returns the value of a requested claim that is `value` in whatever case.
fn find<'a>(claim: &'a Value, value: &str) -> Option<&'a str> {
    let listed = claim.get("values").and_then(Value::as_array);
    let all = listed.into_iter().flatten().chain(claim.get("value"));
    all.filter_map(Value::as_str)
        .find(|sent| sent.eq_ignore_ascii_case(value))
}

fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_and_challenges_are_read_from_one_object() {
        let text = r#"{"access_token":{"xms_cc":{"values":["CP1"]},
            "nbf":{"essential":true,"value":"1604106651"}},"id_token":{"auth_time":null}}"#;
        let request = ClaimsRequest::parse(Some(text)).unwrap();
        assert_eq!(request.cae.as_deref(), Some("CP1"));
        assert!(request.auth_time);
        assert_eq!(request.not_before, Some(1_604_106_651));
        assert_eq!(request.context, None);
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        for text in ["x", "[]", "1", "{"] {
            let error = ClaimsRequest::parse(Some(text)).unwrap_err();
            assert_eq!(error.code(), 9002313, "{text}");
        }
        assert_eq!(
            ClaimsRequest::parse(None).unwrap(),
            ClaimsRequest::default()
        );
    }
}
