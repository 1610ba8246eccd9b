//! The world as a JSON document, and changes to the part of it that a path names.

mod names;

use serde_json::{Map, Value};

use names::{goes_by_name, missing, name_of, position};

/// An edit of a part of the document.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// Puts this in its place, or adds it to its list under the name in the path.
    Put(Value),
    /// Changes the members it names, as a merge patch (RFC 7396) does.
    Patch(Value),
    /// Adds this to the list.
    Append(Value),
    /// Takes it out.
    Delete,
}

/// The outcome of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Changed,
    Added,
}

/// Why a path leads nowhere, or the edit cannot be done there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// There is nothing of that name.
    Missing(String),
    /// There is, but not for this.
    Unfit(String),
}

/// The part of the document at `path`: names of members, and in lists the name of an element
/// or its position from 0.
pub(crate) fn find<'a>(document: &'a Value, path: &[String]) -> Result<&'a Value, Trouble> {
    let mut part = document;
    let mut list = "";
    for segment in path {
        part = below(part, list, segment)?;
        list = segment;
    }
    Ok(part)
}

/// Returns the element that is called `segment` in `part`, which is called `list` itself.
fn below<'a>(part: &'a Value, list: &str, segment: &str) -> Result<&'a Value, Trouble> {
    let found = match part {
        Value::Object(members) => members.get(segment),
        Value::Array(elements) => position(elements, list, segment)?.map(|index| &elements[index]),
        _ => None,
    };
    found.ok_or_else(|| missing(part, list, segment))
}

/// Does `edit` at `path`.
pub(crate) fn edit(document: &mut Value, path: &[String], edit: Edit) -> Result<Done, Trouble> {
    let Some((last, outside)) = path.split_last() else {
        return whole(document, edit);
    };
    let mut part = document;
    let mut list = "";
    for segment in outside {
        part = enter(part, list, segment)?;
        list = segment;
    }
    match edit {
        Edit::Patch(patch) => merge(enter(part, list, last)?, patch),
        Edit::Append(value) => match enter(part, list, last)? {
            Value::Array(elements) => {
                elements.push(value);
                return Ok(Done::Added);
            }
            _ => return Err(Trouble::Unfit(format!("`{last}` is no list to add to"))),
        },
        Edit::Put(value) => return put(part, list, last, value),
        Edit::Delete => delete(part, list, last)?,
    }
    Ok(Done::Changed)
}

fn whole(document: &mut Value, edit: Edit) -> Result<Done, Trouble> {
    match edit {
        Edit::Put(value) => *document = value,
        Edit::Patch(patch) => merge(document, patch),
        Edit::Append(_) => {
            return Err(Trouble::Unfit(
                "the directory is no list to add to".to_owned(),
            ));
        }
        Edit::Delete => *document = Value::Object(Map::new()),
    }
    Ok(Done::Changed)
}

fn put(part: &mut Value, list: &str, name: &str, value: Value) -> Result<Done, Trouble> {
    match part {
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
            Ok(Done::Changed)
        }
        Value::Array(elements) => {
            let found = position(elements, list, name)?;
            let value = named(value, found.map(|index| &elements[index]), list, name)?;
            match found {
                Some(index) => elements[index] = value,
                None => elements.push(value),
            }
            Ok(if found.is_some() {
                Done::Changed
            } else {
                Done::Added
            })
        }
        _ => Err(missing(part, list, name)),
    }
}

/// A table that is put under a name need not repeat it; one that is new may not contradict it.
fn named(value: Value, old: Option<&Value>, list: &str, name: &str) -> Result<Value, Trouble> {
    let Value::Object(mut members) = value else {
        return Ok(value);
    };
    let goes_by = match old {
        Some(old) => name_of(old, list).map(|(key, own)| (key, own.clone())),
        None if list == "user" => Some(("upn", name.into())),
        None if list == "federated_domain" => Some(("domain", name.into())),
        None => Some(("name", name.into())),
    };
    if let Some((key, own)) = goes_by {
        members.entry(key).or_insert(own);
    }
    let value = Value::Object(members);
    if old.is_none() && !goes_by_name(&value, list, name) {
        let text = format!("the path says `{name}`, but the body is called otherwise");
        return Err(Trouble::Unfit(text));
    }
    Ok(value)
}

fn delete(part: &mut Value, list: &str, name: &str) -> Result<(), Trouble> {
    let gone = match part {
        Value::Object(members) => members.shift_remove(name).is_some(),
        Value::Array(elements) => match position(elements, list, name)? {
            Some(index) => {
                elements.remove(index);
                true
            }
            None => false,
        },
        _ => false,
    };
    if gone {
        Ok(())
    } else {
        Err(missing(part, list, name))
    }
}

fn enter<'a>(part: &'a mut Value, list: &str, segment: &str) -> Result<&'a mut Value, Trouble> {
    below(part, list, segment)?;
    let found = match part {
        Value::Object(members) => members.get_mut(segment),
        Value::Array(elements) => match position(elements, list, segment)? {
            Some(index) => elements.get_mut(index),
            None => None,
        },
        _ => None,
    };
    found.ok_or_else(|| Trouble::Missing(format!("there is no `{segment}`")))
}

/// Changes `part` as a merge patch (RFC 7396) does.
pub(crate) fn merge(part: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *part = patch;
        return;
    };
    if !part.is_object() {
        *part = Value::Object(Map::new());
    }
    let Value::Object(members) = part else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.shift_remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({ "app": [
            { "name": "a", "secret": [{ "value": "one" }], "uris": ["x", "y"] },
            { "name": "b", "deep": { "k": 1, "l": 2 } },
        ], "consent": [{ "client": "c" }, { "client": "c" }] })
    }

    fn path(path: &str) -> Vec<String> {
        path.split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn edited(at: &str, change: Edit) -> Result<Value, Trouble> {
        let mut document = document();
        edit(&mut document, &path(at), change).map(|_| document)
    }

    #[test]
    fn an_element_goes_by_its_name_or_its_position() {
        let document = document();
        let at = |text| find(&document, &path(text)).cloned();
        assert_eq!(at("app/b/deep/k"), Ok(json!(1)));
        assert_eq!(at("app/1/deep/k"), Ok(json!(1)));
        assert_eq!(at("app/A/uris/y"), Ok(json!("y")));
        assert_eq!(at(""), Ok(document.clone()));
        let Err(Trouble::Missing(text)) = at("app/z") else {
            panic!()
        };
        assert!(text.contains("`z`") && text.contains("a, b"), "{text}");
        assert!(matches!(at("consent/c"), Err(Trouble::Unfit(_))));
        assert!(at("consent/1").is_ok() && at("consent/2").is_err());
    }

    #[test]
    fn what_is_put_under_a_new_name_is_added_and_gets_that_name() {
        let added = edited("app/c", Edit::Put(json!({}))).unwrap();
        assert_eq!(added["app"][2], json!({ "name": "c" }));
        let user = |change| edit(&mut json!({ "user": [] }), &path("user/x"), change);
        assert_eq!(user(Edit::Put(json!({ "upn": "x" }))), Ok(Done::Added));
        assert!(matches!(
            user(Edit::Put(json!({ "upn": "y" }))),
            Err(Trouble::Unfit(_))
        ));
        let replaced = edited("app/a", Edit::Put(json!({ "k": 1 }))).unwrap();
        assert_eq!(replaced["app"][0], json!({ "k": 1, "name": "a" }));
    }

    #[test]
    fn a_patch_merges_and_null_takes_out() {
        let patched = edited(
            "app/b/deep",
            Edit::Patch(json!({ "k": null, "m": { "n": 3 } })),
        );
        assert_eq!(
            patched.unwrap()["app"][1]["deep"],
            json!({ "l": 2, "m": { "n": 3 } })
        );
        assert!(matches!(
            edited("app/z", Edit::Patch(json!({}))),
            Err(Trouble::Missing(_))
        ));
    }

    #[test]
    fn lists_are_added_to_and_taken_from() {
        let longer = edited("app/a/secret", Edit::Append(json!({ "value": "two" }))).unwrap();
        assert_eq!(longer["app"][0]["secret"][1]["value"], "two");
        let shorter = edited("app/a/uris/x", Edit::Delete).unwrap();
        assert_eq!(shorter["app"][0]["uris"], json!(["y"]));
        assert!(matches!(
            edited("app/a/uris/z", Edit::Delete),
            Err(Trouble::Missing(_))
        ));
        assert!(matches!(
            edited("app/a", Edit::Append(json!(1))),
            Err(Trouble::Unfit(_))
        ));
        assert!(matches!(
            edited("app/a/name/x", Edit::Delete),
            Err(Trouble::Missing(_))
        ));
    }
}
