//! The container image as a user runs it: `testcontainers` starts it, this crate gets a token over
//! the published port with the certificate authority from the volume, and the container is stopped.
//!
//! Needs a container engine and the image that `tools/container-image` builds. Where either is
//! missing the test shows as ignored, with the reason; with `IDENTITY_CONTAINER_TEST=required` in
//! the environment that is a failure instead, so that CI cannot skip it unseen.

#![expect(
    clippy::disallowed_methods,
    reason = "a test of the real world reads the real environment and runs the real engine"
)]

use std::error::Error;
use std::sync::Arc;

use identity::context::{Context, ReqwestTransport};
use identity::{ClientSecretCredential, ClientSecretCredentialOptions, Options};
use libtest_mimic::{Arguments, Failed, Trial};
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};

const IMAGE: &str = "identity-emulator";
const TAG: &str = "latest";
const HTTPS_PORT: u16 = 8443;

const TENANT_ID: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const CLIENT_ID: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const CLIENT_SECRET: &str = "daemon-secret-for-tests-only";

fn main() {
    let arguments = Arguments::from_args();
    let required = std::env::var("IDENTITY_CONTAINER_TEST").is_ok_and(|value| value == "required");
    let missing = what_is_missing();
    let mut trial = Trial::test(
        "the_image_gives_a_token_to_our_crate_over_a_published_port",
        || block_on(token_from_the_container()).map_err(|error| Failed::from(error.to_string())),
    );
    if let (Some(reason), false) = (missing, required) {
        trial = trial
            .with_kind(format!("ignored: {reason}"))
            .with_ignored_flag(true);
    }
    libtest_mimic::run(&arguments, vec![trial]).exit();
}

/// Returns the reason why the test cannot run here, or `None` when it can.
fn what_is_missing() -> Option<&'static str> {
    let docker = |arguments: &[&str]| {
        std::process::Command::new("docker")
            .args(arguments)
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if !docker(&["info"]) {
        return Some("no container engine answers");
    }
    if !docker(&["image", "inspect", &format!("{IMAGE}:{TAG}")]) {
        return Some("no image identity-emulator:latest, build it with tools/container-image");
    }
    None
}

async fn token_from_the_container() -> Result<(), Box<dyn Error>> {
    let container = GenericImage::new(IMAGE, TAG)
        .with_exposed_port(HTTPS_PORT.tcp())
        .with_wait_for(WaitFor::healthcheck())
        .with_readonly_rootfs(true)
        .start()
        .await?;
    let outcome = take_a_token(&container).await;
    container.stop().await?;
    outcome
}

async fn take_a_token(container: &ContainerAsync<GenericImage>) -> Result<(), Box<dyn Error>> {
    let port = container.get_host_port_ipv4(HTTPS_PORT.tcp()).await?;
    let ca_pem: Vec<u8> = container.copy_file_from("/ca/ca.pem", Vec::new()).await?;
    let transport = ReqwestTransport::builder()
        .root_certificate_pem(&ca_pem)?
        .build()?;

    let credential = ClientSecretCredential::with_options(
        TENANT_ID,
        CLIENT_ID,
        CLIENT_SECRET,
        ClientSecretCredentialOptions {
            options: Options {
                authority_host: Some(format!("https://127.0.0.1:{port}")),
                context: Context {
                    transport: Arc::new(transport),
                    ..Context::system()
                },
                ..Options::default()
            },
        },
    )?;
    let token = credential
        .get_token(&["https://vault.azure.net/.default"])
        .await?;
    let segments = token.token().split('.').count();
    if segments != 3 {
        return Err(format!("expected a signed token of three segments, got {segments}").into());
    }
    Ok(())
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a current-thread runtime starts")
        .block_on(future)
}
