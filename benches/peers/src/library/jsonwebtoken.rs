//! jsonwebtoken on aws-lc-rs, its fastest backend: JWS.

use crate::contest::Contender;
use crate::fixture::{AUDIENCE, AllClaims, Fixture, ISSUER, PRIVATE_PEM, PUBLIC_PEM, SECRET};
use crate::operation::{Hostile, Operation};
use crate::record::Role;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};

#[must_use]
pub fn contenders(operation: Operation, f: &'static Fixture) -> Vec<Contender> {
    match operation {
        Operation::Hs256Sign => {
            sign(Algorithm::HS256, EncodingKey::from_secret(SECRET), f.all_claims())
        }
        Operation::Rs256Sign => {
            let key = EncodingKey::from_rsa_pem(PRIVATE_PEM.as_bytes()).unwrap();
            sign(Algorithm::RS256, key, f.all_claims())
        }
        Operation::Hs256Verify => {
            verify(Algorithm::HS256, DecodingKey::from_secret(SECRET), f.token(operation))
        }
        Operation::Rs256Verify => verify(Algorithm::RS256, rs256(), f.token(operation)),
        Operation::Refuse(Hostile::OtherAlgorithm | Hostile::BadBase64url) => {
            let (token, key, rules) = (f.token(operation), rs256(), rules(Algorithm::RS256));
            peer(move || assert!(decode::<AllClaims>(&token, &key, &rules).is_err()))
        }
        _ => Vec::new(),
    }
}

fn peer<T>(work: impl FnMut() -> T + 'static) -> Vec<Contender> {
    vec![Contender::new("jsonwebtoken (aws-lc-rs)", Role::Peer, work)]
}

fn sign(algorithm: Algorithm, key: EncodingKey, claims: AllClaims) -> Vec<Contender> {
    let header = Header::new(algorithm);
    peer(move || encode(&header, &claims, &key).unwrap())
}

fn verify(algorithm: Algorithm, key: DecodingKey, token: String) -> Vec<Contender> {
    let rules = rules(algorithm);
    peer(move || decode::<AllClaims>(&token, &key, &rules).unwrap())
}

fn rs256() -> DecodingKey {
    DecodingKey::from_rsa_pem(PUBLIC_PEM.as_bytes()).unwrap()
}

fn rules(algorithm: Algorithm) -> Validation {
    let mut rules = Validation::new(algorithm);
    rules.set_audience(&[AUDIENCE]);
    rules.set_issuer(&[ISSUER]);
    rules.set_required_spec_claims(&["exp", "aud", "iss"]);
    rules.leeway = 0;
    rules
}
