//! The rules of workloads, pipelines and workflows.

use super::{Checked, unique};
use crate::world::config::{Pipeline, Workflow, Workload, World};

pub(super) fn check(world: &World) -> Checked {
    unique("workload name", world.workloads.iter().map(|one| &one.name))?;
    unique("pipeline name", world.pipelines.iter().map(|one| &one.name))?;
    unique("workflow name", world.workflows.iter().map(|one| &one.name))?;
    let pipelines = world.pipelines.iter();
    let connections = pipelines.flat_map(|one| &one.service_connections);
    unique(
        "id of a service connection",
        connections.map(|connection| connection.id),
    )?;
    let mut workloads = world.workloads.iter();
    workloads.try_for_each(|one| workload(world, one))?;
    let mut pipelines = world.pipelines.iter();
    pipelines.try_for_each(|one| pipeline(world, one))?;
    let mut workflows = world.workflows.iter();
    workflows.try_for_each(|one| workflow(world, one))
}

fn workload(world: &World, workload: &Workload) -> Checked {
    let place = format!("workload `{}`", workload.name);
    file_name(&place, &workload.name)?;
    issuer(world, &place, &workload.issuer)?;
    app(world, &place, &workload.app)?;
    for part in [&workload.namespace, &workload.service_account] {
        name_of_an_object(&place, part)?;
    }
    if (600..=86_400).contains(&workload.token_lifetime_s) {
        return Ok(());
    }
    let lifetime = workload.token_lifetime_s;
    Err(format!(
        "{place}: token_lifetime_s is between 600 and 86400, not {lifetime}"
    ))
}

fn pipeline(world: &World, pipeline: &Pipeline) -> Checked {
    let place = format!("pipeline `{}`", pipeline.name);
    issuer(world, &place, &pipeline.issuer)?;
    for (name, value) in [
        ("organization", &pipeline.organization),
        ("project", &pipeline.project),
    ] {
        if value.is_empty() || value.contains('/') {
            return Err(format!("{place}: {name} is a name, and has no slash in it"));
        }
    }
    bearer(&place, "access_token", pipeline.access_token.expose())?;
    let mut connections = pipeline.service_connections.iter();
    connections.try_for_each(|connection| app(world, &place, &connection.app))
}

fn workflow(world: &World, workflow: &Workflow) -> Checked {
    let place = format!("workflow `{}`", workflow.name);
    file_name(&place, &workflow.name)?;
    issuer(world, &place, &workflow.issuer)?;
    app(world, &place, &workflow.app)?;
    bearer(&place, "request_token", workflow.request_token.expose())?;
    match workflow.repository.split_once('/') {
        Some((owner, name)) if !owner.is_empty() && !name.is_empty() && !name.contains('/') => {}
        _ => return Err(format!("{place}: repository is `owner/name`")),
    }
    if workflow.git_ref.starts_with("refs/") {
        return Ok(());
    }
    Err(format!(
        "{place}: ref is a full name such as refs/heads/main or refs/tags/v1"
    ))
}

fn issuer(world: &World, place: &str, name: &str) -> Checked {
    if world.issuers.iter().any(|issuer| issuer.name == name) {
        return Ok(());
    }
    Err(format!(
        "{place} names the issuer `{name}`, which does not exist"
    ))
}

fn app(world: &World, place: &str, name: &str) -> Checked {
    if world.apps.iter().any(|app| app.name == name) {
        return Ok(());
    }
    Err(format!(
        "{place} names the app `{name}`, which does not exist"
    ))
}

/// It becomes part of a URL or of a path.
fn file_name(place: &str, name: &str) -> Checked {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(plain) {
        return Ok(());
    }
    Err(format!(
        "{place}: its name becomes part of a path, so it has only letters, digits, - and _"
    ))
}

/// As Kubernetes names its objects: a label of a host name.
fn name_of_an_object(place: &str, name: &str) -> Checked {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if !name.is_empty() && name.chars().all(plain) {
        return Ok(());
    }
    Err(format!(
        "{place}: `{name}` is no name in Kubernetes, which has only lower-case letters, digits, - \
         and ."
    ))
}

fn bearer(place: &str, what: &str, value: &str) -> Checked {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(format!(
        "{place}: {what} stands in a header and is not empty"
    ))
}
