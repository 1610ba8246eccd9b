//! The sources of client assertions.

mod callback;
mod certificate;
mod pipelines;
mod token_file;

pub use self::callback::ClientAssertion;
pub use self::certificate::{CertificateSource, ClientCertificate};
pub(crate) use self::pipelines::ServiceConnection;
pub(crate) use self::token_file::TokenFile;
