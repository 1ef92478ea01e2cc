//! What the tests of parts E to H share: one key of each kind, tokens of any octets, one set of rules.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::Duration;
use strict_jose::{
    Audience, Error, Hs256Key, Issuer, NoPrivateClaims, NumericDate, Rs256SigningKey, Validated,
    Validation, internals, jws, jwt,
};

pub const NOW: u64 = 1_700_000_000;
pub const ISS: &str = "https://as.example";
pub const AUD: &str = "https://api.example";
pub const SECRET: &[u8; 32] = b"a secret of 32 octets, no more.!";
pub const RSA_PEM: &str = include_str!("../pem/rsa-2048.pem");

pub fn key() -> Hs256Key {
    Hs256Key::from_bytes(SECRET).unwrap()
}

pub fn rsa() -> Rs256SigningKey {
    Rs256SigningKey::from_pem(RSA_PEM).unwrap()
}

pub fn at(seconds: u64) -> NumericDate {
    NumericDate::from_seconds(seconds).unwrap()
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn b64(octets: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

pub fn unb64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// `header.payload` as they stand, with the HS256 signature that goes with them.
pub fn sealed(header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    let mac = internals::hmac_sha256(SECRET, input.as_bytes());
    format!("{input}.{}", b64(mac))
}

/// A JWS with this header text over these octets, both encoded, signed with [`key`].
pub fn token_under(header: &str, payload: impl AsRef<[u8]>) -> String {
    sealed(&b64(header), &b64(payload))
}

/// A JWS over these octets, whatever they are.
pub fn token(payload: impl AsRef<[u8]>) -> String {
    token_under(r#"{"alg":"HS256"}"#, payload)
}

pub const HEADER: &str = r#"{"alg":"HS256"}"#;

/// The claims of a good token as names and JSON values.
const GOOD: [(&str, &str); 6] = [
    ("iss", "\"https://as.example\""),
    ("sub", "\"alice\""),
    ("aud", "\"https://api.example\""),
    ("exp", "1700000300"),
    ("iat", "1699999990"),
    ("jti", "\"id-1\""),
];

/// A good Claims Set with some claims put in the place of others: `""` takes one away.
pub fn claims(changes: &[(&str, &str)]) -> String {
    let kept = GOOD.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    let members: Vec<_> = kept
        .chain(changes)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON string of this text, escaped.
pub fn text(value: &str) -> String {
    serde_json::to_string(value).unwrap()
}

pub fn rules() -> Validation {
    Validation::new(Issuer::exactly(ISS), Audience::includes(AUD)).at(at(NOW))
}

pub type Verdict = Result<Validated<NoPrivateClaims>, Error>;

pub fn verify(token: &str) -> Verdict {
    jwt::verify(token, &key(), &rules())
}

/// The verdict on good claims with these changes, under the plain rules.
pub fn judge(changes: &[(&str, &str)]) -> Verdict {
    verify(&token(claims(changes)))
}

/// The verdict on good claims with these changes, under other rules.
pub fn judge_by(changes: &[(&str, &str)], rules: &Validation) -> Verdict {
    jwt::verify(&token(claims(changes)), &key(), rules)
}

/// The code of the refusal, or `accepted`.
pub fn code<T>(verdict: &Result<T, Error>) -> &'static str {
    verdict.as_ref().err().map_or("accepted", Error::code)
}

/// The verdict's code on the octets of a JWS alone.
pub fn jws_code(token: &str) -> &'static str {
    code(&jws::verify(token, &key()))
}

#[track_caller]
pub fn assert_refused<T>(verdict: &Result<T, Error>, expected: &str, what: impl core::fmt::Debug) {
    assert_eq!(code(verdict), expected, "{what:.120?}");
}

#[cfg(feature = "jwe")]
pub mod encrypted {
    //! JWEs with a header, CEK and segments of the test's choice.

    use super::{RSA_PEM, b64};
    use strict_jose::{ContentEncryption, Error, RsaOaepDecryptionKey, internals, jwe};

    pub const CEK: &[u8; 32] = b"content encryption key, 32 octs!";
    pub const CBC: ContentEncryption = ContentEncryption::A128CbcHs256;
    pub const GCM: ContentEncryption = ContentEncryption::A256Gcm;

    pub fn private() -> RsaOaepDecryptionKey {
        RsaOaepDecryptionKey::from_pem(RSA_PEM).unwrap()
    }

    pub fn header(enc: ContentEncryption) -> String {
        format!(r#"{{"alg":"RSA-OAEP","enc":"{enc}"}}"#)
    }

    /// A whole JWE under this header text, everything in it known.
    pub fn jwe_under(header: &str, enc: ContentEncryption, plaintext: impl AsRef<[u8]>) -> String {
        let public = private().public_key().unwrap();
        let (cek, iv) = (&CEK[..enc.cek_octets()], &[9; 16][..enc.iv_octets()]);
        let encrypted_key = internals::wrap_with(&public, cek, &[5; 20]);
        internals::assemble_jwe(header.as_bytes(), &encrypted_key, enc, cek, iv, plaintext.as_ref())
            .unwrap()
    }

    pub fn jwe(enc: ContentEncryption, plaintext: impl AsRef<[u8]>) -> String {
        jwe_under(&header(enc), enc, plaintext)
    }

    pub fn jwe_code(token: &str) -> &'static str {
        super::code(&jwe::decrypt(token, &private()))
    }

    /// The token with one segment replaced.
    pub fn with_segment(token: &str, position: usize, segment: &str) -> String {
        let mut segments: Vec<_> = token.split('.').collect();
        segments[position] = segment;
        segments.join(".")
    }

    /// The verdict's code on segments of which the header is plain text.
    pub fn jwe_code_of_parts(header: &str, rest: &[&str]) -> Result<(), Error> {
        let token = format!("{}.{}", b64(header), rest.join("."));
        jwe::decrypt(&token, &private()).map(|_| ())
    }
}
