//! The attested document: facts about the machine, signed by the platform for others to check.

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use rustls::pki_types::DnsName;
use serde_json::{Value, json};
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::{instance, served, versions};
use crate::entra::app_state::AppState;
use crate::exchange::error::Fault;
use crate::exchange::request::{Call, Incoming};
use crate::hosts::metadata_rules;

pub(super) async fn document(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    served(answer(&state, &call), &call)
}

fn answer(state: &AppState, call: &Call) -> Result<Value, Fault> {
    metadata_rules::check(call, &[Method::GET])?;
    versions::check(call)?;
    let nonce = match call.query("nonce").filter(|nonce| !nonce.is_empty()) {
        Some(nonce) if nonce.len() <= 10 && nonce.bytes().all(|byte| byte.is_ascii_digit()) => {
            nonce.to_owned()
        }
        Some(_) => return Err(metadata_rules::refused("The nonce has up to 10 digits")),
        None => stamp(call.at),
    };
    let directory = state.snapshot(call.at).directory;
    let compute = &instance::document(directory.world())["compute"];
    let content = json!({
        "licenseType": compute["licenseType"],
        "nonce": nonce,
        "plan": compute["plan"],
        "sku": compute["sku"],
        "subscriptionId": compute["subscriptionId"],
        "timeStamp": { "createdOn": date(call.at), "expiresOn": date(call.at + GOOD_FOR) },
        "vmId": compute["vmId"],
    });
    let signer = DnsName::try_from_str(signer(compute)).expect("a name of the table is one");
    let message = state
        .pki()
        .signed_message(signer.to_owned(), content.to_string().as_bytes());
    Ok(json!({ "encoding": "pkcs7", "signature": STANDARD.encode(message) }))
}

/// Each cloud signs with a certificate of its own.
fn signer(compute: &Value) -> &'static str {
    match compute["azEnvironment"].as_str() {
        Some("AzureUSGovernmentCloud") => "metadata.azure.us",
        Some("AzureChinaCloud") => "metadata.azure.cn",
        Some("AzureGermanCloud") => "metadata.microsoftazure.de",
        _ => "metadata.azure.com",
    }
}

/// `11/30/20 21:19:19 -0000`
fn date(at: OffsetDateTime) -> String {
    let form =
        format_description!("[month]/[day]/[year repr:last_two] [hour]:[minute]:[second] -0000");
    at.format(&form).unwrap_or_default()
}

/// `20201130-211919`, in place of a nonce.
fn stamp(at: OffsetDateTime) -> String {
    let form = format_description!("[year][month][day]-[hour][minute][second]");
    at.format(&form).unwrap_or_default()
}

const GOOD_FOR: Duration = Duration::hours(6);
