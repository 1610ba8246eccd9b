//! Keys, certificates and tokens as signed text: what proves who wrote something. It uses `base`
//! and knows neither requests nor the world.

pub(crate) mod certificate;
pub(crate) mod issuer_keys;
pub(crate) mod jwt;
pub(crate) mod keys;
pub(crate) mod pki;
pub(crate) mod trust_files;
