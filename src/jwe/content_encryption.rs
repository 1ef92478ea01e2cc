//! The content's keys, IVs and authenticated encryption (RFC 7516 section 5, RFC 7518 section 5).

use crate::crypto::{NotAuthentic, aes_cbc_hmac, aes_gcm, random};
use crate::encoding::base64url::decode_array;
use crate::error::{Error, Part};
use crate::jwa::ContentEncryption;
use core::ops::{Deref, DerefMut};
use zeroize::{Zeroize, Zeroizing};

/// A Content Encryption Key of the length its `enc` has. Wiped when dropped; boxed, because a move
/// would leave a copy behind that nothing wipes.
pub(crate) struct Cek {
    bytes: Box<Zeroizing<[u8; 32]>>,
    length: usize,
}

/// An Initialization Vector of the length its `enc` has.
#[derive(Clone, Copy)]
pub(crate) struct Iv {
    bytes: [u8; 16],
    length: usize,
}

impl Cek {
    pub(crate) fn random(enc: ContentEncryption) -> Result<Self, Error> {
        let mut cek = Self { bytes: Box::new(Zeroizing::new([0; 32])), length: enc.cek_len() };
        random::fill(&mut cek)?;
        Ok(cek)
    }

    #[cfg(feature = "__internals")]
    pub(crate) fn from_bytes(enc: ContentEncryption, bytes: &[u8]) -> Option<Self> {
        let mut cek = Self { bytes: Box::new(Zeroizing::new([0; 32])), length: enc.cek_len() };
        (bytes.len() == cek.len()).then(|| cek.copy_from_slice(bytes))?;
        Some(cek)
    }
}

impl Deref for Cek {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length] // 16 or 32
    }
}

impl DerefMut for Cek {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length] // 16 or 32
    }
}

impl Iv {
    /// The segment has been found to be of the right length.
    pub(crate) fn decode(enc: ContentEncryption, segment: &str) -> Result<Self, Error> {
        let malformed = |_| Error::Base64url(Part::InitializationVector);
        let mut bytes = [0; 16];
        match enc {
            ContentEncryption::A128CbcHs256 => {
                bytes = decode_array(segment).map_err(malformed)?;
            }
            ContentEncryption::A128Gcm | ContentEncryption::A256Gcm => {
                bytes[..12].copy_from_slice(&decode_array::<12>(segment).map_err(malformed)?);
            }
        }
        Ok(Self { bytes, length: enc.iv_len() })
    }

    #[cfg(feature = "__internals")]
    pub(crate) fn from_bytes(enc: ContentEncryption, bytes: &[u8]) -> Option<Self> {
        let mut iv = Self { bytes: [0; 16], length: enc.iv_len() };
        (bytes.len() == iv.length).then(|| iv.bytes[..iv.length].copy_from_slice(bytes))?;
        Some(iv)
    }

    /// The IV of AES-GCM.
    fn gcm(&self) -> &[u8; 12] {
        let (iv, _) = self.bytes.split_first_chunk().unwrap_or_else(|| unreachable!("12 of 16"));
        iv
    }
}

impl Deref for Iv {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length] // 12 or 16
    }
}

/// A random CEK and IV, by one call of the operating system: two would be the most of the work that is
/// not cryptography.
pub(crate) fn draw(enc: ContentEncryption) -> Result<(Cek, Iv), Error> {
    let mut bytes = Zeroizing::new([0; 48]);
    random::fill(&mut *bytes)?;
    let mut cek = Cek { bytes: Box::new(Zeroizing::new([0; 32])), length: enc.cek_len() };
    let mut iv = Iv { bytes: [0; 16], length: enc.iv_len() };
    let (first, last) = bytes.split_at(32);
    cek.bytes.copy_from_slice(first);
    iv.bytes.copy_from_slice(last); // the 16 after them
    Ok((cek, iv))
}

/// How many octets of ciphertext so much plaintext makes.
pub(crate) fn ciphertext_len(enc: ContentEncryption, plaintext: usize) -> usize {
    match enc {
        ContentEncryption::A128CbcHs256 => aes_cbc_hmac::padded(plaintext),
        ContentEncryption::A128Gcm | ContentEncryption::A256Gcm => plaintext,
    }
}

/// Encrypts in place and returns the tag: `content` is as long as the ciphertext, its first octets are
/// the plaintext, and so they stay on failure.
pub(crate) fn seal(
    enc: ContentEncryption,
    cek: &Cek,
    iv: &Iv,
    aad: &[u8],
    content: &mut [u8],
    plaintext: usize,
) -> Result<[u8; 16], Error> {
    match enc {
        ContentEncryption::A128CbcHs256 => {
            Ok(aes_cbc_hmac::seal(&cek.bytes, &iv.bytes, aad, content, plaintext))
        }
        ContentEncryption::A128Gcm | ContentEncryption::A256Gcm => {
            aes_gcm::seal(cek, iv.gcm(), aad, content).map_err(|aes_gcm::Failed| {
                // SP 800-38D section 5.2.1.1: 2^36 - 32 octets; a 32-bit memory holds fewer.
                Error::PartTooLong {
                    part: Part::Payload,
                    limit: usize::try_from((1_u64 << 36) - 32).unwrap_or(usize::MAX),
                }
            })
        }
    }
}

/// Decrypts `content` in place, or wipes it.
pub(crate) fn open(
    enc: ContentEncryption,
    cek: &Cek,
    iv: &Iv,
    aad: &[u8],
    content: &mut Vec<u8>,
    tag: &[u8; 16],
) -> Result<(), Error> {
    match enc {
        ContentEncryption::A128CbcHs256 => {
            aes_cbc_hmac::open(&cek.bytes, &iv.bytes, aad, content, tag)
        }
        ContentEncryption::A128Gcm | ContentEncryption::A256Gcm => {
            aes_gcm::open(cek, iv.gcm(), aad, content, tag)
        }
    }
    // One error for a false tag, broken padding and an encrypted key that did not decrypt: an
    // answer that tells them apart is an oracle (RFC 7516 section 11.5).
    .map_err(|NotAuthentic| {
        content.zeroize();
        Error::DecryptionFailed
    })
}
