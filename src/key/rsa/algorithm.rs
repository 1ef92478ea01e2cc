//! What each algorithm makes of an RSA key: one marker type, one table row.

use crate::crypto::rsa_key::{RsaPrivate, RsaPublic};
use crate::crypto::rsa_signature::{Signer, Verifier};
use crate::error::KeyError;
use crate::key::jwk::{JwkProfile, RequiredOperations};

/// An algorithm that takes RSA keys. Sealed: [`Rs256`] and, with JWE, `RsaOaep` and `Rsa1_5`.
pub trait RsaAlgorithm: sealed::Algorithm {}
impl<A: sealed::Algorithm> RsaAlgorithm for A {}

pub(crate) mod sealed {
    use super::{JwkProfile, KeyError, RsaPrivate, RsaPublic};

    #[allow(private_interfaces, reason = "sealed: nobody outside can name or call these")]
    pub trait Algorithm: 'static {
        /// What a public JWK of this algorithm says of itself, and a private one.
        const PUBLIC: JwkProfile;
        const PRIVATE: JwkProfile;
        /// The key in the form its operation takes.
        type Public: Send + Sync;
        type Private: Send + Sync;
        fn public(key: &RsaPublic) -> Result<Self::Public, KeyError>;
        fn private(key: &RsaPrivate) -> Self::Private;
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3).
#[derive(Debug, Clone, Copy)]
pub enum Rs256 {}

const SIGNATURE_OPERATIONS: &[&str] = &["sign", "verify"];

#[allow(private_interfaces, reason = "sealed: nobody outside can name or call these")]
impl sealed::Algorithm for Rs256 {
    const PUBLIC: JwkProfile = JwkProfile {
        kty: "RSA",
        alg: "RS256",
        usage: "sig",
        operations: SIGNATURE_OPERATIONS,
        required: RequiredOperations::All(&["verify"]),
    };
    const PRIVATE: JwkProfile =
        JwkProfile { required: RequiredOperations::All(&["sign"]), ..Self::PUBLIC };
    type Public = Verifier;
    type Private = Signer;

    fn public(key: &RsaPublic) -> Result<Verifier, KeyError> {
        Verifier::new(key)
    }

    fn private(key: &RsaPrivate) -> Signer {
        Signer::new(key)
    }
}

#[cfg(feature = "jwe")]
pub use encryption::KeyManagement;
#[cfg(feature = "jwe")]
pub use encryption::{Rsa1_5, RsaOaep};

#[cfg(feature = "jwe")]
mod encryption {
    use super::{JwkProfile, KeyError, RequiredOperations, RsaPrivate, RsaPublic, sealed};
    use crate::crypto::rsa_encryption::{Decrypter, Encrypter};
    use crate::crypto::rsa_padding::Padding;
    use crate::jwa::KeyManagementAlgorithm;

    /// RSAES OAEP with SHA-1 (RFC 7518 section 4.3).
    #[derive(Debug, Clone, Copy)]
    pub enum RsaOaep {}

    /// RSAES-PKCS1-v1_5 (RFC 7518 section 4.2).
    #[derive(Debug, Clone, Copy)]
    pub enum Rsa1_5 {}

    /// The part of the table row that only RSAES has.
    pub trait KeyManagement: sealed::Algorithm<Public = Encrypter, Private = Decrypter> {
        const ALGORITHM: KeyManagementAlgorithm;
    }

    impl KeyManagement for RsaOaep {
        const ALGORITHM: KeyManagementAlgorithm = KeyManagementAlgorithm::RsaOaep;
    }

    impl KeyManagement for Rsa1_5 {
        const ALGORITHM: KeyManagementAlgorithm = KeyManagementAlgorithm::Rsa1_5;
    }

    const fn profile(alg: &'static str, required: &'static [&'static str]) -> JwkProfile {
        JwkProfile {
            kty: "RSA",
            alg,
            usage: "enc",
            operations: &["encrypt", "decrypt", "wrapKey", "unwrapKey"],
            required: RequiredOperations::One(required),
        }
    }

    macro_rules! encryption_algorithm {
        ($algorithm:ty, $padding:expr) => {
            #[allow(private_interfaces, reason = "sealed: nobody outside can name or call these")]
            impl sealed::Algorithm for $algorithm {
                const PUBLIC: JwkProfile = profile(Self::ALGORITHM.name(), &["encrypt", "wrapKey"]);
                const PRIVATE: JwkProfile =
                    profile(Self::ALGORITHM.name(), &["decrypt", "unwrapKey"]);
                type Public = Encrypter;
                type Private = Decrypter;

                fn public(key: &RsaPublic) -> Result<Encrypter, KeyError> {
                    Encrypter::new(key, $padding)
                }

                fn private(key: &RsaPrivate) -> Decrypter {
                    Decrypter::new(key, $padding)
                }
            }
        };
    }

    encryption_algorithm!(RsaOaep, Padding::OaepSha1);
    encryption_algorithm!(Rsa1_5, Padding::Pkcs1V1_5);
}
