//! The tenants, applications, identities and users of the world.

use super::copied;
use crate::entra::pages::text;
use crate::world::config::{App, IdentityKind, ManagedIdentity, User, World};

pub(super) fn section(world: &World) -> String {
    let tenants = world.tenants.iter().map(|tenant| {
        let domain = tenant.domains.first().map_or("", String::as_str);
        let id = tenant.id.to_string();
        let name = text(&tenant.name);
        row(&[
            name.to_string(),
            copied(&format!("the id of tenant {}", tenant.name), &id),
            text(domain).to_string(),
        ])
    });
    let tables = [
        table("Tenants", &["Name", "Id", "Domain"], tenants),
        table(
            "Applications",
            &["Name", "Tenant", "Client id", "Secret"],
            world.apps.iter().map(app),
        ),
        table(
            "Users",
            &["Name", "Tenant", "Password"],
            world.users.iter().map(user),
        ),
        table(
            "Managed identities",
            &["Name", "Kind", "Client id", "Resource id"],
            world.managed_identities.iter().map(identity),
        ),
    ];
    format!(
        "<section id=\"world\" aria-labelledby=\"world-title\">\n<h2 id=\"world-title\">World</h2>\n\
         {}</section>",
        tables.concat()
    )
}

fn app(app: &App) -> String {
    let secret = app.secrets.first().map(|secret| secret.value.expose());
    let secret = secret.map(|it| copied(&format!("the secret of {}", app.name), it));
    let disabled = if app.disabled { " (disabled)" } else { "" };
    row(&[
        format!("{}{disabled}", text(&app.name)),
        text(&app.tenant).to_string(),
        copied(
            &format!("the client id of {}", app.name),
            &app.client_id.to_string(),
        ),
        secret.unwrap_or_default(),
    ])
}

fn user(user: &User) -> String {
    let password = user.password.as_ref().map(|password| password.expose());
    let password = password.map(|it| copied(&format!("the password of {}", user.upn), it));
    row(&[
        copied(&format!("the name {}", user.upn), &user.upn),
        text(&user.tenant).to_string(),
        password.unwrap_or_default(),
    ])
}

fn identity(identity: &ManagedIdentity) -> String {
    let kind = match identity.kind {
        IdentityKind::System => "system-assigned",
        IdentityKind::User => "user-assigned",
    };
    row(&[
        text(&identity.name).to_string(),
        kind.to_owned(),
        copied(
            &format!("the client id of {}", identity.name),
            &identity.client_id.to_string(),
        ),
        copied(
            &format!("the resource id of {}", identity.name),
            &identity.resource_id,
        ),
    ])
}

fn table(title: &str, heads: &[&str], rows: impl Iterator<Item = String>) -> String {
    let heads: String = heads
        .iter()
        .map(|head| format!("<th scope=\"col\">{head}</th>"))
        .collect();
    let rows: String = rows.collect();
    format!(
        "<div class=\"wide\" role=\"region\" aria-label=\"{title}\" tabindex=\"0\">\n\
         <table>\n<caption>{title}</caption>\n<thead><tr>{heads}</tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
}

/// Its first cell names it.
fn row(cells: &[String]) -> String {
    let (name, rest) = cells.split_first().expect("a row has a name");
    let rest: String = rest.iter().map(|cell| format!("<td>{cell}</td>")).collect();
    format!("<tr><th scope=\"row\">{name}</th>{rest}</tr>\n")
}
