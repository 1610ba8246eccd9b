//! What the user of a device code is told.

use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

/// Where a user has to go, and what to type there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceCodeInfo {
    /// The page to open, on any device.
    pub verification_uri: String,
    /// What to type there.
    pub user_code: String,
    /// Both in a sentence, in the words of the token service.
    pub message: String,
    /// Until when the code is good.
    pub expires_on: OffsetDateTime,
}

/// Shows a user where to go and what to type; clones are the same.
///
/// ```
/// use identity::{DeviceCodeCredential, DeviceCodeCredentialOptions, DeviceCodePrompt};
///
/// let credential = DeviceCodeCredential::with_options(DeviceCodeCredentialOptions {
///     prompt: Some(DeviceCodePrompt::new(|code| {
///         println!("Open {} and type {}", code.verification_uri, code.user_code);
///     })),
///     ..Default::default()
/// })?;
/// # Ok::<_, identity::Error>(())
/// ```
#[derive(Clone)]
pub struct DeviceCodePrompt(Arc<dyn Fn(&DeviceCodeInfo) + Send + Sync>);

impl DeviceCodePrompt {
    /// By the function `show`, which should return soon: polling begins after it.
    pub fn new(show: impl Fn(&DeviceCodeInfo) + Send + Sync + 'static) -> Self {
        Self(Arc::new(show))
    }

    pub(super) fn show(&self, code: &DeviceCodeInfo) {
        (self.0)(code);
    }
}

impl fmt::Debug for DeviceCodePrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceCodePrompt")
    }
}
