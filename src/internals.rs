//! A door for the project's own vectors, fuzzers and measurements: the primitives as `crypto/` has
//! them. It exists under the feature `__internals` only, and no promise holds for it.

pub use crate::crypto::count::{Operation, count};
pub use crate::crypto::random::stand_in::seeded;

use crate::crypto::hmac_sha256::HmacSha256;
use crate::key::sealed::Verify as _;
use crate::{Rs256SigningKey, Rs256VerifyingKey};

/// HMAC-SHA-256 of the message.
#[must_use]
pub fn hmac_sha256(secret: &[u8], message: &[u8]) -> [u8; 32] {
    HmacSha256::new(secret).sign(&[message])
}

/// Whether this is the whole HMAC-SHA-256 of the message.
#[must_use]
pub fn hmac_sha256_verify(secret: &[u8], message: &[u8], mac: &[u8; 32]) -> bool {
    HmacSha256::new(secret).verify(&[message], mac).is_ok()
}

/// The RS256 signature over octets that are no JWS Signing Input.
#[must_use]
pub fn rs256_sign(key: &Rs256SigningKey, message: &[u8]) -> Option<Vec<u8>> {
    key.sign_bytes(message)
}

/// Whether the RS256 signature over octets that are no JWS Signing Input holds.
#[must_use]
pub fn rs256_verify(key: &Rs256VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    key.verify(message, signature).is_ok()
}

#[cfg(feature = "jwe")]
pub use encryption::*;

#[cfg(feature = "jwe")]
mod encryption {
    use crate::ContentEncryption;
    use crate::Error;
    use crate::crypto::aes_cbc_hmac;
    use crate::crypto::rsa_padding::Padding;
    use crate::jwe::content_encryption::{Cek, Iv, ciphertext_len, open, seal};
    use crate::key::rsa::KeyManagement;
    use crate::key::sealed::Unwrap as _;
    use crate::{RsaPrivateKey, RsaPublicKey};

    /// The length of the JWE Initialization Vector, in octets.
    #[must_use]
    pub fn iv_len(enc: ContentEncryption) -> usize {
        enc.iv_len()
    }

    /// The JWE Encrypted Key for this CEK: the padding's random octets are the seed of OAEP, or the
    /// padding string of PKCS #1 v1.5.
    #[must_use]
    pub fn wrap_with<A: KeyManagement>(
        key: &RsaPublicKey<A>,
        cek: &[u8],
        padding: &[u8],
    ) -> Vec<u8> {
        key.wrap_with(cek, padding)
    }

    /// Replaces `cek` by the one in the JWE Encrypted Key, if that is whole and of this length.
    pub fn unwrap<A: KeyManagement>(
        key: &RsaPrivateKey<A>,
        encrypted_key: &[u8],
        cek: &mut [u8],
    ) -> Result<(), Error> {
        key.unwrap(encrypted_key, cek)
    }

    /// Replaces `cek` by the one in a PKCS #1 v1.5 block, if that is whole.
    pub fn unpad_pkcs1_v1_5(block: &mut [u8], cek: &mut [u8]) {
        Padding::Pkcs1V1_5.remove(block, cek);
    }

    /// Replaces `cek` by the one in an OAEP block, if that is whole.
    pub fn unpad_oaep(block: &mut [u8], cek: &mut [u8]) {
        Padding::OaepSha1.remove(block, cek);
    }

    /// Whether PKCS #7 padding is whole, and the length without it.
    #[must_use]
    pub fn unpad_pkcs7(content: &[u8]) -> (subtle::Choice, usize) {
        aes_cbc_hmac::unpad(content)
    }

    /// Ciphertext and tag; `None` if CEK or IV have not the lengths of `enc`.
    #[must_use]
    pub fn seal_content(
        enc: ContentEncryption,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Option<(Vec<u8>, [u8; 16])> {
        let (cek, iv) = (Cek::from_bytes(enc, cek)?, Iv::from_bytes(enc, iv)?);
        let mut content = plaintext.to_vec();
        content.resize(ciphertext_len(enc, plaintext.len()), 0);
        let tag = seal(enc, &cek, &iv, aad, &mut content, plaintext.len()).ok()?;
        Some((content, tag))
    }

    /// The plaintext, if everything holds.
    #[must_use]
    pub fn open_content(
        enc: ContentEncryption,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8; 16],
    ) -> Option<Vec<u8>> {
        let (cek, iv) = (Cek::from_bytes(enc, cek)?, Iv::from_bytes(enc, iv)?);
        let mut content = ciphertext.to_vec();
        open(enc, &cek, &iv, aad, &mut content, tag).ok()?;
        Some(content)
    }

    /// A whole JWE from a header, a CEK and an IV that are given.
    #[must_use]
    pub fn assemble_jwe(
        header: &[u8],
        encrypted_key: &[u8],
        enc: ContentEncryption,
        cek: &[u8],
        iv: &[u8],
        plaintext: &[u8],
    ) -> Option<String> {
        let (cek, iv) = (Cek::from_bytes(enc, cek)?, Iv::from_bytes(enc, iv)?);
        crate::jwe::assemble(header, encrypted_key, enc, &cek, &iv, plaintext).ok()
    }
}
