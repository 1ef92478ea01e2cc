//! biscuit on ring: JWS.

use crate::contest::Contender;
use crate::fixture::{AUDIENCE, Fixture, ISSUER, LIFETIME, Private, SECRET, SUBJECT, private};
use crate::operation::{Hostile, Operation};
use crate::record::Role;
use biscuit::jwa::SignatureAlgorithm;
use biscuit::jws::{RegisteredHeader, Secret};
use biscuit::{
    ClaimPresenceOptions, ClaimsSet, Empty, JWT, Presence, RegisteredClaims, SingleOrMultiple,
    Timestamp, Validation, ValidationOptions,
};
use std::sync::Arc;

type Token = JWT<Private, Empty>;

#[must_use]
pub fn contenders(operation: Operation, f: &'static Fixture) -> Vec<Contender> {
    match operation {
        Operation::Hs256Sign => sign(SignatureAlgorithm::HS256, hs256(), f),
        Operation::Rs256Sign => {
            let der = f.rs256.to_secret_pkcs8_der();
            let pair = ring::signature::RsaKeyPair::from_pkcs8(der.expose()).unwrap();
            sign(SignatureAlgorithm::RS256, Secret::RsaKeyPair(Arc::new(pair)), f)
        }
        Operation::Hs256Verify => verify(SignatureAlgorithm::HS256, hs256(), f.token(operation)),
        Operation::Rs256Verify => verify(SignatureAlgorithm::RS256, rs256(f), f.token(operation)),
        Operation::Refuse(Hostile::OtherAlgorithm | Hostile::BadBase64url) => {
            let (key, token) = (rs256(f), f.token(operation));
            peer(move || {
                let token = Token::new_encoded(&token);
                assert!(token.into_decoded(&key, SignatureAlgorithm::RS256).is_err());
            })
        }
        _ => Vec::new(),
    }
}

fn peer<T>(work: impl FnMut() -> T + 'static) -> Vec<Contender> {
    vec![Contender::new("biscuit (ring)", Role::Peer, work)]
}

fn hs256() -> Secret {
    Secret::Bytes(SECRET.to_vec())
}

fn rs256(f: &Fixture) -> Secret {
    Secret::PublicKey(f.rs256_public.to_pkcs1_der())
}

fn sign(algorithm: SignatureAlgorithm, key: Secret, f: &Fixture) -> Vec<Contender> {
    let seconds = |seconds: u64| Some(Timestamp::from(i64::try_from(seconds).unwrap()));
    let registered = RegisteredClaims {
        issuer: Some(ISSUER.into()),
        subject: Some(SUBJECT.into()),
        audience: Some(SingleOrMultiple::Single(AUDIENCE.into())),
        issued_at: seconds(f.now),
        expiry: seconds(f.now + LIFETIME),
        ..Default::default()
    };
    let header = RegisteredHeader { algorithm, ..Default::default() };
    let token = Token::new_decoded(header.into(), ClaimsSet { registered, private: private() });
    peer(move || token.encode(&key).unwrap().unwrap_encoded().encode())
}

fn verify(algorithm: SignatureAlgorithm, key: Secret, token: String) -> Vec<Contender> {
    let required = Presence::Required;
    let presence = ClaimPresenceOptions {
        expiry: required,
        issuer: required,
        audience: required,
        ..Default::default()
    };
    let rules = ValidationOptions {
        claim_presence_options: presence,
        issuer: Validation::Validate(ISSUER.into()),
        audience: Validation::Validate(AUDIENCE.into()),
        ..Default::default()
    };
    peer(move || {
        let decoded = Token::new_encoded(&token).into_decoded(&key, algorithm).unwrap();
        decoded.validate(rules.clone()).unwrap();
        decoded.unwrap_decoded()
    })
}
