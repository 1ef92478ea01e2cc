//! Credentials sealed for the session service (RFC 7516).

use super::policy::Policy;
use super::refusal::{Reason, Refusal};
use crate::jwe::{self, Plaintext};
use crate::{AsyncDecryptionKeys, ContentEncryption, DecryptionKeys, EncryptionKey, Error};

/// Seals credentials so that only the session service reads them.
///
/// ```
/// use std::time::Duration;
/// use strict_jose::{ContentEncryption, RsaOaepDecryptionKey, profile::session};
///
/// let policy = session::Policy::new(session::Parties::unchecked(), Duration::from_secs(20));
/// let service = RsaOaepDecryptionKey::generate(2048)?.with_key_id("s-1")?;
/// let sealed =
///     session::seal(b"user:password", ContentEncryption::A256Gcm, &service.public_key())?;
/// let opened = session::open(&policy, &sealed, &service)?;
/// assert_eq!(&opened[..], b"user:password");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`jwe::encrypt`].
pub fn seal(
    credentials: impl AsRef<[u8]>,
    enc: ContentEncryption,
    key: &impl EncryptionKey,
) -> Result<String, Error> {
    jwe::encrypt(credentials, enc, key)
}

/// Opens sealed credentials; they are wiped when dropped.
///
/// # Errors
///
/// One [`Refusal`], `decryption.failed`, whatever is wrong; another only, with status 503, if the key is
/// in a device that cannot be asked.
pub fn open(
    policy: &Policy,
    sealed: &str,
    keys: &impl DecryptionKeys,
) -> Result<Plaintext, Refusal> {
    jwe::decrypt(sealed, keys).map_err(|error| refusal(policy, error))
}

/// [`open`] with a key that may be in a device that answers later.
///
/// # Errors
///
/// As [`open`].
pub async fn open_async(
    policy: &Policy,
    sealed: &str,
    keys: &impl AsyncDecryptionKeys,
) -> Result<Plaintext, Refusal> {
    jwe::decrypt_async(sealed, keys).await.map_err(|error| refusal(policy, error))
}

fn refusal(policy: &Policy, error: Error) -> Refusal {
    let reason = Reason::Token(error);
    let uniform = Reason::Token(Error::DecryptionFailed);
    Refusal::new(if reason.is_unavailable() { reason } else { uniform }, &policy.answer)
}
