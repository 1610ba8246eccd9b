//! Reads a secret of a key vault: in Azure as the managed identity, elsewhere as whoever is signed
//! in to the Azure CLI.
//!
//! ```console
//! $ cargo run -p identity --example key_vault_secret -- https://<vault>.vault.azure.net <secret>
//! ```
//!
//! The identity needs the role "Key Vault Secrets User" on the vault.
#![expect(clippy::print_stdout, reason = "what an example has to show")]

use std::error::Error;
use std::sync::Arc;

use azure_security_keyvault_secrets::SecretClient;
use identity::{AzureCliCredential, ChainedTokenCredential, ManagedIdentityCredential};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let vault = arguments.next().ok_or("the URL of a vault is missing")?;
    let name = arguments.next().ok_or("the name of a secret is missing")?;
    let credential = ChainedTokenCredential::new(vec![
        Arc::new(ManagedIdentityCredential::new()?),
        Arc::new(AzureCliCredential::new()?),
    ])?;
    let client = SecretClient::new(&vault, Arc::new(credential), None)?;
    let secret = client.get_secret(&name, None).await?.into_model()?;
    let length = secret.value.map_or(0, |value| value.len());
    println!("{name} has {length} bytes");
    Ok(())
}
