//! AES-GCM with a 12-octet IV and a 16-octet tag (RFC 7518 section 5.3), in place.

#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod ring_like;
#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
mod rust_crypto;

#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
use ring_like as backend;
#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
use rust_crypto as backend;

use super::NotAuthentic;
use super::count::{Operation, note};
use zeroize::Zeroize;

/// The lengths are not those of AES-GCM, or the plaintext is past its 64 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed;

/// Encrypts in place under a key of 16 or 32 octets.
pub(crate) fn seal(
    key: &[u8],
    iv: &[u8; 12],
    aad: &[u8],
    content: &mut [u8],
) -> Result<[u8; 16], Failed> {
    backend::seal(key, iv, aad, content)
}

/// Decrypts in place under a key of 16 or 32 octets; wipes `content` if the tag does not hold.
pub(crate) fn open(
    key: &[u8],
    iv: &[u8; 12],
    aad: &[u8],
    content: &mut [u8],
    tag: &[u8; 16],
) -> Result<(), NotAuthentic> {
    note(Operation::ContentOpen);
    backend::open(key, iv, aad, content, tag).inspect_err(|_| content.zeroize())
}
