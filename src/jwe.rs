//! JSON Web Encryption, compact serialization, of any octets (RFC 7516 section 5).

pub(crate) mod content_encryption;

use crate::encoding::base64url::{self, decode_array};
use crate::encoding::compact;
use crate::error::{Error, Part};
use crate::header::{JweHeader, TokenHeader, UnverifiedHeader, UnverifiedHints, decode_header};
use crate::jwa::ContentEncryption;
use crate::key::sealed::{AsyncUnwrap as _, SelectKey, Unwrap as _, Unwrapping};
use crate::key::{AsyncDecryptionKeys, DecryptionKeys, EncryptionKey};
use crate::limits::Limits;
use crate::secret::WipedBytes;
use content_encryption::{Cek, Iv};
use core::fmt;
use core::ops::Deref;
use zeroize::Zeroizing;

/// Decrypted octets: wiped when dropped, redacted by Debug. Only [`decrypt`] makes one.
///
/// Anyone with the public key can have made the token: this says nothing about who did. Identity takes
/// a signature inside ([`jwt::decrypt_then_verify`](crate::jwt::decrypt_then_verify)).
pub struct Plaintext {
    bytes: WipedBytes,
    header: TokenHeader,
}

impl Plaintext {
    /// The Header Parameters that were authenticated with the octets.
    #[must_use]
    pub fn header(&self) -> &TokenHeader {
        &self.header
    }

    /// The octets as a JWS in the Compact Serialization, if they have its shape: three segments of
    /// base64url characters, none of which has been verified. Bare claims never have it, even if they
    /// contain two dots: no JSON object consists of a token's characters alone.
    ///
    /// ```
    /// use strict_jose::{ContentEncryption, Hs256Key, RsaOaepDecryptionKey, jwe, jws};
    ///
    /// let (signing, private) = (Hs256Key::generate()?, RsaOaepDecryptionKey::generate(2048)?);
    /// let signed = jws::sign(b"octets", &signing)?;
    /// let token = jwe::encrypt(&signed, ContentEncryption::A256Gcm, &private.public_key())?;
    /// assert_eq!(jwe::decrypt(&token, &private)?.as_compact_jws(), Some(&*signed));
    /// # Ok::<(), strict_jose::Error>(())
    /// ```
    #[must_use]
    pub fn as_compact_jws(&self) -> Option<&str> {
        let text = core::str::from_utf8(self).ok()?;
        (compact::segment_count(text) == Some(3)).then_some(text)
    }
}

impl Deref for Plaintext {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes.0
    }
}

impl AsRef<[u8]> for Plaintext {
    fn as_ref(&self) -> &[u8] {
        &self.bytes.0
    }
}

impl fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plaintext")
            .field("octets", &format_args!("<redacted>"))
            .finish_non_exhaustive()
    }
}

/// Encrypts octets under a fresh CEK and IV; the header holds `alg`, `enc` and the key's `kid`
/// (RFC 7516 section 5.1).
///
/// ```
/// use strict_jose::{ContentEncryption, RsaOaepDecryptionKey, jwe};
///
/// let private = RsaOaepDecryptionKey::generate(2048)?;
/// let token = jwe::encrypt(b"octets", ContentEncryption::A256Gcm, &private.public_key())?;
/// assert_eq!(jwe::decrypt(&token, &private)?.as_ref(), b"octets");
/// # Ok::<(), strict_jose::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::RandomnessUnavailable`] if the operating system gives no random octets,
/// [`Error::PartTooLong`] for a plaintext past the 64 GiB of AES-GCM.
pub fn encrypt<K: EncryptionKey>(
    plaintext: impl AsRef<[u8]>,
    enc: ContentEncryption,
    key: &K,
) -> Result<String, Error> {
    encrypt_with_header(plaintext, &JweHeader::new(enc), key)
}

/// Encrypts octets under a header with `typ` or `cty`.
///
/// # Errors
///
/// As [`encrypt`].
pub fn encrypt_with_header<K: EncryptionKey>(
    plaintext: impl AsRef<[u8]>,
    header: &JweHeader,
    key: &K,
) -> Result<String, Error> {
    let enc = header.content_encryption();
    // A fresh CEK for each token: one AES-GCM key must never see an IV twice, nor be used more than
    // 2^32 times (RFC 7518 section 8.4).
    let (cek, iv) = content_encryption::draw(enc)?;
    let encrypted_key = key.wrap(&cek)?;
    let header = header.encode(key.algorithm().name(), key.key_id());
    assemble(&header, &encrypted_key, enc, &cek, &iv, plaintext.as_ref())
}

/// The five segments of a JWE whose CEK, encrypted key and IV are given (RFC 7516 section 5.1).
pub(crate) fn assemble(
    header: &[u8],
    encrypted_key: &[u8],
    enc: ContentEncryption,
    cek: &Cek,
    iv: &Iv,
    plaintext: &[u8],
) -> Result<String, Error> {
    let ciphertext = content_encryption::ciphertext_len(enc, plaintext.len());
    let text = base64url::encoded_length(ciphertext);
    let room: usize = [header.len(), encrypted_key.len(), iv.len(), ContentEncryption::TAG_LEN]
        .iter()
        .map(|bytes| base64url::encoded_length(*bytes) + 1)
        .sum();
    // The plaintext is copied once, to where it is encrypted and then encoded; wiped if that fails.
    // The capacity is exact: a vector that grows frees its old octets without wiping them.
    let mut token = Zeroizing::new(Vec::with_capacity(room + text));
    for bytes in [header, encrypted_key, iv] {
        base64url::append(bytes, &mut token);
        token.push(b'.');
    }
    let start = token.len();
    let end = start + text;
    // Not below `start`, because base64url text is never shorter than its octets.
    token.resize(end - ciphertext, 0);
    token.extend_from_slice(plaintext);
    token.resize(end, 0);
    let (front, content) = token.split_at_mut(end - ciphertext);
    let aad = &front[..base64url::encoded_length(header.len())]; // written first
    let tag = content_encryption::seal(enc, cek, iv, aad, content, plaintext.len())?;
    base64url::encode_in_place(ciphertext, &mut token[start..]);
    token.push(b'.');
    base64url::append(&tag, &mut token);
    // Out of `Zeroizing`: public text has overwritten all of the plaintext.
    let Ok(token) = String::from_utf8(core::mem::take(&mut token)) else {
        unreachable!("base64url and dots")
    };
    Ok(token)
}

/// Decrypts a token (RFC 7516 section 5.2).
///
/// `alg` has to be the key's and `enc` one of those the key allows; `zip` and `crit` are refused; all
/// lengths are checked before the RSA operation. After that there is one error for everything, and one
/// way of working: a random CEK takes the place of one that does not decrypt (section 11.5).
///
/// # Errors
///
/// One of the `Error`s about the token's form, its header or the choice of the key;
/// [`Error::DecryptionFailed`] for all that depends on a secret; [`Error::RandomnessUnavailable`];
/// [`Error::External`] if a device cannot be reached.
pub fn decrypt(token: &str, keys: &impl DecryptionKeys) -> Result<Plaintext, Error> {
    decrypt_with_limits(token, keys, &Limits::DEFAULT)
}

/// [`decrypt`] within other limits.
///
/// # Errors
///
/// As [`decrypt`].
pub fn decrypt_with_limits(
    token: &str,
    keys: &impl DecryptionKeys,
    limits: &Limits,
) -> Result<Plaintext, Error> {
    let (mut parsed, key) = receive(token, keys, limits)?;
    // `?` reports a device or a generator that fails. An encrypted key that does not decrypt leaves
    // the random CEK in place, and `open` fails as it does for a false tag.
    key.unwrap(&parsed.encrypted_key, &mut parsed.cek)?;
    parsed.open()
}

/// Async version of [`decrypt`].
///
/// # Errors
///
/// As [`decrypt`].
pub async fn decrypt_async(
    token: &str,
    keys: &impl AsyncDecryptionKeys,
) -> Result<Plaintext, Error> {
    decrypt_with_limits_async(token, keys, &Limits::DEFAULT).await
}

/// Async version of [`decrypt_with_limits`].
///
/// # Errors
///
/// As [`decrypt`].
pub async fn decrypt_with_limits_async(
    token: &str,
    keys: &impl AsyncDecryptionKeys,
    limits: &Limits,
) -> Result<Plaintext, Error> {
    let (mut parsed, key) = receive(token, keys, limits)?;
    key.unwrap(&parsed.encrypted_key, &mut parsed.cek).await?;
    parsed.open()
}

/// A received JWE whose public parts have all been checked. Its CEK is random until unwrapped.
struct ParsedJwe<'t> {
    header: TokenHeader,
    enc: ContentEncryption,
    aad: &'t str,
    encrypted_key: Vec<u8>,
    cek: Cek,
    iv: Iv,
    content: WipedBytes,
    tag: [u8; 16],
}

fn receive<'t, 'k, K: SelectKey<Key: Unwrapping>>(
    token: &'t str,
    keys: &'k K,
    limits: &Limits,
) -> Result<(ParsedJwe<'t>, &'k K::Key), Error> {
    let segments = compact::split_jwe(token, limits)?;
    let bytes = decode_header(segments.header)?;
    let header = UnverifiedHeader::read(&bytes, limits)?;
    // The header helps to find a key and decides nothing: `alg` has to be the key's, and `enc` one
    // that the key allows (RFC 8725 section 3.1).
    let key = keys.select(&UnverifiedHints::new(header.kid.as_deref(), None))?.key;
    let enc = header.check_jwe(key.algorithm().name(), key.content_encryptions())?;

    // What an attacker can check without the private key is checked before the RSA operation. After
    // it, the token can cause one error only, which does not tell how far it got (RFC 7516 section
    // 11.5).
    let expected = key.encrypted_key_len();
    check_length(segments.encrypted_key, Part::EncryptedKey, expected)?;
    check_length(segments.iv, Part::InitializationVector, enc.iv_len())?;
    check_length(segments.tag, Part::AuthenticationTag, ContentEncryption::TAG_LEN)?;
    let parsed = ParsedJwe {
        enc,
        // As received (RFC 7516 section 5.2): encoded anew, the header could differ from what the
        // sender authenticated, in white space or in the order of its members.
        aad: segments.header,
        encrypted_key: decode(segments.encrypted_key, Part::EncryptedKey)?,
        iv: Iv::decode(enc, segments.iv)?,
        content: WipedBytes(decode(segments.ciphertext, Part::Ciphertext)?),
        tag: decode_array(segments.tag).map_err(|_| Error::Base64url(Part::AuthenticationTag))?,
        header: header.into_owned(),
        // Before the RSA operation: the same draw whether it will be needed or not.
        cek: Cek::random(enc)?,
    };
    Ok((parsed, key))
}

impl ParsedJwe<'_> {
    fn open(mut self) -> Result<Plaintext, Error> {
        content_encryption::open(
            self.enc,
            &self.cek,
            &self.iv,
            self.aad.as_bytes(),
            &mut self.content.0,
            &self.tag,
        )?;
        Ok(Plaintext { bytes: self.content, header: self.header })
    }
}

fn check_length(segment: &str, part: Part, expected: usize) -> Result<(), Error> {
    if segment.len() == base64url::encoded_length(expected) {
        Ok(())
    } else {
        Err(Error::PartLength { part, expected })
    }
}

fn decode(segment: &str, part: Part) -> Result<Vec<u8>, Error> {
    base64url::decode(segment).map_err(|_| Error::Base64url(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RsaOaepDecryptionKey;
    use crate::crypto::count::{Operation, count};
    use crate::crypto::random::stand_in::failing;

    #[test]
    fn without_random_octets_nothing_is_encrypted_or_decrypted() {
        let private =
            RsaOaepDecryptionKey::from_pem(include_str!("../tests/pem/rsa-2048-high-modulus.pem"))
                .unwrap();
        let public = private.public_key();
        for enc in ContentEncryption::ALL {
            let token = encrypt(b"octets", enc, &public).unwrap();
            let used = count(Operation::RsaPrivate);
            let (encrypted, decrypted) =
                failing(|| (encrypt(b"octets", enc, &public), decrypt(&token, &private)));
            assert_eq!(encrypted, Err(Error::RandomnessUnavailable));
            assert_eq!(decrypted.unwrap_err(), Error::RandomnessUnavailable);
            assert_eq!(count(Operation::RsaPrivate), used, "the key was not used");
            assert_eq!(decrypt(&token, &private).unwrap().as_ref(), b"octets");
        }
    }
}
