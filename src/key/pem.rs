//! PEM (RFC 7468), decoded in time that does not depend on the octets.

use crate::error::KeyError;
use crate::limits::KEY_TEXT_MAX_LEN;
use crate::secret::SecretString;
use pem_rfc7468::{Decoder, LineEnding};
use zeroize::Zeroizing;

pub(super) const PKCS1_PUBLIC: &str = "RSA PUBLIC KEY";
pub(super) const PKCS1_PRIVATE: &str = "RSA PRIVATE KEY";
pub(super) const PKCS8: &str = "PRIVATE KEY";
pub(super) const SPKI: &str = "PUBLIC KEY";

/// The label and the octets of the one block in the text.
pub(super) fn decode(pem: &str) -> Result<(&str, Zeroizing<Vec<u8>>), KeyError> {
    if pem.len() > KEY_TEXT_MAX_LEN {
        return Err(KeyError::TooLong);
    }
    let mut decoder = Decoder::new_detect_wrap(pem.as_bytes()).map_err(|_| KeyError::Malformed)?;
    let label = decoder.type_label();
    let mut bytes = Zeroizing::new(vec![0; decoder.remaining_len()]);
    decoder.decode(&mut bytes).map_err(|_| KeyError::Malformed)?;
    Ok((label, bytes))
}

pub(super) fn encode(label: &str, bytes: &[u8]) -> String {
    let Ok(pem) = pem_rfc7468::encode_string(label, LineEnding::LF, bytes) else {
        unreachable!("the labels above are legal, and a key's length in base64 fits a usize")
    };
    pem
}

pub(super) fn encode_secret(label: &str, bytes: &[u8]) -> SecretString {
    SecretString::new(Zeroizing::new(encode(label, bytes)))
}
