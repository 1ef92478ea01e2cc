//! What is measured, and the targets that strict-jose has to meet.

use strict_jose::ContentEncryption;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    Hs256Sign,
    Hs256Verify,
    Rs256Sign,
    Rs256Verify,
    OaepEncrypt(ContentEncryption),
    OaepDecrypt(ContentEncryption),
    Rsa1_5Encrypt,
    Rsa1_5Decrypt,
    /// A256GCM over 1 MiB of octets, not claims; the key by RSA-OAEP.
    MebibyteEncrypt,
    MebibyteDecrypt,
    /// RS256 in RSA-OAEP with A256GCM.
    SignThenEncrypt,
    DecryptThenVerify,
    /// By a verifier of RS256.
    Refuse(Hostile),
    Hs256VerifyInTwoThreads,
    Rs256VerifyInTwoThreads,
}

/// Tokens that are refused before any RSA operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hostile {
    /// 10 MB of dots.
    Dots,
    /// A sound form, with a payload of 10 MB.
    Oversize,
    /// HS256 in the header.
    OtherAlgorithm,
    /// A signature with a character that base64url does not have.
    BadBase64url,
}

/// The most that strict-jose may take, divided by what the named side takes.
#[derive(Clone, Copy)]
pub struct Targets {
    pub raw: Option<f64>,
    pub peer: Option<f64>,
}

impl Operation {
    pub const ALL: [Self; 22] = {
        use ContentEncryption::{A128CbcHs256, A128Gcm, A256Gcm};
        [
            Self::Hs256Sign,
            Self::Hs256Verify,
            Self::Rs256Sign,
            Self::Rs256Verify,
            Self::OaepEncrypt(A128CbcHs256),
            Self::OaepEncrypt(A128Gcm),
            Self::OaepEncrypt(A256Gcm),
            Self::OaepDecrypt(A128CbcHs256),
            Self::OaepDecrypt(A128Gcm),
            Self::OaepDecrypt(A256Gcm),
            Self::Rsa1_5Encrypt,
            Self::Rsa1_5Decrypt,
            Self::MebibyteEncrypt,
            Self::MebibyteDecrypt,
            Self::SignThenEncrypt,
            Self::DecryptThenVerify,
            Self::Refuse(Hostile::Dots),
            Self::Refuse(Hostile::Oversize),
            Self::Refuse(Hostile::OtherAlgorithm),
            Self::Refuse(Hostile::BadBase64url),
            Self::Hs256VerifyInTwoThreads,
            Self::Rs256VerifyInTwoThreads,
        ]
    };

    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Hs256Sign => "HS256 sign".into(),
            Self::Hs256Verify => "HS256 verify + claims".into(),
            Self::Rs256Sign => "RS256 sign".into(),
            Self::Rs256Verify => "RS256 verify + claims".into(),
            Self::OaepEncrypt(enc) => format!("RSA-OAEP {} encrypt", enc.name()),
            Self::OaepDecrypt(enc) => format!("RSA-OAEP {} decrypt + claims", enc.name()),
            Self::Rsa1_5Encrypt => "RSA1_5 A128CBC-HS256 encrypt".into(),
            Self::Rsa1_5Decrypt => "RSA1_5 A128CBC-HS256 decrypt + claims".into(),
            Self::MebibyteEncrypt => "1 MiB RSA-OAEP A256GCM encrypt".into(),
            Self::MebibyteDecrypt => "1 MiB RSA-OAEP A256GCM decrypt".into(),
            Self::SignThenEncrypt => "nested: sign, encrypt".into(),
            Self::DecryptThenVerify => "nested: decrypt, verify + claims".into(),
            Self::Refuse(Hostile::Dots) => "refuse 10 MB of dots".into(),
            Self::Refuse(Hostile::Oversize) => "refuse a payload of 10 MB".into(),
            Self::Refuse(Hostile::OtherAlgorithm) => "refuse another alg".into(),
            Self::Refuse(Hostile::BadBase64url) => "refuse bad base64url".into(),
            Self::Hs256VerifyInTwoThreads => "HS256 verify, 2 threads to 1".into(),
            Self::Rs256VerifyInTwoThreads => "RS256 verify, 2 threads to 1".into(),
        }
    }

    /// Against the primitives of the same backend, and against the fastest peer of a run.
    #[must_use]
    pub fn targets(self) -> Targets {
        // With ring the RSA operations are another library's than the peers': only aws-lc-rs can race.
        let racing = |ratio| cfg!(feature = "aws-lc-rs").then_some(ratio);
        let (raw, peer) = match self {
            Self::Hs256Sign => (Some(1.00), Some(0.50)),
            Self::Hs256Verify => (Some(1.00), Some(0.40)),
            Self::Rs256Sign => (Some(1.02), racing(1.00)),
            Self::Rs256Verify => (Some(1.08), racing(0.95)),
            Self::OaepEncrypt(_) => (Some(1.10), racing(0.90)),
            Self::OaepDecrypt(_) => (Some(1.02), racing(1.00)),
            // Constant time costs what the peers' faster call saves: no target against them.
            Self::Rsa1_5Encrypt => (None, None),
            // As RSA-OAEP, where the raw operation is as fast as the peers' calls.
            Self::Rsa1_5Decrypt if cfg!(feature = "fast-rsa1_5") => (Some(1.02), Some(1.00)),
            Self::Rsa1_5Decrypt => (Some(1.03), None),
            Self::MebibyteEncrypt | Self::MebibyteDecrypt => (Some(1.35), Some(0.50)),
            Self::SignThenEncrypt | Self::DecryptThenVerify => (Some(1.03), None),
            // A fifth of the RSA operation that must not run.
            Self::Refuse(_) => (Some(0.20), None),
            // A throughput of 1.9 times that of one thread.
            Self::Hs256VerifyInTwoThreads | Self::Rs256VerifyInTwoThreads => {
                (Some(1.0 / 1.9), None)
            }
        };
        Targets { raw, peer }
    }
}
