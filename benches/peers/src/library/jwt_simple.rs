//! jwt-simple on BoringSSL: signed and encrypted claims; its encryption takes claims only.

use crate::contest::Contender;
use crate::fixture::{
    AUDIENCE, Fixture, ISSUER, PRIVATE_PEM, PUBLIC_PEM, Private, SECRET, SUBJECT, private,
};
use crate::operation::{Hostile, Operation};
use crate::record::Role;
use jwt_simple::prelude::*;
use std::collections::HashSet;
use strict_jose::ContentEncryption as Enc;

#[must_use]
pub fn contenders(operation: Operation, f: &'static Fixture) -> Vec<Contender> {
    let claims = claims(f);
    match operation {
        Operation::Hs256Sign => {
            let key = HS256Key::from_bytes(SECRET);
            peer(move || key.authenticate(claims.clone()).unwrap())
        }
        Operation::Rs256Sign => {
            let key = RS256KeyPair::from_pem(PRIVATE_PEM).unwrap();
            peer(move || key.sign(claims.clone()).unwrap())
        }
        Operation::Hs256Verify => {
            let (key, token, rules) = (HS256Key::from_bytes(SECRET), f.token(operation), rules());
            peer(move || key.verify_token::<Private>(&token, Some(rules.clone())).unwrap())
        }
        Operation::Rs256Verify => {
            let (key, token, rules) = (rs256(), f.token(operation), rules());
            peer(move || key.verify_token::<Private>(&token, Some(rules.clone())).unwrap())
        }
        Operation::Refuse(Hostile::OtherAlgorithm | Hostile::BadBase64url) => {
            let (key, token, rules) = (rs256(), f.token(operation), rules());
            peer(move || {
                assert!(key.verify_token::<Private>(&token, Some(rules.clone())).is_err());
            })
        }
        Operation::OaepEncrypt(enc @ (Enc::A128Gcm | Enc::A256Gcm)) => {
            let key = RsaOaepEncryptionKey::from_pem(PUBLIC_PEM).unwrap();
            let content_encryption = if enc == Enc::A128Gcm {
                ContentEncryption::A128GCM
            } else {
                ContentEncryption::A256GCM
            };
            let options = EncryptionOptions { content_encryption, ..Default::default() };
            peer(move || key.encrypt_with_options(claims.clone(), &options).unwrap())
        }
        Operation::OaepDecrypt(Enc::A128Gcm | Enc::A256Gcm) => {
            let key = RsaOaepDecryptionKey::from_pem(PRIVATE_PEM).unwrap();
            let options = DecryptionOptions { claim_options: Some(rules()), ..Default::default() };
            let token = f.token(operation);
            peer(move || key.decrypt_token::<Private>(&token, Some(options.clone())).unwrap())
        }
        _ => Vec::new(),
    }
}

fn peer<T>(work: impl FnMut() -> T + 'static) -> Vec<Contender> {
    vec![Contender::new("jwt-simple (BoringSSL)", Role::Peer, work)]
}

fn rs256() -> RS256PublicKey {
    RS256PublicKey::from_pem(PUBLIC_PEM).unwrap()
}

/// Taken by value by its calls, hence the copies above: a caller makes them anew for each token.
fn claims(f: &Fixture) -> JWTClaims<Private> {
    let mut claims = Claims::with_custom_claims(private(), Duration::from_secs(0))
        .with_issuer(ISSUER)
        .with_audience(AUDIENCE)
        .with_subject(SUBJECT);
    claims.issued_at = Some(Duration::from_secs(f.now).into());
    claims.expires_at = Some(Duration::from_secs(f.now + crate::fixture::LIFETIME).into());
    claims.invalid_before = None;
    claims
}

fn rules() -> VerificationOptions {
    VerificationOptions {
        allowed_issuers: Some(HashSet::from([ISSUER.to_owned()])),
        allowed_audiences: Some(HashSet::from([AUDIENCE.to_owned()])),
        time_tolerance: None,
        ..Default::default()
    }
}
