//! The primitives alone, keys parsed: what no library can beat that stands on them.
//!
//! For HMAC the whole pipeline as one would write it by hand; for RSA only the RSA operation. That of
//! the backend which strict-jose is built on is the limit, the other stands beside it.

use crate::contest::Contender;
use crate::fixture::{AUDIENCE, AllClaims, Fixture, ISSUER, SECRET};
use crate::library::ours;
use crate::operation::Operation;
use crate::record::Role;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

pub mod aws_lc;
pub mod ring_and_rsa;

const BASE64URL: base64_simd::Base64 = base64_simd::URL_SAFE_NO_PAD;

/// The operations of one backend, keys parsed.
pub trait Backend {
    const NAME: &'static str;
    /// Who does the RSA encryption.
    const RSAES: &'static str;
    fn new(f: &Fixture) -> Self;
    fn sign(&self, message: &[u8]) -> Vec<u8>;
    fn verify(&self, message: &[u8], signature: &[u8]);
    fn oaep_encrypt(&self, cek: &[u8]) -> Vec<u8>;
    fn oaep_decrypt(&self, encrypted_key: &[u8]) -> Vec<u8>;
    /// Under a new key each time, as in JWE.
    fn seal(&self, key: &[u8; 32], iv: [u8; 12], content: &mut Vec<u8>);
    fn open(&self, key: &[u8; 32], iv: [u8; 12], content: &mut Vec<u8>);
}

#[must_use]
pub fn contenders(operation: Operation, f: &'static Fixture) -> Vec<Contender> {
    match operation {
        Operation::Hs256Sign => vec![hs256_sign(f)],
        Operation::Hs256Verify => vec![hs256_verify(f.token(operation))],
        Operation::Rsa1_5Encrypt | Operation::Rsa1_5Decrypt => ring_and_rsa::rsa1_5(operation, f)
            .into_iter()
            .chain(aws_lc::rsa1_5(operation, f))
            .collect(),
        _ => {
            let mut all = rsa::<ring_and_rsa::RingAndRsa>(operation, f);
            all.extend(rsa::<aws_lc::AwsLc>(operation, f));
            all
        }
    }
}

fn rsa<B: Backend + 'static>(operation: Operation, f: &'static Fixture) -> Vec<Contender> {
    let own = B::NAME == ours::BACKEND;
    let raw = |work: &str| {
        (format!("{work} ({})", B::NAME), if own { Role::Raw } else { Role::OtherRaw })
    };
    let backend = B::new(f);
    let message = vec![b'm'; 340]; // as long as the signing input of the claims
    let cek = [9; 32];
    match operation {
        Operation::Rs256Sign => {
            let (name, role) = raw("RSA sign");
            vec![Contender::new(name, role, move || backend.sign(&message))]
        }
        Operation::Rs256Verify | Operation::Refuse(_) => {
            let (name, role) = raw("RSA verify");
            let signature = backend.sign(&message);
            vec![Contender::new(name, role, move || backend.verify(&message, &signature))]
        }
        Operation::OaepEncrypt(_) => {
            let (name, role) = raw(&format!("RSA-OAEP encrypt by {}", B::RSAES));
            vec![Contender::new(name, role, move || backend.oaep_encrypt(&cek))]
        }
        Operation::OaepDecrypt(_) => {
            let (name, role) = raw(&format!("RSA-OAEP decrypt by {}", B::RSAES));
            let encrypted_key = backend.oaep_encrypt(&cek);
            vec![Contender::new(name, role, move || backend.oaep_decrypt(&encrypted_key))]
        }
        Operation::MebibyteEncrypt => mebibyte_encrypt(raw("AES-GCM, base64url"), own, backend, f),
        Operation::MebibyteDecrypt => mebibyte_decrypt(raw("base64url, AES-GCM"), own, backend, f),
        Operation::SignThenEncrypt => {
            let (name, role) = raw(&format!("RSA sign, RSA-OAEP encrypt by {}", B::RSAES));
            let work = move || (backend.sign(&message), backend.oaep_encrypt(&cek));
            vec![Contender::new(name, role, work)]
        }
        Operation::DecryptThenVerify => {
            let (name, role) = raw(&format!("RSA-OAEP decrypt by {}, RSA verify", B::RSAES));
            let (encrypted_key, signature) = (backend.oaep_encrypt(&cek), backend.sign(&message));
            let work = move || {
                backend.verify(&message, &signature);
                backend.oaep_decrypt(&encrypted_key)
            };
            vec![Contender::new(name, role, work)]
        }
        _ => Vec::new(),
    }
}

const KEY: [u8; 32] = [3; 32];
const IV: [u8; 12] = [4; 12];

/// The target is about the content; the RSA operation, also part of our work, is taken off.
fn mebibyte_encrypt<B: Backend + 'static>(
    (name, role): (String, Role),
    own: bool,
    backend: B,
    f: &'static Fixture,
) -> Vec<Contender> {
    let work = move || {
        let mut content = f.mebibyte.clone();
        backend.seal(&KEY, IV, &mut content);
        BASE64URL.encode_to_string(content)
    };
    let mut all = vec![Contender::new(name, role, work)];
    if own {
        let backend = B::new(f);
        let name = format!("RSA-OAEP encrypt by {}", B::RSAES);
        all.push(Contender::new(name, Role::Part, move || backend.oaep_encrypt(&KEY)));
    }
    all
}

fn mebibyte_decrypt<B: Backend + 'static>(
    (name, role): (String, Role),
    own: bool,
    backend: B,
    f: &'static Fixture,
) -> Vec<Contender> {
    let mut content = f.mebibyte.clone();
    backend.seal(&KEY, IV, &mut content);
    let text = BASE64URL.encode_to_string(content);
    let work = move || {
        let mut content = BASE64URL.decode_to_vec(&text).unwrap();
        backend.open(&KEY, IV, &mut content);
        content
    };
    let mut all = vec![Contender::new(name, role, work)];
    if own {
        let backend = B::new(f);
        let encrypted_key = backend.oaep_encrypt(&KEY);
        let name = format!("RSA-OAEP decrypt by {}", B::RSAES);
        let work = move || backend.oaep_decrypt(&encrypted_key);
        all.push(Contender::new(name, Role::Part, work));
    }
    all
}

const PIPELINE: &str = "hmac + sha2, base64-simd, serde_json";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn hs256_sign(f: &Fixture) -> Contender {
    let (mac, claims) = (Hmac::<Sha256>::new_from_slice(SECRET).unwrap(), f.all_claims());
    Contender::new(PIPELINE, Role::Raw, move || {
        let mut token = BASE64URL.encode_to_string(HEADER);
        token.push('.');
        BASE64URL.encode_append(serde_json::to_vec(&claims).unwrap(), &mut token);
        let mut mac = mac.clone();
        mac.update(token.as_bytes());
        token.push('.');
        BASE64URL.encode_append(mac.finalize().into_bytes(), &mut token);
        token
    })
}

#[derive(serde::Deserialize)]
struct Header {
    alg: String,
}

fn hs256_verify(token: String) -> Contender {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    Contender::new(PIPELINE, Role::Raw, move || {
        let (input, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = input.split_once('.').unwrap();
        let header = BASE64URL.decode_to_vec(header).unwrap();
        let header: Header = serde_json::from_slice(&header).unwrap();
        assert_eq!(header.alg, "HS256");
        let mut mac = mac.clone();
        mac.update(input.as_bytes());
        mac.verify_slice(&BASE64URL.decode_to_vec(signature).unwrap()).unwrap();
        let payload = BASE64URL.decode_to_vec(payload).unwrap();
        let claims: AllClaims = serde_json::from_slice(&payload).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert!(now < claims.exp && claims.iss == ISSUER && claims.aud == AUDIENCE);
        claims
    })
}
