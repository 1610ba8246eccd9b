//! Keys derived from passwords: the function of RFC 7292, appendix B, and a bound on the work any
//! derivation may ask for.

use std::num::NonZeroU32;

use aws_lc_rs::digest::{Algorithm, digest};
use zeroize::Zeroizing;

use super::der::DerReader;

/// The highest iteration count that is accepted. Real files have at most a million; a file that
/// asked for billions would keep a thread busy for hours.
const MAX_ITERATIONS: u32 = 2_000_000;

/// Reads the iteration count that comes next in `parameters`; `None` when it is zero or larger than
/// [`MAX_ITERATIONS`].
pub(super) fn iterations(parameters: &mut DerReader<'_>) -> Option<NonZeroU32> {
    let iterations = parameters.number().and_then(NonZeroU32::new);
    iterations.filter(|iterations| iterations.get() <= MAX_ITERATIONS)
}

/// The use a key is derived for; the derivation mixes its number in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    #[cfg(feature = "legacy-pfx")]
    Key = 1,
    #[cfg(feature = "legacy-pfx")]
    Iv = 2,
    Mac = 3,
}

/// Returns the byte strings that programs make of `password`. For an empty one there are two: some
/// programs encode nothing at all, others the terminating zero.
pub(super) fn encodings(password: &str) -> Vec<Zeroizing<Vec<u8>>> {
    // UTF-16, big-endian, with a terminating zero.
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

/// Derives `length` bytes of key material from `password`.
pub(super) fn derive(
    hash: &'static Algorithm,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    // Steps 1 to 6 of appendix B.2, in which the diversifier is `purpose` over a whole block.
    let block = hash.block_len();
    let mut input = Zeroizing::new(repeated(salt, block));
    input.extend_from_slice(&repeated(password, block));
    let mut key = Zeroizing::new(Vec::with_capacity(length + hash.output_len()));
    while key.len() < length {
        let mut message = Zeroizing::new(vec![purpose as u8; block]);
        message.extend_from_slice(&input);
        let mut sum = digest(hash, &message);
        for _ in 1..iterations.get() {
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

/// Repeats `bytes` up to the next multiple of `block`.
fn repeated(bytes: &[u8], block: usize) -> Vec<u8> {
    let length = bytes.len().div_ceil(block) * block;
    bytes.iter().copied().cycle().take(length).collect()
}

/// Sets `number` to `number + addend + 1`, both big-endian; the carry out of the first byte is
/// dropped, as the RFC has it modulo the block size.
fn add(number: &mut [u8], addend: &[u8]) {
    let mut carry = 1;
    for (digit, &more) in number.iter_mut().zip(addend).rev() {
        let sum = u16::from(*digit) + u16::from(more) + carry;
        *digit = sum as u8;
        carry = sum >> 8;
    }
}
