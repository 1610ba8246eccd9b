//! The instance document: facts about the machine, any part of which can be asked for.

use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{from_here, versions};
use crate::entra::app_state::AppState;
use crate::exchange::error::Fault;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::hosts::metadata_rules;
use crate::state::live_directory::merge;
use crate::world::config::{IdentityKind, World};

pub(super) async fn instance(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let directory = state.snapshot(call.at).directory;
    from_here(answer(directory.world(), &call).unwrap_or_else(|fault| fault.at_entra(&call)))
}

/// The whole document: a sample with what the world says in its place.
pub(super) fn document(world: &World) -> Value {
    let mut document: Value = serde_json::from_str(SAMPLE).expect("the sample is well formed");
    let assigned = &world.hosts.imds.identities;
    let mut known = world.managed_identities.iter();
    let machine =
        known.find(|one| one.kind == IdentityKind::System && assigned.contains(&one.name));
    if let Some(machine) = machine {
        name(&mut document["compute"], &machine.resource_id);
    }
    if world.hosts.imds.instance.is_object() {
        merge(&mut document, world.hosts.imds.instance.clone());
    }
    document
}

/// A virtual machine's resource id says most about it.
fn name(compute: &mut Value, resource_id: &str) {
    let mut segments = resource_id.split('/').skip(1);
    let mut after = |name: &str| {
        segments.find(|segment| segment.eq_ignore_ascii_case(name))?;
        segments.next().map(Value::from)
    };
    let (subscription, group) = (after("subscriptions"), after("resourceGroups"));
    let name = resource_id.rsplit('/').next().unwrap_or_default();
    compute["subscriptionId"] = subscription.unwrap_or_default();
    compute["resourceGroupName"] = group.unwrap_or_default();
    compute["name"] = json!(name);
    compute["osProfile"]["computerName"] = json!(name);
    compute["resourceId"] = json!(resource_id);
}

fn answer(world: &World, call: &Call) -> Result<Response, Fault> {
    metadata_rules::check(call, &[Method::GET])?;
    versions::check(call)?;
    let document = document(world);
    let path = call.path.trim_matches('/').split('/').skip(2);
    let part = path
        .filter(|segment| !segment.is_empty())
        .try_fold(&document, child)
        .ok_or_else(|| Fault::Json(StatusCode::NOT_FOUND, json!({ "error": "Not found" })))?;
    let is_leaf = !part.is_object() && !part.is_array();
    match call.query("format").unwrap_or("json") {
        "text" => Ok(reply::text(StatusCode::OK, text(part))),
        "json" if !is_leaf => Ok(reply::json(StatusCode::OK, part)),
        "json" => Err(bad("A single value is there as text only; add format=text")),
        _ => Err(bad("The formats are json and text")),
    }
}

/// By name in any case, or by position.
fn child<'a>(part: &'a Value, segment: &str) -> Option<&'a Value> {
    match part {
        Value::Object(members) => {
            let mut members = members.iter();
            let found = members.find(|(name, _)| name.eq_ignore_ascii_case(segment));
            found.map(|(_, value)| value)
        }
        Value::Array(elements) => elements.get(segment.parse::<usize>().ok()?),
        _ => None,
    }
}

/// A value as it is, or the names of what is in it: a line each, with a slash where more follows.
fn text(part: &Value) -> String {
    let line = |name: String, value: &Value| {
        let more = value.is_object() || value.is_array();
        name + if more { "/" } else { "" }
    };
    let lines: Vec<_> = match part {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| line(name.clone(), value))
            .collect(),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .map(|(index, value)| line(index.to_string(), value))
            .collect(),
        Value::String(text) => return text.clone(),
        other => return other.to_string(),
    };
    lines.join("\n")
}

fn bad(text: &str) -> Fault {
    let body = json!({ "error": format!("Bad request. {text}") });
    Fault::Json(StatusCode::BAD_REQUEST, body)
}

const SAMPLE: &str = include_str!("instance.json");

#[cfg(test)]
mod tests {
    use super::*;

    fn only_texts(value: &Value) -> bool {
        match value {
            Value::Object(members) => members.values().all(only_texts),
            Value::Array(elements) => elements.iter().all(only_texts),
            other => other.is_string(),
        }
    }

    #[test]
    fn every_value_is_text_and_the_machine_is_that_of_the_world() {
        let document = document(&World::basic());
        assert!(only_texts(&document));
        let compute = &document["compute"];
        assert_eq!(compute["name"], "vm-basic");
        assert_eq!(compute["resourceGroupName"], "rg-basic");
        let subscription = "dddddddd-0000-4000-8000-000000000001";
        assert_eq!(compute["subscriptionId"], subscription);
    }

    #[test]
    fn the_world_may_say_otherwise() {
        let mut world = World::basic();
        world.hosts.imds.instance = json!({ "compute": { "location": "mars", "tags": "" } });
        let document = document(&world);
        assert_eq!(document["compute"]["location"], "mars");
        assert_eq!(document["compute"]["osType"], "Linux");
    }
}
