//! RSA keys, public and private, for each of the three algorithms (RFC 7518 sections 3.3, 4.2, 4.3).

mod algorithm;
mod private;
mod public;
mod roles;

#[cfg(all(feature = "jwe", feature = "__internals"))]
pub use algorithm::KeyManagement;
pub use algorithm::{Rs256, RsaAlgorithm};
#[cfg(feature = "jwe")]
pub use algorithm::{Rsa1_5, RsaOaep};
pub use private::RsaPrivateKey;
pub use public::RsaPublicKey;

use crate::crypto::rsa_key::RsaPublic;
use crate::crypto::sha256;
use crate::encoding::base64url;

/// RFC 7638 section 3.3: the required members alone, in the order of their names.
fn thumbprint(public: &RsaPublic) -> String {
    let (n, e) = (base64url::encode(public.modulus()), base64url::encode(public.exponent()));
    let json = [r#"{"e":""#, &e, r#"","kty":"RSA","n":""#, &n, r#""}"#].map(str::as_bytes);
    base64url::encode(&sha256::digest(&json))
}
