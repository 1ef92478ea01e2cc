//! josekit on OpenSSL: JWS and JWE. Its claims are a map, made a struct of by `serde_json`.

#![allow(deprecated, reason = "josekit marks RSA1_5 so; we race it all the same")]

use crate::contest::Contender;
use crate::fixture::{AUDIENCE, AllClaims, Fixture, ISSUER, PRIVATE_PEM, PUBLIC_PEM, SECRET};
use crate::operation::{Hostile, Operation};
use crate::record::Role;
use josekit::jwe::alg::rsaes::{RsaesJweDecrypter, RsaesJweEncrypter};
use josekit::jwe::{self, JweHeader, RSA_OAEP, RSA1_5};
use josekit::jws::{self, HS256, JwsHeader, RS256};
use josekit::jws::{JwsSigner, JwsVerifier};
use josekit::jwt::{self, JwtPayload, JwtPayloadValidator};
use serde_json::{Map, Value};
use strict_jose::ContentEncryption;

#[must_use]
pub fn contenders(operation: Operation, f: &'static Fixture) -> Vec<Contender> {
    match operation {
        Operation::Hs256Sign => sign(HS256.signer_from_bytes(SECRET).unwrap(), payload(f)),
        Operation::Rs256Sign => sign(RS256.signer_from_pem(PRIVATE_PEM).unwrap(), payload(f)),
        Operation::Hs256Verify => {
            verify(HS256.verifier_from_bytes(SECRET).unwrap(), f.token(operation))
        }
        Operation::Rs256Verify => {
            verify(RS256.verifier_from_pem(PUBLIC_PEM).unwrap(), f.token(operation))
        }
        Operation::OaepEncrypt(enc) => encrypt(oaep_encrypter(), enc, payload(f)),
        Operation::OaepDecrypt(_) => decrypt(oaep_decrypter(), f.token(operation)),
        Operation::Rsa1_5Encrypt => {
            let encrypter = RSA1_5.encrypter_from_pem(PUBLIC_PEM).unwrap();
            encrypt(encrypter, ContentEncryption::A128CbcHs256, payload(f))
        }
        Operation::Rsa1_5Decrypt => {
            decrypt(RSA1_5.decrypter_from_pem(PRIVATE_PEM).unwrap(), f.token(operation))
        }
        Operation::MebibyteEncrypt => {
            let (encrypter, header) = (oaep_encrypter(), header(ContentEncryption::A256Gcm));
            peer(move || jwe::serialize_compact(&f.mebibyte, &header, &encrypter).unwrap())
        }
        Operation::MebibyteDecrypt => {
            let (decrypter, token) = (oaep_decrypter(), f.token(operation));
            peer(move || jwe::deserialize_compact(&token, &decrypter).unwrap())
        }
        Operation::SignThenEncrypt => {
            let (signer, encrypter) =
                (RS256.signer_from_pem(PRIVATE_PEM).unwrap(), oaep_encrypter());
            let (payload, inner, mut outer) =
                (payload(f), JwsHeader::new(), header(ContentEncryption::A256Gcm));
            outer.set_content_type("JWT");
            peer(move || {
                let signed = jwt::encode_with_signer(&payload, &inner, &signer).unwrap();
                jwe::serialize_compact(signed.as_bytes(), &outer, &encrypter).unwrap()
            })
        }
        Operation::DecryptThenVerify => {
            let (decrypter, verifier) =
                (oaep_decrypter(), RS256.verifier_from_pem(PUBLIC_PEM).unwrap());
            let (token, rules) = (f.token(operation), rules());
            peer(move || {
                let (signed, _) = jwe::deserialize_compact(&token, &decrypter).unwrap();
                let (payload, _) = jwt::decode_with_verifier(&signed, &verifier).unwrap();
                concluded(payload, &rules)
            })
        }
        Operation::Refuse(Hostile::OtherAlgorithm | Hostile::BadBase64url) => {
            let verifier = RS256.verifier_from_pem(PUBLIC_PEM).unwrap();
            let token = f.token(operation);
            peer(move || assert!(jws::deserialize_compact(&token, &verifier).is_err()))
        }
        _ => Vec::new(),
    }
}

fn peer<T>(work: impl FnMut() -> T + 'static) -> Vec<Contender> {
    vec![Contender::new("josekit (OpenSSL)", Role::Peer, work)]
}

fn oaep_encrypter() -> RsaesJweEncrypter {
    RSA_OAEP.encrypter_from_pem(PUBLIC_PEM).unwrap()
}

fn oaep_decrypter() -> RsaesJweDecrypter {
    RSA_OAEP.decrypter_from_pem(PRIVATE_PEM).unwrap()
}

fn payload(f: &Fixture) -> JwtPayload {
    let Ok(Value::Object(claims)) = serde_json::to_value(f.all_claims()) else {
        panic!("a struct with names is an object")
    };
    JwtPayload::from_map(claims).unwrap()
}

fn header(enc: ContentEncryption) -> JweHeader {
    let mut header = JweHeader::new();
    header.set_token_type("JWT");
    header.set_content_encryption(enc.name());
    header
}

fn rules() -> JwtPayloadValidator {
    let mut rules = JwtPayloadValidator::new();
    rules.set_issuer(ISSUER);
    rules.set_audience(AUDIENCE);
    rules
}

fn concluded(payload: JwtPayload, rules: &JwtPayloadValidator) -> AllClaims {
    rules.validate(&payload).unwrap();
    let claims: Map<String, Value> = payload.into();
    serde_json::from_value(Value::Object(claims)).unwrap()
}

fn sign(signer: impl JwsSigner + 'static, payload: JwtPayload) -> Vec<Contender> {
    let mut header = JwsHeader::new();
    header.set_token_type("JWT");
    peer(move || jwt::encode_with_signer(&payload, &header, &signer).unwrap())
}

fn verify(verifier: impl JwsVerifier + 'static, token: String) -> Vec<Contender> {
    let rules = rules();
    peer(move || {
        let (payload, _) = jwt::decode_with_verifier(&token, &verifier).unwrap();
        concluded(payload, &rules)
    })
}

fn encrypt(
    encrypter: RsaesJweEncrypter,
    enc: ContentEncryption,
    payload: JwtPayload,
) -> Vec<Contender> {
    let header = header(enc);
    peer(move || jwt::encode_with_encrypter(&payload, &header, &encrypter).unwrap())
}

fn decrypt(decrypter: RsaesJweDecrypter, token: String) -> Vec<Contender> {
    let rules = rules();
    peer(move || {
        let (payload, _) = jwt::decode_with_decrypter(&token, &decrypter).unwrap();
        concluded(payload, &rules)
    })
}
