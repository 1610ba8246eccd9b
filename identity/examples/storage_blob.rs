//! Uploads and downloads a blob as whoever this machine is.
//!
//! ```console
//! $ cargo run -p identity --example storage_blob -- https://<account>.blob.core.windows.net/<container>/hello.txt
//! ```
//!
//! The identity needs the role "Storage Blob Data Contributor" on the container.
#![expect(clippy::print_stdout, reason = "what an example has to show")]

use std::error::Error;
use std::sync::Arc;

use azure_core::http::{RequestContent, Url};
use azure_storage_blob::BlobClient;
use identity::DefaultAzureCredential;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args()
        .nth(1)
        .ok_or("the URL of a blob is missing")?;
    let credential = Arc::new(DefaultAzureCredential::new()?);
    let blob = BlobClient::new(Url::parse(&url)?, Some(credential), None)?;
    let content = b"hello from identity".to_vec();
    blob.upload(RequestContent::from(content), None).await?;
    let downloaded = blob.download(None).await?.body.collect().await?;
    println!("{}", String::from_utf8_lossy(&downloaded));
    Ok(())
}
