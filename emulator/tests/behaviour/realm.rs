//! What is known of a user name before a sign-in.

use crate::support::{ALICE, get, send, start};

#[tokio::test]
async fn the_first_form_says_managed_or_unknown() {
    let emulator = start().await;
    let managed = get(
        &emulator,
        &format!("/common/userrealm/{ALICE}?api-version=1.0"),
    )
    .await;
    assert_eq!(
        managed.body,
        r#"{"ver":"1.0","account_type":"Managed","domain_name":"contoso.example","cloud_instance_name":"microsoftonline.com","cloud_audience_urn":"urn:federation:MicrosoftOnline"}"#
    );
    assert_eq!(
        managed.header("content-disposition"),
        Some("inline; filename=userrealm.json")
    );
    assert_eq!(managed.header("cache-control"), Some("no-store, no-cache"));
    let unknown = get(
        &emulator,
        "/common/UserRealm/x%40nowhere.example?api-version=1.0",
    )
    .await;
    assert_eq!(unknown.json()["account_type"], "Unknown");
    assert_eq!(unknown.status, 200);
}

#[tokio::test]
async fn the_second_form_names_the_tenant() {
    let emulator = start().await;
    let path = format!("/common/userrealm/?user={ALICE}&api-version=2.1");
    let known = get(&emulator, &path).await;
    assert_eq!(
        known.members(),
        [
            "NameSpaceType",
            "Login",
            "DomainName",
            "FederationBrandName",
            "TenantBrandingInfo",
            "cloud_instance_name"
        ]
    );
    assert_eq!(known.text("FederationBrandName"), "Contoso");
    let unknown = get(&emulator, "/common/userrealm?user=x").await;
    assert_eq!(unknown.text("NameSpaceType"), "Unknown");
    assert_eq!(
        send(&emulator, "POST /common/userrealm", &[], "")
            .await
            .status,
        405
    );
}

#[tokio::test]
pub(crate) async fn the_oldest_form_says_managed_federated_or_unknown() {
    let emulator = start().await;
    let asked = async |name: &str| {
        let path = format!("/GetUserRealm.srf?login={name}&json=1");
        get(&emulator, &path).await
    };
    let managed = asked(ALICE).await;
    assert_eq!(
        managed.body,
        r#"{"State":4,"UserState":1,"Login":"alice@contoso.example","NameSpaceType":"Managed","DomainName":"contoso.example","FederationBrandName":"Contoso","CloudInstanceName":"microsoftonline.com","CloudInstanceIssuerUri":"urn:federation:MicrosoftOnline"}"#
    );
    let federated = asked("anybody@federated.contoso.example").await;
    assert_eq!(federated.json()["State"], 3);
    assert_eq!(federated.text("FederationBrandName"), "Contoso AD FS");
    let to = federated.text("AuthURL");
    assert!(
        to.starts_with("https://adfs.contoso.example/adfs/ls/?"),
        "{to}"
    );
    let unknown = asked("x@nowhere.example").await;
    assert_eq!(unknown.text("NameSpaceType"), "Unknown");
}

#[tokio::test]
pub(crate) async fn the_sign_in_page_learns_whether_a_name_exists() {
    let emulator = start().await;
    for (name, result) in [(ALICE, 0), ("nobody@contoso.example", 1)] {
        let headers = ["content-type: application/json; charset=UTF-8"];
        let body = serde_json::json!({ "username": name }).to_string();
        let answer = send(&emulator, "POST /common/GetCredentialType", &headers, &body).await;
        assert_eq!(answer.json()["IfExistsResult"], result, "{name}");
        assert_eq!(answer.text("Username"), name);
    }
    let junk = send(&emulator, "POST /common/GetCredentialType", &[], "{").await;
    assert_eq!(junk.json()["IfExistsResult"], 1);
    assert_eq!(
        get(&emulator, "/common/GetCredentialType").await.status,
        405
    );
}
