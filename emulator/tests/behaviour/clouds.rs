//! Hosts of other clouds, of regions and of mutual TLS, and what asks there in vain.

use identity_emulator::{Emulator, NationalCloud, World};

use crate::authorize::request;
use crate::support::{
    Answer, CONTOSO, DESKTOP, FABRIKAM, VAULT, assert_refused, builder, by_password, encoded,
    fields, post, send, start, token, verified,
};
use crate::visitor::{Visitor, carried};

const GOVERNMENT: &str = "login.microsoftonline.us";

/// Contoso is a tenant of the US government, Fabrikam of whichever cloud it is asked at.
async fn government() -> Emulator {
    let mut world = World::basic();
    world.tenants[0].cloud = Some(NationalCloud::UsGovernment);
    builder().world(world).start().await.unwrap()
}

/// A token of the tenant, asked for at a host.
async fn at(emulator: &Emulator, host: &str, tenant: &str, fields: &[(&str, &str)]) -> Answer {
    let line = format!("POST /{tenant}/oauth2/v2.0/token");
    let form = "content-type: application/x-www-form-urlencoded";
    let host = format!("host: {host}");
    send(emulator, &line, &[form, &host], &encoded(fields)).await
}

#[tokio::test]
pub(crate) async fn a_tenant_of_a_national_cloud_is_asked_for_there() {
    let emulator = government().await;
    for host in [GOVERNMENT, "usgovvirginia.login.microsoftonline.us"] {
        let there = at(&emulator, host, CONTOSO, &fields(VAULT)).await;
        assert_eq!(there.status, 200, "{host}: {there:?}");
    }
    for host in [
        "localhost",
        "login.microsoftonline.com",
        "login.chinacloudapi.cn",
    ] {
        let confidential = at(&emulator, host, CONTOSO, &fields(VAULT)).await;
        assert_refused(&confidential, "invalid_request", 900_382);
        let public = at(&emulator, host, CONTOSO, &by_password(VAULT)).await;
        assert_refused(&public, "invalid_request", 90038);
    }
    let mut visitor = Visitor::new(&emulator);
    let answer = visitor.authorize(&request(&[])).await;
    let said = carried(&answer, "error_description");
    assert!(
        said.contains("belongs to the National Cloud 'microsoftonline.us'"),
        "{said}"
    );
}

#[tokio::test]
pub(crate) async fn an_application_of_the_government_is_none_of_the_public_cloud() {
    let emulator = government().await;
    let refused = at(&emulator, "localhost", FABRIKAM, &fields(VAULT)).await;
    assert_refused(&refused, "invalid_request", 900_439);
    let there = at(&emulator, GOVERNMENT, FABRIKAM, &fields(VAULT)).await;
    assert_eq!(there.status, 200, "{there:?}");
}

#[tokio::test]
async fn a_tenant_that_says_nothing_is_in_every_cloud() {
    let emulator = start().await;
    for host in ["localhost", GOVERNMENT, "login.partner.microsoftonline.cn"] {
        let answer = at(&emulator, host, CONTOSO, &fields(VAULT)).await;
        assert_eq!(answer.status, 200, "{host}: {answer:?}");
    }
}

#[tokio::test]
pub(crate) async fn a_region_takes_certificates_that_come_along_if_the_world_says_so() {
    let mut world = World::basic();
    world.apps[0].regional_denied = true;
    let emulator = builder().world(world).start().await.unwrap();
    let region = "westus2.login.microsoft.com";
    let refused = at(&emulator, region, CONTOSO, &fields(VAULT)).await;
    assert_refused(&refused, "invalid_client", 100_007);
    assert_eq!(token(&emulator, &fields(VAULT)).await.status, 200);
    let proof = crate::assertions::with_its_certificate(&emulator);
    let sent = at(&emulator, region, CONTOSO, &proof_fields(&proof)).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let usual = start().await;
    let answer = at(&usual, region, CONTOSO, &fields(VAULT)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

fn proof_fields(assertion: &str) -> Vec<(&str, &str)> {
    let mut all = fields(VAULT);
    all.retain(|(name, _)| *name != "client_secret");
    all.push((
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ));
    all.push(("client_assertion", assertion));
    all
}

#[tokio::test]
pub(crate) async fn nobody_has_a_certificate_at_the_hosts_of_mutual_tls() {
    let emulator = start().await;
    for host in ["mtlsauth.microsoft.com", "westus2.mtlsauth.microsoft.com"] {
        let answer = at(&emulator, host, CONTOSO, &fields(VAULT)).await;
        assert_refused(&answer, "invalid_request", 392_200);
        assert!(answer.json().get("error_uri").is_none());
    }
}

#[tokio::test]
async fn a_device_of_a_tenant_of_a_national_cloud_is_let_in_there() {
    let emulator = government().await;
    let path = format!("/{CONTOSO}/oauth2/v2.0/devicecode");
    let asked = [("client_id", DESKTOP), ("scope", "openid")];
    let answer = post(&emulator, &path, &asked).await;
    assert_refused(&answer, "invalid_request", 90038);
}

#[tokio::test]
async fn tokens_name_the_issuer_of_their_cloud_at_every_alias() {
    let emulator = builder().start().await.unwrap();
    let issuer = async |emulator: &Emulator, host: &str, resource: &str| {
        let answer = at(emulator, host, CONTOSO, &fields(resource)).await.json();
        let (_, claims) = verified(emulator, answer["access_token"].as_str().unwrap()).await;
        claims["iss"].as_str().unwrap().to_owned()
    };
    let v1 = format!("https://sts.windows.net/{CONTOSO}/");
    assert_eq!(issuer(&emulator, "login.windows.net", VAULT).await, v1);

    let mut world = World::basic();
    world.tenants[0].cloud = Some(NationalCloud::China);
    let china = builder().world(world).start().await.unwrap();
    for host in ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"] {
        let v1 = format!("https://sts.chinacloudapi.cn/{CONTOSO}/");
        assert_eq!(issuer(&china, host, VAULT).await, v1, "{host}");
    }
}
