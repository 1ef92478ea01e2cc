//! JWKs and JWK Sets, each tried in every role: read, told by its thumbprint, written, read again.

use super::file::{Counts, Vector};
use super::verdicts::record;
use serde_json::Value;
use strict_jose::{
    Error, Hs256Key, KeyError, KeySet, Rs256, RsaAlgorithm, RsaPrivateKey, RsaPublicKey, SkippedKey,
};
#[cfg(feature = "jwe")]
use strict_jose::{Rsa1_5, RsaOaep};

const SIGNATURE_ROLES: &[&str] = &["HS256", "RS256 verify", "RS256 sign"];
#[cfg(feature = "jwe")]
const ENCRYPTION_ROLES: &[&str] =
    &["RSA-OAEP encrypt", "RSA-OAEP decrypt", "RSA1_5 encrypt", "RSA1_5 decrypt"];

/// A key once read.
struct Read {
    thumbprint: String,
    kid: Option<String>,
    /// As the crate writes it.
    jwk: String,
}

fn hs256(key: &Hs256Key) -> Read {
    Read {
        thumbprint: key.thumbprint(),
        kid: key.key_id().map(str::to_owned),
        jwk: key.to_secret_jwk().expose().to_owned(),
    }
}

fn public<A: RsaAlgorithm>(key: &RsaPublicKey<A>) -> Read {
    Read { thumbprint: key.thumbprint(), kid: key.key_id().map(str::to_owned), jwk: key.to_jwk() }
}

fn private<A: RsaAlgorithm>(key: &RsaPrivateKey<A>) -> Read {
    let half = key.public_key();
    let half = RsaPublicKey::<A>::from_jwk(&half.to_jwk()).unwrap();
    assert_eq!(half.thumbprint(), key.thumbprint());
    Read {
        thumbprint: key.thumbprint(),
        kid: key.key_id().map(str::to_owned),
        jwk: key.to_secret_jwk().expose().to_owned(),
    }
}

/// Reads a JWK in a role.
fn read(role: &str, jwk: &str) -> Result<Read, KeyError> {
    match role {
        "HS256" => Hs256Key::from_jwk(jwk).map(|key| hs256(&key)),
        "RS256 verify" => RsaPublicKey::<Rs256>::from_jwk(jwk).map(|key| public(&key)),
        "RS256 sign" => RsaPrivateKey::<Rs256>::from_jwk(jwk).map(|key| private(&key)),
        #[cfg(feature = "jwe")]
        "RSA-OAEP encrypt" => RsaPublicKey::<RsaOaep>::from_jwk(jwk).map(|key| public(&key)),
        #[cfg(feature = "jwe")]
        "RSA-OAEP decrypt" => RsaPrivateKey::<RsaOaep>::from_jwk(jwk).map(|key| private(&key)),
        #[cfg(feature = "jwe")]
        "RSA1_5 encrypt" => RsaPublicKey::<Rsa1_5>::from_jwk(jwk).map(|key| public(&key)),
        #[cfg(feature = "jwe")]
        "RSA1_5 decrypt" => RsaPrivateKey::<Rsa1_5>::from_jwk(jwk).map(|key| private(&key)),
        _ => panic!("no role {role}"),
    }
}

pub fn in_signature_roles(vectors: &[Vector]) -> Counts {
    in_roles(vectors, SIGNATURE_ROLES)
}

#[cfg(feature = "jwe")]
pub fn in_encryption_roles(vectors: &[Vector]) -> Counts {
    in_roles(vectors, ENCRYPTION_ROLES)
}

fn in_roles(vectors: &[Vector], roles: &[&str]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (jwk, expected) = (vector.json("jwk"), vector.child("roles").unwrap());
        for role in roles {
            let id = format!("{} as {role}", vector.id());
            let key = read(role, &jwk).map_err(Error::from);
            if let Some(key) = counts.check(&id, expected.text(role), key) {
                record(&key.thumbprint);
                round_trip(&id, role, &jwk, &key);
                if vector.has("thumbprint") {
                    assert_eq!(key.thumbprint, vector.text("thumbprint"), "{id}");
                }
                if vector.has("thumbprint_input") {
                    hash_input(vector, &jwk);
                }
            }
        }
    }
    counts
}

/// What is written is what was read, `kid` included, and reads as the same key.
fn round_trip(id: &str, role: &str, jwk: &str, key: &Read) {
    let read_from: Value = serde_json::from_str(jwk).unwrap();
    let written: Value = serde_json::from_str(&key.jwk).unwrap();
    for member in ["kty", "kid", "n", "e", "d", "p", "q", "dp", "dq", "qi", "k"] {
        assert_eq!(read_from.get(member), written.get(member), "{id}: {member}");
    }
    assert_eq!(role.split(' ').next(), written["alg"].as_str(), "{id}");
    let again = read(role, &key.jwk).unwrap();
    assert_eq!((&again.thumbprint, &again.jwk), (&key.thumbprint, &key.jwk), "{id}");
}

/// RFC 7638 section 3.1 prints what is hashed: the members it names, and no other.
fn hash_input(vector: &Vector, jwk: &str) {
    let jwk: Value = serde_json::from_str(jwk).unwrap();
    let input = format!(r#"{{"e":{},"kty":{},"n":{}}}"#, jwk["e"], jwk["kty"], jwk["n"]);
    assert_eq!(vector.text("thumbprint_input"), input);
}

type Set = Result<(Vec<Read>, Vec<SkippedKey>), KeyError>;

fn public_set<A: RsaAlgorithm>(set: &str) -> Set {
    let set = KeySet::<RsaPublicKey<A>>::from_jwk_set(set)?;
    let again = KeySet::<RsaPublicKey<A>>::from_jwk_set(&set.to_jwk_set()).unwrap();
    assert_eq!((again.len(), again.skipped().len()), (set.len(), 0));
    Ok((set.iter().map(public).collect(), set.skipped().to_vec()))
}

fn private_set<A: RsaAlgorithm>(set: &str) -> Set {
    let set = KeySet::<RsaPrivateKey<A>>::from_secret_jwk_set(set)?;
    let written = set.to_secret_jwk_set();
    let again = KeySet::<RsaPrivateKey<A>>::from_secret_jwk_set(written.expose()).unwrap();
    assert_eq!((again.len(), again.skipped().len()), (set.len(), 0));
    Ok((set.iter().map(private).collect(), set.skipped().to_vec()))
}

fn secret_set(set: &str) -> Set {
    let set = KeySet::<Hs256Key>::from_secret_jwk_set(set)?;
    let written = set.to_secret_jwk_set();
    let again = KeySet::<Hs256Key>::from_secret_jwk_set(written.expose()).unwrap();
    assert_eq!((again.len(), again.skipped().len()), (set.len(), 0));
    Ok((set.iter().map(hs256).collect(), set.skipped().to_vec()))
}

fn read_set(role: &str, set: &str) -> Set {
    match role {
        "HS256" => secret_set(set),
        "RS256 verify" => public_set::<Rs256>(set),
        "RS256 sign" => private_set::<Rs256>(set),
        #[cfg(feature = "jwe")]
        "RSA-OAEP encrypt" => public_set::<RsaOaep>(set),
        #[cfg(feature = "jwe")]
        "RSA-OAEP decrypt" => private_set::<RsaOaep>(set),
        #[cfg(feature = "jwe")]
        "RSA1_5 encrypt" => public_set::<Rsa1_5>(set),
        #[cfg(feature = "jwe")]
        "RSA1_5 decrypt" => private_set::<Rsa1_5>(set),
        _ => panic!("no role {role}"),
    }
}

pub fn sets_in_signature_roles(vectors: &[Vector]) -> Counts {
    sets_in_roles(vectors, SIGNATURE_ROLES)
}

#[cfg(feature = "jwe")]
pub fn sets_in_encryption_roles(vectors: &[Vector]) -> Counts {
    sets_in_roles(vectors, ENCRYPTION_ROLES)
}

fn sets_in_roles(vectors: &[Vector], roles: &[&str]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (text, expected) = (vector.json("set"), vector.child("reads").unwrap());
        for role in roles {
            let id = format!("{} as {role}", vector.id());
            let expect = expected.value(role).as_str().unwrap_or("accept");
            let set = read_set(role, &text).map_err(Error::from);
            if let Some((keys, skipped)) = counts.check(&id, expect, set) {
                let expected = expected.child(role).unwrap();
                let kids: Vec<_> = keys.iter().map(|key| key.kid.clone().unwrap()).collect();
                assert_eq!(*expected.value("kids"), Value::from(kids), "{id}");
                let thumbprints: Vec<_> = keys.into_iter().map(|key| key.thumbprint).collect();
                assert_eq!(*expected.value("thumbprints"), Value::from(thumbprints), "{id}");
                let skipped: Vec<_> = skipped
                    .iter()
                    .map(|key| {
                        serde_json::json!({"position": key.position(), "code": key.reason().code()})
                    })
                    .collect();
                assert_eq!(*expected.value("skipped"), Value::from(skipped), "{id}");
            }
        }
    }
    counts
}

/// One-fault variants of JWKs, each beside the JWK without the fault.
pub fn faulty(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (id, role) = (vector.id(), vector.text("role"));
        let control = read(role, vector.text("control")).map_err(Error::from);
        Counts::default().check(&format!("the control of {id}"), "accept", control);
        let key = read(role, vector.text("jwk")).map_err(Error::from);
        counts.check(id, vector.text("expect"), key);
    }
    counts
}
