//! A function in place of a credential, for clients that take only functions.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use crate::error::Result;
use crate::token::TokenRequest;
use crate::token_credential::TokenCredential;

/// Returns a function that returns the text of a token for `scopes`, from `credential`'s cache
/// while it is fresh.
///
/// ```no_run
/// use std::sync::Arc;
/// use identity::{DefaultAzureCredential, get_bearer_token_provider};
///
/// # async fn example() -> identity::Result<()> {
/// let credential = Arc::new(DefaultAzureCredential::new()?);
/// let scopes = ["https://cognitiveservices.azure.com/.default"];
/// let provider = get_bearer_token_provider(credential, &scopes)?;
/// let authorization = format!("Bearer {}", provider().await?);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `InvalidArgument` when there is no scope, or one is malformed. The function's own errors are the
/// credential's.
pub fn get_bearer_token_provider(
    credential: Arc<dyn TokenCredential>,
    scopes: &[&str],
) -> Result<impl Fn() -> BoxFuture<'static, Result<String>> + Clone + Send + Sync + 'static> {
    let request = Arc::new(TokenRequest::new(scopes)?);
    Ok(move || {
        let (credential, request) = (Arc::clone(&credential), Arc::clone(&request));
        async move {
            let token = credential.get_token_with(&request).await?;
            Ok(token.token().to_owned())
        }
        .boxed()
    })
}
