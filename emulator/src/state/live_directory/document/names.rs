//! The names of the elements of the document's lists.

use serde_json::Value;

use super::Trouble;

/// Members an element of a list may go by, the first that it has and that matches.
const NAMES: &[&str] = &[
    "name",
    "upn",
    "domain",
    "id",
    "client_id",
    "object_id",
    "thumbprint",
    "app",
    "resource",
    "client",
    "value",
];

/// The members that elements of `list` may go by: none for secrets, whose values nobody may learn
/// from an error, or put into a path.
fn names_in(list: &str) -> &'static [&'static str] {
    if list == "secret" { &[] } else { NAMES }
}

/// The member that an element of `list` goes by, and what that says.
pub(super) fn name_of<'a>(element: &'a Value, list: &str) -> Option<(&'static str, &'a Value)> {
    let mut names = names_in(list).iter();
    names.find_map(|key| Some((*key, element.get(*key)?)))
}

/// Returns the position in a list of the element of that name. A name beats a position.
pub(super) fn position(
    elements: &[Value],
    list: &str,
    name: &str,
) -> Result<Option<usize>, Trouble> {
    let mut named = (0..elements.len()).filter(|index| goes_by_name(&elements[*index], list, name));
    match (named.next(), named.next()) {
        (Some(_), Some(_)) => {
            let text = format!("several are called `{name}`; say which by its position from 0");
            Err(Trouble::Unfit(text))
        }
        (Some(index), None) => Ok(Some(index)),
        (None, _) => Ok(name.parse().ok().filter(|index| *index < elements.len())),
    }
}

pub(super) fn goes_by_name(element: &Value, list: &str, name: &str) -> bool {
    let is = |value: &Value| {
        let text = value.as_str();
        text.is_some_and(|text| text.eq_ignore_ascii_case(name))
    };
    let mut names = names_in(list).iter();
    is(element) || names.any(|key| element.get(key).is_some_and(is))
}

/// Says what there is instead, if that has names.
pub(super) fn missing(part: &Value, list: &str, name: &str) -> Trouble {
    let there: Vec<&str> = match part {
        Value::Object(members) => members.keys().map(String::as_str).collect(),
        Value::Array(elements) => {
            let names = names_in(list);
            let all = elements.iter();
            all.filter_map(|one| names.iter().find_map(|key| one.get(key)?.as_str()))
                .collect()
        }
        _ => Vec::new(),
    };
    let there = match there.as_slice() {
        [] => String::new(),
        names => format!("; there is {}", names.join(", ")),
    };
    Trouble::Missing(format!("there is no `{name}` here{there}"))
}
