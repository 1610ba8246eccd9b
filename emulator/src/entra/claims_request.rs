//! The request parameter `claims`: what a client can handle, and challenges it passes on.

use serde_json::Value;

use crate::exchange::error::Aadsts;

/// The members of the parameter that the service heeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::entra) struct ClaimsRequest {
    /// The client handles continuous access evaluation (`xms_cc` with `cp1`).
    pub(in crate::entra) handles_cae: bool,
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
            handles_cae: access("xms_cc").is_some_and(|cc| has(cc, "cp1")),
            not_before: access("nbf").and_then(|nbf| seconds(nbf.get("value")?)),
            context: access("acrs").and_then(|acrs| acrs.get("value")?.as_str().map(str::to_owned)),
            auth_time: claims
                .get("id_token")
                .is_some_and(|it| it.get("auth_time").is_some()),
        })
    }
}

fn has(claim: &Value, value: &str) -> bool {
    let is = |it: &Value| it.as_str().is_some_and(|it| it.eq_ignore_ascii_case(value));
    let listed = claim.get("values").and_then(Value::as_array);
    listed.is_some_and(|values| values.iter().any(is)) || claim.get("value").is_some_and(is)
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
        assert!(request.handles_cae && request.auth_time);
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
