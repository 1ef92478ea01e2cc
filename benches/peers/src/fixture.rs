//! Keys, claims and tokens, the same ones for every library.

use crate::operation::{Hostile, Operation};
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};
use strict_jose::legacy::{Rsa1_5DecryptionKey, Rsa1_5EncryptionKey};
use strict_jose::{
    Audience, Claims, ContentEncryption, Hs256Key, Issuer, Limits, NoReplayProtection, NumericDate,
    Rs256SigningKey, Rs256VerifyingKey, RsaOaepDecryptionKey, RsaOaepEncryptionKey, Validation,
    jwe, jws, jwt,
};

pub const SECRET: &[u8; 32] = b"a secret of 32 octets for HS256.";
pub const PRIVATE_PEM: &str = include_str!("../../../tests/pem/rsa-2048.pem");
pub const PUBLIC_PEM: &str = include_str!("../../../tests/pem/rsa-2048-public.pem");

pub const ISSUER: &str = "cs-1e845b00-81ad-5757-a1e7-d0f6fea227e9";
pub const AUDIENCE: &str = "https://idproxy.kore.ai/authorize";
pub const SUBJECT: &str = "john.doe@achme.com";
pub const LIFETIME: u64 = 3600;

pub const MEBIBYTE: usize = 1024 * 1024;
/// 1 MiB of octets in base64url, and room.
pub const LIMITS: Limits = Limits { token_len: 2 * MEBIBYTE, ..Limits::DEFAULT };

/// The claims of Kore.ai's identity token that RFC 7519 does not register.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Private {
    pub is_anonymous: bool,
    pub identity_to_merge: String,
}

/// All seven claims in one struct, for libraries that leave their form to the caller.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AllClaims {
    pub iat: u64,
    pub exp: u64,
    pub aud: String,
    pub iss: String,
    pub sub: String,
    #[serde(rename = "isAnonymous")]
    pub is_anonymous: bool,
    #[serde(rename = "identityToMerge")]
    pub identity_to_merge: String,
}

pub struct Fixture {
    /// When the claims were issued, in seconds since 1970.
    pub now: u64,
    pub hs256: Hs256Key,
    pub rs256: Rs256SigningKey,
    pub rs256_public: Rs256VerifyingKey,
    pub oaep: RsaOaepDecryptionKey,
    pub oaep_public: RsaOaepEncryptionKey,
    pub rsa1_5: Rsa1_5DecryptionKey,
    pub rsa1_5_public: Rsa1_5EncryptionKey,
    pub rules: Validation<NoReplayProtection>,
    pub mebibyte: Vec<u8>,
}

#[must_use]
pub fn private() -> Private {
    Private { is_anonymous: false, identity_to_merge: "anonymoususer00001@test.com".into() }
}

impl Fixture {
    /// Made once; the closures of the contenders keep it to the end of the program.
    ///
    /// # Panics
    ///
    /// If the keys in the repository do not load.
    #[must_use]
    pub fn leaked() -> &'static Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let rs256 = Rs256SigningKey::from_pem(PRIVATE_PEM).unwrap();
        let oaep = RsaOaepDecryptionKey::from_pem(PRIVATE_PEM).unwrap();
        let rsa1_5 = Rsa1_5DecryptionKey::from_pem(PRIVATE_PEM).unwrap();
        let rules = Validation::new(Issuer::exactly(ISSUER), Audience::includes(AUDIENCE));
        let fixture = Self {
            now,
            hs256: Hs256Key::from_bytes(SECRET).unwrap(),
            rs256_public: rs256.public_key(),
            rs256,
            oaep_public: oaep.public_key(),
            oaep,
            rsa1_5_public: rsa1_5.public_key(),
            rsa1_5,
            rules,
            mebibyte: (0..MEBIBYTE).map(|position| (position % 251) as u8).collect(),
        };
        let json = serde_json::to_vec(&fixture.all_claims()).unwrap();
        assert_eq!(json.len(), 220, "the documented size of the claims set");
        Box::leak(Box::new(fixture))
    }

    /// # Panics
    ///
    /// Never: the times are in range.
    #[must_use]
    pub fn claims(&self) -> Claims<Private> {
        let date = |seconds| NumericDate::from_seconds(seconds).unwrap();
        Claims::expiring_at(date(self.now + LIFETIME))
            .issued_at(date(self.now))
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .subject(SUBJECT)
            .private(private())
    }

    #[must_use]
    pub fn all_claims(&self) -> AllClaims {
        let Private { is_anonymous, identity_to_merge } = private();
        AllClaims {
            iat: self.now,
            exp: self.now + LIFETIME,
            aud: AUDIENCE.into(),
            iss: ISSUER.into(),
            sub: SUBJECT.into(),
            is_anonymous,
            identity_to_merge,
        }
    }

    /// What an operation that reads a token is given.
    ///
    /// # Panics
    ///
    /// For an operation that only writes one.
    #[must_use]
    pub fn token(&self, operation: Operation) -> String {
        let claims = self.claims();
        let token = match operation {
            Operation::Hs256Verify | Operation::Hs256VerifyInTwoThreads => {
                jwt::sign(&claims, &self.hs256)
            }
            Operation::Rs256Verify | Operation::Rs256VerifyInTwoThreads => {
                jwt::sign(&claims, &self.rs256)
            }
            Operation::OaepDecrypt(enc) => jwt::encrypt(&claims, enc, &self.oaep_public),
            Operation::Rsa1_5Decrypt => {
                jwt::encrypt(&claims, ContentEncryption::A128CbcHs256, &self.rsa1_5_public)
            }
            Operation::MebibyteDecrypt => {
                jwe::encrypt(&self.mebibyte, ContentEncryption::A256Gcm, &self.oaep_public)
            }
            Operation::DecryptThenVerify => jwt::sign_then_encrypt(
                &claims,
                &self.rs256,
                ContentEncryption::A256Gcm,
                &self.oaep_public,
            ),
            Operation::Refuse(Hostile::Dots) => Ok(".".repeat(10_000_000)),
            Operation::Refuse(Hostile::Oversize) => jws::sign([], &self.rs256).map(|token| {
                let (header, _) = token.split_once('.').unwrap();
                format!("{header}.{}.{}", "A".repeat(10_000_000), "A".repeat(342))
            }),
            Operation::Refuse(Hostile::OtherAlgorithm) => jwt::sign(&claims, &self.hs256),
            Operation::Refuse(Hostile::BadBase64url) => {
                jwt::sign(&claims, &self.rs256).map(|mut token| {
                    token.truncate(token.len() - 9);
                    token + "!AAAAAAAA"
                })
            }
            _ => panic!("{operation:?} reads no token"),
        };
        token.unwrap()
    }
}
