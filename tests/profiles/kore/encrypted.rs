//! K12 to K16, K20: encrypted tokens.

use super::support::*;
use crate::kept::Kept;
use serde_json::{Value, json};
use strict_jose::internals::{Operation, count, wrap_with};
use strict_jose::profile::kore::{self, Platform};
use strict_jose::{
    ContentEncryption, EncryptionKey, Error, JwsHeader, KeyError, KeySet, MemoryReplayGuard,
    RsaOaepDecryptionKey, RsaOaepEncryptionKey, jws,
    legacy::{Rsa1_5DecryptionKey, Rsa1_5EncryptionKey},
};

const KID: &str = "k-ffb4hty69-750a-44af-91c1-de0bvcf6a";

fn oaep() -> RsaOaepDecryptionKey {
    RsaOaepDecryptionKey::from_jwk(&fixture("platform_private_jwk")).unwrap()
}

fn rsa1_5() -> Rsa1_5DecryptionKey {
    Rsa1_5DecryptionKey::from_jwk(&fixture("platform_private_jwk")).unwrap()
}

/// The platform that has the two keys.
fn decrypting() -> Platform<Kept<MemoryReplayGuard>> {
    platform()
        .decrypting(KeySet::new([oaep()]).unwrap())
        .decrypting_rsa1_5(KeySet::new([rsa1_5()]).unwrap())
}

/// What the platform gives out: its JWK without `alg` and `use`.
fn published() -> Value {
    let private: Value = serde_json::from_str(&fixture("platform_private_jwk")).unwrap();
    json!({"kty": "RSA", "e": private["e"], "kid": private["kid"], "n": private["n"]})
}

fn public_oaep() -> RsaOaepEncryptionKey {
    RsaOaepEncryptionKey::from_jwk(&published().to_string()).unwrap()
}

fn public_rsa1_5() -> Rsa1_5EncryptionKey {
    Rsa1_5EncryptionKey::from_jwk(&published().to_string()).unwrap()
}

/// K1's claims and private ones, signed.
fn inner() -> String {
    let claims = K1_PAYLOAD.strip_suffix('}').unwrap();
    let private = r#""privateClaims":{"accountId":"123412512512556"}"#;
    signed(format!("{claims},{private}}}"), &secret())
}

/// The token with one segment made from the old one.
fn with_segment(token: &str, place: usize, change: impl Fn(&str) -> String) -> String {
    let mut segments: Vec<String> = token.split('.').map(str::to_owned).collect();
    segments[place] = change(&segments[place]);
    segments.join(".")
}

/// Another first character: six other bits, none of them the padding's.
fn flipped(segment: &str) -> String {
    let other = if segment.starts_with('A') { "B" } else { "A" };
    [other, &segment[1..]].concat()
}

#[test]
fn k12_two_algorithms_and_three_encryptions() {
    let check = |token: &str| {
        assert_eq!(token.split('.').count(), 5);
        let identity = accept(&decrypting(), token).unwrap();
        assert_eq!((identity.client_id(), identity.subject()), (ISS, SUBJECT));
        assert_eq!(identity.jwt_id(), Some("1234"));
        assert_eq!(identity.identity_to_merge(), Some("anonymoususer1@test.com"));
        assert_eq!(identity.private()["privateClaims"], json!({"accountId": "123412512512556"}));
        assert!(identity.was_encrypted());
    };
    let header = |alg: &str, enc: ContentEncryption| {
        base64url(format!(r#"{{"alg":"{alg}","enc":"{enc}","kid":"{KID}","typ":"JWT"}}"#))
    };
    let mut round_trips = 0;
    for enc in ContentEncryption::ALL {
        let tokens = [
            ("RSA-OAEP", kore::encrypt(&inner(), enc, &public_oaep()).unwrap()),
            ("RSA1_5", kore::encrypt(&inner(), enc, &public_rsa1_5()).unwrap()),
        ];
        for (alg, token) in tokens {
            assert_eq!(token.split('.').next(), Some(header(alg, enc).as_str()));
            check(&token);
            round_trips += 1;
        }
    }
    let fixtures = fixtures();
    let foreign = fixtures["tokens"].as_array().unwrap();
    for token in foreign {
        check(token["token"].as_str().unwrap());
    }
    assert_eq!((round_trips, foreign.len()), (6, 6));
}

#[test]
fn k13_bare_claims_are_no_identity() {
    let platform = decrypting();
    for enc in ContentEncryption::ALL {
        let bare = kore::encrypt(K1_PAYLOAD, enc, &public_oaep()).unwrap();
        assert_eq!(refused(accept(&platform, &bare), BODY_OTHER), "nested.not_signed");
        let claims: strict_jose::Unauthenticated<Any> = platform.decrypt(&bare).unwrap();
        assert_eq!((claims.issuer(), claims.subject()), (Some(ISS), Some(SUBJECT)));
        assert_eq!(claims.private()["isAnonymous"], json!(false));
    }
    // Two dots in the claims do not make them a token of three parts.
    let dotted = claims(json!({"sub": "john"})).to_string();
    assert_eq!(dotted.split('.').count(), 3);
    let dotted = kore::encrypt(&dotted, ContentEncryption::A256Gcm, &public_oaep()).unwrap();
    assert_eq!(refused(accept(&platform, &dotted), BODY_OTHER), "nested.not_signed");
    // Nor is a token that is encrypted twice, or an inner one that is signed by nobody.
    let twice = kore::encrypt(&inner(), ContentEncryption::A256Gcm, &public_oaep()).unwrap();
    let twice = kore::encrypt(&twice, ContentEncryption::A256Gcm, &public_oaep()).unwrap();
    assert_eq!(refused(accept(&platform, &twice), BODY_OTHER), "nested.not_signed");
    let none = format!("{}.{}.", base64url(r#"{"alg":"none","typ":"JWT"}"#), base64url(K1_PAYLOAD));
    let none = kore::encrypt(&none, ContentEncryption::A256Gcm, &public_oaep()).unwrap();
    assert_eq!(refused(accept(&platform, &none), BODY_OTHER), "header.mismatch");
    // Unsigned claims keep the rules too, and never meet the guard.
    let late = claims(json!({"exp": NOW, "jti": "1234"})).to_string();
    let late = kore::encrypt(&late, ContentEncryption::A256Gcm, &public_rsa1_5()).unwrap();
    assert_eq!(refused(platform.decrypt::<Any>(&late), BODY_OTHER), "claim.expired");
    // Nor do they get the documented answer for an `exp` in milliseconds: nobody vouches for the id.
    let far = claims(json!({"exp": NOW * 1000, "jti": "1234"})).to_string();
    let far = kore::encrypt(&far, ContentEncryption::A256Gcm, &public_rsa1_5()).unwrap();
    assert_eq!(refused(platform.decrypt::<Any>(&far), BODY_OTHER), "claim.milliseconds");
    assert!(accept(&platform, &inner()).is_ok());
}

#[test]
fn k14_an_app_that_enforces_encryption() {
    let platform = decrypting().register(app().enforcing_jwe());
    assert_eq!(refused(accept(&platform, &inner()), BODY_OTHER), "token.segment_count");
    let token = kore::encrypt(&inner(), ContentEncryption::A128Gcm, &public_oaep()).unwrap();
    assert!(accept(&platform, &token).is_ok(), "the id is still there");
    assert_eq!(refused(accept(&platform, &token), BODY_REPLAY), "replay.replayed");
}

#[test]
fn k15_one_error_for_all_that_depends_on_a_secret() {
    let other = fixture("other_private_jwk");
    let other_oaep = RsaOaepDecryptionKey::from_jwk(&other).unwrap().public_key();
    let other_rsa1_5 = Rsa1_5DecryptionKey::from_jwk(&other).unwrap().public_key();
    let (oaep, rsa1_5) = (public_oaep(), public_rsa1_5());
    one_error(&oaep, &other_oaep, |cek| wrap_with(&oaep, cek, &[7; 20]));
    // PKCS #1 v1.5 fills 256 octets up: 3 that are fixed, the CEK, the rest padding.
    one_error(&rsa1_5, &other_rsa1_5, |cek| wrap_with(&rsa1_5, cek, &vec![7; 253 - cek.len()]));
}

fn one_error<K: EncryptionKey>(key: &K, other: &K, wrap: impl Fn(&[u8]) -> Vec<u8>) {
    let platform = decrypting();
    let mut tried = 0;
    for enc in ContentEncryption::ALL {
        let good = kore::encrypt(&inner(), enc, key).unwrap();
        let cek = |bytes| {
            let wrapped = wrap(&vec![5; bytes]);
            with_segment(&good, 1, |_| base64url(&wrapped))
        };
        let broken = [
            ("bad padding", with_segment(&good, 1, |_| base64url([3; 256]))),
            ("CEK too short", cek(enc.cek_len() - 1)),
            ("CEK too long", cek(enc.cek_len() + 1)),
            ("CEK empty", cek(0)),
            ("another CEK", cek(enc.cek_len())),
            ("flipped tag", with_segment(&good, 4, flipped)),
            ("flipped IV", with_segment(&good, 2, flipped)),
            ("flipped ciphertext", with_segment(&good, 3, flipped)),
            ("wrong key", kore::encrypt(&inner(), enc, other).unwrap()),
        ];
        for (what, token) in broken {
            let work = || {
                [Operation::RsaPrivate, Operation::ContentOpen, Operation::CbcDecrypt].map(count)
            };
            let before = work();
            let refusal = accept(&platform, &token).unwrap_err();
            let done: Vec<_> = work().iter().zip(before).map(|(after, b)| after - b).collect();
            assert_eq!(done, [1, 1, 0], "{what}: one key operation, one tag, nothing decrypted");
            assert_eq!(refusal.reason(), &Error::DecryptionFailed, "{what}");
            assert_eq!(refusal.reason().to_string(), "decryption failed", "{what}");
            assert_eq!((refusal.status(), refusal.body()), (401, BODY_OTHER), "{what}");
            tried += 1;
        }
        assert!(accept(&decrypting(), &good).is_ok());
    }
    assert_eq!(tried, 27);
}

#[test]
fn k16_three_parts_are_no_jwe_whatever_the_header_says() {
    let header = r#"{"alg":"A256GCM","typ":"JWT"}"#;
    let input = format!("{}.{}", base64url(header), base64url(K1_PAYLOAD));
    let mac = strict_jose::internals::hmac_sha256(SECRET.as_bytes(), input.as_bytes());
    let token = format!("{input}.{}", base64url(mac));
    let platform = decrypting();
    assert_eq!(refused(accept(&platform, &token), BODY_OTHER), "header.mismatch");
    let refusal = platform.decrypt::<Any>(&token).unwrap_err();
    assert_eq!(refusal.reason(), &Error::SegmentCount { found: 3, expected: 5 });
    assert_eq!(refusal.reason().to_string(), "the token has 3 segments, 5 expected");
}

#[test]
fn k20_the_platforms_jwk() {
    let jwk = published();
    assert!(jwk.get("alg").is_none() && jwk.get("use").is_none());
    let token = |key: &RsaOaepEncryptionKey| {
        kore::encrypt(&inner(), ContentEncryption::A128CbcHs256, key).unwrap()
    };
    assert!(accept(&decrypting(), &token(&public_oaep())).is_ok());
    let by_rsa1_5 = kore::encrypt(&inner(), ContentEncryption::A128CbcHs256, &public_rsa1_5());
    assert!(accept(&decrypting(), &by_rsa1_5.unwrap()).is_ok(), "for either algorithm");
    assert_eq!(public_oaep().key_id(), Some(KID));
    assert_eq!(public_rsa1_5().key_id(), Some(KID));

    let private: Value = serde_json::from_str(&fixture("platform_private_jwk")).unwrap();
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        let mut with = jwk.clone();
        with[member] = private[member].clone();
        let text = with.to_string();
        assert_eq!(RsaOaepEncryptionKey::from_jwk(&text).err(), Some(KeyError::PrivateMember));
        assert_eq!(Rsa1_5EncryptionKey::from_jwk(&text).err(), Some(KeyError::PrivateMember));
    }
    let small = fixture("small_public_jwk");
    assert_eq!(RsaOaepEncryptionKey::from_jwk(&small).unwrap_err().code(), "key.modulus_size");
    assert_eq!(Rsa1_5EncryptionKey::from_jwk(&small).unwrap_err().code(), "key.modulus_size");
}

#[test]
fn a_content_type_other_than_jwt_is_refused() {
    let enc = ContentEncryption::A256Gcm;
    let sealed = |cty: &'static str| {
        let header = strict_jose::JweHeader::new(enc).typ("JWT").content_type(cty);
        strict_jose::jwe::encrypt_with_header(inner(), &header, &public_oaep()).unwrap()
    };
    assert_eq!(refused(accept(&decrypting(), &sealed("json")), BODY_OTHER), "header.mismatch");
    assert!(accept(&decrypting(), &sealed("JWT")).is_ok());
    let untyped = jws::sign_with_header(K1_PAYLOAD, &JwsHeader::new(), &secret()).unwrap();
    let untyped = kore::encrypt(&untyped, enc, &public_oaep()).unwrap();
    assert_eq!(refused(accept(&decrypting(), &untyped), BODY_OTHER), "header.missing");
    assert!(accept(&decrypting().compat(), &untyped).is_ok());
    let access =
        jws::sign_with_header(K1_PAYLOAD, &JwsHeader::new().typ("at+jwt"), &secret()).unwrap();
    for platform in [decrypting(), decrypting().compat()] {
        assert_eq!(refused(accept(&platform, &access), BODY_OTHER), "header.mismatch");
    }
}

#[test]
fn a_platform_without_the_key_takes_no_such_token() {
    let enc = ContentEncryption::A128Gcm;
    let tokens = [
        kore::encrypt(&inner(), enc, &public_oaep()).unwrap(),
        kore::encrypt(&inner(), enc, &public_rsa1_5()).unwrap(),
    ];
    for token in &tokens {
        assert_eq!(refused(accept(&platform(), token), BODY_OTHER), "key.no_match");
    }
    let one = platform().decrypting(KeySet::new([oaep()]).unwrap());
    assert_eq!(refused(accept(&one, &tokens[1]), BODY_OTHER), "header.mismatch");
    let other = platform().decrypting_rsa1_5(KeySet::new([rsa1_5()]).unwrap());
    assert_eq!(refused(accept(&other, &tokens[0]), BODY_OTHER), "header.mismatch");
    let renamed = public_oaep().with_key_id("another").unwrap();
    let renamed = kore::encrypt(&inner(), enc, &renamed).unwrap();
    assert_eq!(refused(accept(&decrypting(), &renamed), BODY_OTHER), "key.no_match");
}
