//! The raw RSA private operation of aws-lc: constant-time, blinded, and without a padding.
//!
//! [strict-jose] takes PKCS #1 v1.5 off RSA1_5 blocks by itself, since the answer of a library whether
//! that padding held is the oracle of Bleichenbacher. aws-lc has the operation that this needs, and
//! recommends it for that (`openssl/rsa.h`, at `RSA_decrypt`); the safe interface of aws-lc-rs has not.
//! This crate adds it, and is all the unsafe code there is to it.
//!
//! [strict-jose]: https://docs.rs/strict-jose

mod aws_lc;

use aws_lc::{
    ERR_clear_error, RSA, RSA_NO_PADDING, RSA_decrypt, RSA_free, RSA_get0_e,
    RSA_private_key_from_bytes, RSA_size,
};
use core::fmt;
use core::ptr::NonNull;

/// An RSA private key in the memory of aws-lc, which wipes it when the key is dropped.
///
/// Threads share it: aws-lc keeps a blinding for each that is at work.
pub struct RawRsaKey {
    /// Made by `RSA_private_key_from_bytes`, changed by nobody since, freed by `drop` alone.
    key: NonNull<RSA>,
    bytes: usize,
}

// SAFETY: no part of the structure belongs to a thread, and aws-lc frees it from any.
unsafe impl Send for RawRsaKey {}

// SAFETY: `openssl/rsa.h` says of an RSA structure that functions which do not mutate may use it from
// several threads at once, and counts the encryption and decryption functions, `RSA_decrypt` among
// them, as such: what these keep in it, blinding and Montgomery constants, is behind a lock of its own.
// Nothing here mutates the structure otherwise.
unsafe impl Sync for RawRsaKey {}

/// The ciphertext is not one.
///
/// It has another length than the modulus, or is 0, 1, `n - 1`, or not below `n`: everyone who has
/// the public key sees that. Or the operation failed, by want of memory or a fault of the processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

impl RawRsaKey {
    /// Reads an `RSAPrivateKey` in DER (RFC 8017 appendix A.1.2) and checks that its integers belong
    /// together; `None` if they do not, or if aws-lc does not take the key for another reason.
    ///
    /// ```
    /// # use strict_jose_raw_rsa::RawRsaKey;
    /// assert!(RawRsaKey::from_pkcs1_der(b"no key").is_none());
    /// ```
    #[must_use]
    pub fn from_pkcs1_der(der: &[u8]) -> Option<Self> {
        aws_lc_rs::init();
        // SAFETY: the pointer and the length are those of one slice, which is read and not kept.
        let key = unsafe { RSA_private_key_from_bytes(der.as_ptr(), der.len()) };
        let Some(key) = NonNull::new(key) else {
            forget_errors();
            return None;
        };
        // From here on the structure is freed whatever happens.
        let mut key = Self { key, bytes: 0 };
        // SAFETY: the structure is alive; the pointer that is returned is not followed.
        let exponent = unsafe { RSA_get0_e(key.key.as_ptr()) };
        // aws-lc takes keys without a public exponent, and does not blind with them.
        if exponent.is_null() {
            return None;
        }
        // SAFETY: the structure is alive and has a modulus, as every key that was read has.
        let bytes = unsafe { RSA_size(key.key.as_ptr()) };
        key.bytes = usize::try_from(bytes).ok()?;
        Some(key)
    }

    /// How many octets the modulus, a ciphertext and a block have: `k` of RFC 8017.
    #[must_use]
    pub fn modulus_len(&self) -> usize {
        self.bytes
    }

    /// Writes `ciphertext ^ d mod n` to `block`; both are `k` octets long.
    ///
    /// The time depends on the key's size and on whether the ciphertext is refused, on neither the
    /// key nor the block otherwise.
    ///
    /// # Errors
    ///
    /// [`Refused`], with `block` all zeros.
    ///
    /// # Panics
    ///
    /// Never; but aws-lc ends the process where the operating system gives it no random octets.
    pub fn decrypt(&self, ciphertext: &[u8], block: &mut [u8]) -> Result<(), Refused> {
        let mut written = 0;
        // SAFETY: the structure is alive, and shared as `Sync` says. The octets that are read are those
        // of one slice, those written are at most as many as the other has, and a slice that is borrowed
        // to be written to overlaps no other. `written` is a number on this function's stack.
        let done = unsafe {
            RSA_decrypt(
                self.key.as_ptr(),
                &raw mut written,
                block.as_mut_ptr(),
                block.len(),
                ciphertext.as_ptr(),
                ciphertext.len(),
                RSA_NO_PADDING,
            )
        };
        if done == 1 && written == block.len() {
            return Ok(());
        }
        forget_errors();
        block.fill(0);
        Err(Refused)
    }
}

impl Drop for RawRsaKey {
    fn drop(&mut self) {
        // SAFETY: the structure is alive, nobody else holds it, and nothing uses it after this.
        unsafe { RSA_free(self.key.as_ptr()) }
    }
}

/// Takes back what a refusal has left on this thread's list of errors, for whoever looks at it next.
fn forget_errors() {
    // SAFETY: takes nothing, and changes memory of this thread alone.
    unsafe { ERR_clear_error() }
}

impl fmt::Debug for RawRsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRsaKey").field("octets", &self.bytes).finish_non_exhaustive()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the RSA operation refused the ciphertext")
    }
}

impl core::error::Error for Refused {}
