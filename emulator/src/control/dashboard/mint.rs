//! Tokens to order, good and bad.

use serde_json::Value;

use super::copied;
use crate::crypto::jwt::Jwt;
use crate::entra::app_state::AppState;
use crate::entra::forge::{Forgery, ForgeryKind, forge};
use crate::entra::pages::text;
use crate::exchange::request::Call;
use crate::world::config::{ConfigError, World};

/// The token that the form asks for.
#[derive(Debug, Default)]
pub(in crate::control) struct MintForm(Forgery);

/// The outcome of the form: a token, or the reason why there is none.
#[derive(Debug)]
pub(in crate::control) struct Minted {
    order: MintForm,
    outcome: Result<crate::entra::forge::Forged, ConfigError>,
}

impl MintForm {
    /// Reads the fields that were sent; an empty one is left to the emulator.
    pub(in crate::control) fn of(call: &Call) -> Self {
        let field = |name| call.field(name).filter(|value| !value.trim().is_empty());
        let named = |kind: &&ForgeryKind| Some(kind.name()) == field("kind");
        let kind = ForgeryKind::ALL.iter().find(named);
        Self(Forgery {
            kind: kind.copied().unwrap_or_default(),
            tenant: field("tenant").map(str::to_owned),
            client: field("client").map(str::to_owned),
            resource: field("resource").map(str::to_owned),
            ..Forgery::default()
        })
    }

    pub(in crate::control) async fn carry_out(self, state: &AppState) -> Minted {
        let outcome = forge(state, &self.0).await;
        Minted {
            order: self,
            outcome,
        }
    }
}

pub(super) fn section(root: &str, world: &World, minted: Option<&Minted>) -> String {
    let before = minted.map(|minted| &minted.order.0);
    let chosen = |value: Option<&String>| value.cloned().unwrap_or_default();
    let client = chosen(before.and_then(|it| it.client.as_ref()));
    let tenant = chosen(before.and_then(|it| it.tenant.as_ref()));
    let resource = chosen(before.and_then(|it| it.resource.as_ref()));
    let kind = before.map_or("valid", |it| it.kind.name());
    let apps = world.apps.iter().map(|app| app.name.as_str());
    let tenants = world.tenants.iter().map(|tenant| tenant.name.as_str());
    let kinds = ForgeryKind::ALL.iter().map(|kind| kind.name());
    let default = "(the default)";
    let fields = [
        select("client", "Application", Some(default), apps, &client),
        select("tenant", "Tenant", Some(default), tenants, &tenant),
        format!(
            "<p><label for=\"mint-resource\">Resource</label> <input id=\"mint-resource\" \
             name=\"resource\" value=\"{}\" placeholder=\"https://graph.microsoft.com\"></p>",
            text(&resource)
        ),
        select("kind", "What is wrong with it", None, kinds, kind),
    ];
    format!(
        "<section id=\"mint\" aria-labelledby=\"mint-title\">\n<h2 id=\"mint-title\">Mint a token</h2>\n\
         {result}<form method=\"post\" action=\"{root}/dashboard/mint#mint\" class=\"fields\">\n\
         {fields}\n<p><button class=\"main\">Mint</button></p>\n</form>\n</section>",
        result = minted.map_or_else(String::new, result),
        fields = fields.join("\n")
    )
}

fn select<'a>(
    name: &str,
    label: &str,
    default: Option<&str>,
    values: impl Iterator<Item = &'a str>,
    chosen: &str,
) -> String {
    let first = default.map(|word| format!("<option value=\"\">{word}</option>"));
    let options = values.map(|value| {
        let selected = if value == chosen { " selected" } else { "" };
        format!("<option{selected}>{}</option>", text(value))
    });
    let options: String = first.into_iter().chain(options).collect();
    format!(
        "<p><label for=\"mint-{name}\">{label}</label> \
         <select id=\"mint-{name}\" name=\"{name}\">{options}</select></p>"
    )
}

fn result(minted: &Minted) -> String {
    match &minted.outcome {
        Err(error) => {
            let error = error.to_string();
            format!(
                "<p class=\"finding\" role=\"alert\"><strong>Error:</strong> {}</p>\n",
                text(&error)
            )
        }
        Ok(forged) => {
            let token = forged.token();
            let claims = Jwt::parse(token).map(|jwt| Value::Object(jwt.claims));
            let claims = serde_json::to_string_pretty(&claims).unwrap_or_default();
            format!(
                "<div id=\"minted\" role=\"status\"><h3>Minted</h3>\n<p class=\"token\">{}</p>\n\
                 <pre tabindex=\"0\">{}</pre></div>\n",
                copied("the token", token),
                text(&claims)
            )
        }
    }
}
