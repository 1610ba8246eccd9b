//! The message for the user of a device code.

use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

/// The page that a user has to open, and the code to enter there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceCodeInfo {
    /// The page to open, on any device.
    pub verification_uri: String,
    /// The code to enter there.
    pub user_code: String,
    /// The token service's own message, which has both the page and the code.
    pub message: String,
    /// The time at which the code expires.
    pub expires_on: OffsetDateTime,
}

/// A function that shows a user which page to open and which code to enter. Clones share it.
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
    /// Creates a prompt that calls `show`, which should return soon: the credential starts to poll
    /// the token service only after it.
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
