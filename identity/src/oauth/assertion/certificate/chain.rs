//! The certificates of a key, and the chain of each as assertions show it.

use super::x509;

/// Returns a chain for each certificate in `certificates` of the RSA key `public_key` (PKCS#1).
/// There is more than one after a renewal that kept the key.
pub(super) fn chains(public_key: &[u8], certificates: &[Vec<u8>]) -> Vec<Vec<Vec<u8>>> {
    let is_own = |der: &&Vec<u8>| x509::rsa_public_key(der) == Some(public_key);
    let mut own: Vec<_> = certificates.iter().filter(is_own).collect();
    own.dedup();
    own.into_iter()
        .map(|der| chain(der, certificates))
        .collect()
}

/// Returns `own` and what certifies it, upwards: RFC 7515 wants each certificate in `x5c` to
/// certify the one before. Files have them in any order, some twice, and some that belong to
/// nothing.
fn chain(own: &[u8], certificates: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut chain = vec![own.to_vec()];
    while let Some(next) = issuer(&chain, certificates) {
        chain.push(next.clone());
    }
    chain
}

/// Returns the certificate that certifies the last of `chain`, unless that is a root.
fn issuer<'a>(chain: &[Vec<u8>], certificates: &'a [Vec<u8>]) -> Option<&'a Vec<u8>> {
    let last = x509::fields(chain.last()?)?;
    if last.issuer == last.subject {
        return None;
    }
    certificates.iter().find(|der| {
        let is_issuer = x509::fields(der).is_some_and(|fields| fields.subject == last.issuer);
        is_issuer && !chain.contains(der)
    })
}
