//! Keys from passwords as RFC 7292, appendix B, has it.

use std::num::NonZeroU32;

use aws_lc_rs::digest::{Algorithm, digest};
use zeroize::Zeroizing;

/// What a key is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    #[cfg(feature = "legacy-pfx")]
    Key = 1,
    #[cfg(feature = "legacy-pfx")]
    Iv = 2,
    Mac = 3,
}

/// The passwords a file may have been made with: without any, some programs take no character and
/// others the closing zero alone.
pub(super) fn spellings(password: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let closed = password
        .encode_utf16()
        .chain([0])
        .flat_map(u16::to_be_bytes);
    let mut all = vec![Zeroizing::new(closed.collect())];
    if password.is_empty() {
        all.push(Zeroizing::default());
    }
    all
}

/// `length` bytes of key.
pub(super) fn derive(
    hash: &'static Algorithm,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    rounds: NonZeroU32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let block = hash.block_len();
    let mut input = Zeroizing::new(stretched(salt, block));
    input.extend_from_slice(&stretched(password, block));
    let mut key = Zeroizing::new(Vec::with_capacity(length + hash.output_len()));
    while key.len() < length {
        let mut message = Zeroizing::new(vec![purpose as u8; block]);
        message.extend_from_slice(&input);
        let mut sum = digest(hash, &message);
        for _ in 1..rounds.get() {
            sum = digest(hash, sum.as_ref());
        }
        key.extend_from_slice(sum.as_ref());
        let addend: Vec<u8> = sum.as_ref().iter().copied().cycle().take(block).collect();
        for chunk in input.chunks_exact_mut(block) {
            add(chunk, &addend);
        }
    }
    key.truncate(length);
    key
}

/// `bytes` over and over, to the next multiple of `block`.
fn stretched(bytes: &[u8], block: usize) -> Vec<u8> {
    let length = bytes.len().div_ceil(block) * block;
    bytes.iter().copied().cycle().take(length).collect()
}

/// `number + addend + 1`, both big-endian, without the carry out of the first byte.
fn add(number: &mut [u8], addend: &[u8]) {
    let mut carry = 1;
    for (digit, &more) in number.iter_mut().zip(addend).rev() {
        let sum = u16::from(*digit) + u16::from(more) + carry;
        *digit = sum as u8;
        carry = sum >> 8;
    }
}
