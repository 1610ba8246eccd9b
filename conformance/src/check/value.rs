//! The check of one value against one matcher.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Check;
use super::place;
use crate::case::Matcher;
use crate::observation::Exchange;

/// Checks the values sent under one name: none, one, or (wrongly) several.
pub(super) fn check(id: String, matcher: &Matcher, sent: &[&str], exchanges: &[Exchange]) -> Check {
    let saw = match sent {
        [] => "nothing".to_owned(),
        [one] => format!("{one:?}"),
        several => format!("{} values: {several:?}", several.len()),
    };
    let (wanted, passed) = match (matcher, sent) {
        (Matcher::SameAs(place) | Matcher::Sha256Of(place), _) => {
            referred(matcher, place, sent, exchanges)
        }
        (Matcher::Absent, _) => (matcher.to_string(), sent.is_empty()),
        (_, [value]) => (matcher.to_string(), fits(matcher, value)),
        _ => (matcher.to_string(), false),
    };
    Check::new(id, wanted, saw, passed)
}

/// Whether one value fits the matcher. A matcher that refers to another place never fits here,
/// because this function sees no other request.
pub(super) fn fits(matcher: &Matcher, value: &str) -> bool {
    match matcher {
        Matcher::Equals(text) => value == text,
        Matcher::Absent | Matcher::SameAs(_) | Matcher::Sha256Of(_) => false,
        Matcher::Present => true,
        Matcher::OneOf(all) => all.iter().any(|text| text == value),
        Matcher::Matches(regex) => regex.is_match(value),
        Matcher::Contains(part) => value.contains(part.as_str()),
        Matcher::Gte(least) => value.parse::<i64>().is_ok_and(|number| number >= *least),
        Matcher::Lte(most) => value.parse::<i64>().is_ok_and(|number| number <= *most),
        Matcher::Uuid => uuid::Uuid::parse_str(value).is_ok_and(|_| value.len() == 36),
    }
}

fn referred(
    matcher: &Matcher,
    place: &str,
    sent: &[&str],
    exchanges: &[Exchange],
) -> (String, bool) {
    let Some(there) = place::find(place, exchanges) else {
        return (format!("{matcher}, where nothing is"), false);
    };
    let wanted = match matcher {
        Matcher::Sha256Of(_) => URL_SAFE_NO_PAD.encode(digest(&SHA256, there.as_bytes())),
        _ => there.to_owned(),
    };
    (format!("{matcher}: {wanted:?}"), sent == [wanted.as_str()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(matcher: Matcher, sent: &[&str]) -> bool {
        check("id".into(), &matcher, sent, &[]).passed
    }

    #[test]
    fn each_operator_accepts_and_refuses_what_it_should() {
        let regex = regex_lite::Regex::new("^(?:a+)$").unwrap();
        let rows: Vec<(Matcher, &[&str], &[&str])> = vec![
            (Matcher::Equals("a".into()), &["a"], &["b"]),
            (Matcher::Absent, &[], &[""]),
            (Matcher::Present, &[""], &[]),
            (Matcher::OneOf(vec!["a".into(), "b".into()]), &["b"], &["c"]),
            (Matcher::Matches(regex), &["aa"], &["ab"]),
            (Matcher::Contains("b".into()), &["abc"], &["ac"]),
            (Matcher::Gte(3), &["3"], &["2"]),
            (Matcher::Lte(3), &["3"], &["4"]),
            (
                Matcher::Uuid,
                &["bbbbbbbb-0000-4000-8000-000000000001"],
                &["bbbbbbbb"],
            ),
        ];
        for (matcher, right, wrong) in rows {
            assert!(passed(matcher.clone(), right), "{matcher} and {right:?}");
            assert!(!passed(matcher.clone(), wrong), "{matcher} and {wrong:?}");
            assert!(!passed(matcher, &["a", "a"]), "sent twice");
        }
    }

    #[test]
    fn a_value_can_be_compared_with_a_value_at_another_place() {
        // The example of RFC 7636, appendix B.
        let exchanges = [Exchange {
            endpoint: "entra.token".into(),
            form: vec![(
                "code_verifier".into(),
                "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(),
            )],
            ..Exchange::default()
        }];
        let place = "entra.token[1].form.code_verifier".to_owned();
        let challenge = ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"];
        let hash = Matcher::Sha256Of(place.clone());
        assert!(check("id".into(), &hash, &challenge, &exchanges).passed);
        assert!(!check("id".into(), &Matcher::SameAs(place), &challenge, &exchanges).passed);
        let nowhere = Matcher::SameAs("entra.token[2].form.code_verifier".into());
        assert!(!check("id".into(), &nowhere, &challenge, &exchanges).passed);
    }
}
