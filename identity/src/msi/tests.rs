//! Tests of the detection of hosts.

use std::path::Path;

use futures_util::future::BoxFuture;

use super::*;
use crate::context::StaticEnv;
use crate::error::ErrorKind;

/// A file system of which only the existence of one file matters.
#[derive(Debug)]
struct Only(&'static str);

impl Files for Only {
    fn read<'a>(&'a self, _: &'a Path, _: u64) -> BoxFuture<'a, std::io::Result<Vec<u8>>> {
        unreachable!("detection reads nothing")
    }

    fn exists(&self, path: &Path) -> bool {
        path == Path::new(self.0)
    }
}

fn name_with(variables: &[(&str, &str)], file: &'static str) -> String {
    let env = StaticEnv::from_iter(variables.iter().copied());
    match detect(&env, &Only(file), true) {
        Ok(Detected::Host(host)) => host.name().to_owned(),
        Ok(Detected::WorkloadIdentity) => "workload identity".to_owned(),
        Err(error) if error.kind() == ErrorKind::CredentialUnavailable => {
            format!("unavailable: {error}")
        }
        Err(error) => format!("{:?}", error.kind()),
    }
}

fn name(variables: &[(&str, &str)]) -> String {
    name_with(variables, "")
}

const ENDPOINT: (&str, &str) = ("IDENTITY_ENDPOINT", "https://127.0.0.1:1/token");
const MSI: (&str, &str) = ("MSI_ENDPOINT", "http://127.0.0.1:1/token");

#[test]
fn a_host_is_detected_by_its_variables_in_the_order_of_the_reference_library() {
    let (header, imds) = (("IDENTITY_HEADER", "h"), ("IMDS_ENDPOINT", "http://x"));
    let thumbprint = "00".repeat(20);
    let fabric = ("IDENTITY_SERVER_THUMBPRINT", &*thumbprint);
    assert_eq!(name(&[]), "IMDS");
    assert_eq!(name(&[ENDPOINT, header]), "App Service");
    assert_eq!(name(&[ENDPOINT, header, fabric, imds]), "Service Fabric");
    assert_eq!(name(&[ENDPOINT, header, imds]), "App Service");
    assert_eq!(name(&[ENDPOINT, imds, MSI]), "Azure Arc");
    assert_eq!(name(&[MSI, ("MSI_SECRET", "s")]), "Azure ML");
    let site = ("WEBSITE_SITE_NAME", "s");
    assert_eq!(name(&[MSI, ("MSI_SECRET", "s"), site]), "App Service");
    assert_eq!(name(&[MSI]), "Cloud Shell");
    assert_eq!(name(&[("MSI_ENDPOINT", "")]), "IMDS", "empty is unset");
    assert_eq!(name(&[("MSI_ENDPOINT", "not a url")]), "InvalidArgument");
}

#[cfg(unix)]
#[test]
fn an_installed_arc_agent_is_found_unless_variables_name_another_host() {
    let agent = "/opt/azcmagent/bin/himds";
    assert_eq!(name_with(&[], agent), "Azure Arc");
    assert_eq!(name_with(&[MSI], agent), "Cloud Shell");
    let moved = ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1");
    assert_eq!(name_with(&[moved], agent), "IMDS");
}

#[test]
fn an_endpoint_without_its_other_variables_is_an_error_and_never_replaced_by_imds() {
    assert!(name(&[ENDPOINT, MSI]).contains("IDENTITY_HEADER"));
}

#[test]
fn workload_identity_needs_three_variables_and_precedes_only_imds() {
    let variables = [
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com"),
        ("AZURE_TENANT_ID", "contoso"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/token"),
    ];
    assert_eq!(name(&variables), "workload identity");
    assert_eq!(name(&variables[1..]), "IMDS");
    assert_eq!(name(&[&variables[..], &[MSI]].concat()), "Cloud Shell");
    let moved = ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1");
    let both = [&variables[..], &[moved]].concat();
    assert_eq!(name(&both), "workload identity");
    let unwanted = detect(&StaticEnv::from_iter(both), &Only(""), false);
    assert_eq!(unwanted.unwrap().into_host().name(), "IMDS");
}
