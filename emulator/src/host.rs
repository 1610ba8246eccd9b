//! Managed identity hosts, one file each.

pub(crate) mod imds;
