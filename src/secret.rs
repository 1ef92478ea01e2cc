//! Octets and text that are wiped when dropped and never shown by Debug.

use core::fmt;
use zeroize::Zeroizing;

/// Secret text, such as a private key in PEM: wiped when dropped, redacted by Debug.
///
/// ```
/// use strict_jose::Hs256Key;
///
/// let jwk = Hs256Key::generate()?.to_secret_jwk();
/// assert_eq!(format!("{jwk:?}"), "SecretString(<redacted>)");
/// assert!(jwk.expose().contains("\"kty\":\"oct\""));
/// # Ok::<(), strict_jose::KeyError>(())
/// ```
#[derive(Clone)]
pub struct SecretString(Zeroizing<String>);

impl SecretString {
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The text itself. Whatever is copied out of it is no longer wiped.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(<redacted>)")
    }
}

/// Secret octets, such as a private key in DER: wiped when dropped, redacted by Debug.
///
/// ```
/// use strict_jose::SecretBytes;
///
/// let cek = SecretBytes::from(vec![7; 32]);
/// assert_eq!(format!("{cek:?}"), "SecretBytes(<redacted>)");
/// assert_eq!(cek.expose(), [7; 32]);
/// ```
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    pub(crate) fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The octets themselves. Whatever is copied out of them is no longer wiped.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for SecretBytes {
    /// Takes the octets over without a copy.
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(<redacted>)")
    }
}

/// Content, wiped when dropped: many octets, which [`Zeroizing`] would write one at a time.
#[derive(Default)]
pub(crate) struct WipedBytes(pub(crate) Vec<u8>);

impl Drop for WipedBytes {
    fn drop(&mut self) {
        self.0.clear();
        self.0.resize(self.0.capacity(), 0); // all there is room for, moving nothing
        zeroize::optimization_barrier(self.0.as_slice());
    }
}
