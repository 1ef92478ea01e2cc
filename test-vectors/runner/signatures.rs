//! JWS examples: the signing input, the signature made again, and the verdict on the token.

use super::file::{Counts, Vector, decode, encode, key, public};
use strict_jose::jws::VerifiedPayload;
use strict_jose::{Error, Hs256Key, Rs256SigningKey, Rs256VerifyingKey, internals, jws};

pub fn hs256(id: &str) -> Hs256Key {
    Hs256Key::from_jwk(&key(id).to_string()).unwrap()
}

pub fn rs256(id: &str) -> Rs256VerifyingKey {
    Rs256VerifyingKey::from_jwk(&public(key(id))).unwrap()
}

fn rs256_signing(id: &str) -> Rs256SigningKey {
    Rs256SigningKey::from_jwk(&key(id).to_string()).unwrap()
}

pub fn verify(alg: &str, id: &str, token: &str) -> Result<VerifiedPayload, Error> {
    match alg {
        "HS256" => jws::verify(token, &hs256(id)),
        "RS256" => jws::verify(token, &rs256(id)),
        _ => panic!("no key of this crate is for {alg}"),
    }
}

/// Tokens whole, whether in scope or not.
pub fn tokens(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (id, token, expect) = (vector.id(), vector.text("token"), vector.text("expect"));
        if vector.has("key") {
            signature_made_again(vector);
            let verified = counts.check(id, expect, verify_own(vector, token));
            if let Some(verified) = verified {
                intermediates(vector);
                assert_eq!(verified.payload(), vector.text("payload").as_bytes(), "{id}");
            }
        } else {
            // No key of this crate is for it: it is refused by one of each kind, and counts once.
            assert_ne!(expect, "accept", "{id}");
            intermediates(vector);
            Counts::default().check(id, expect, verify("RS256", "rfc7515-A.2", token));
            counts.check(id, expect, verify("HS256", "rfc7515-A.1", token));
        }
    }
    counts
}

fn verify_own(vector: &Vector, token: &str) -> Result<VerifiedPayload, Error> {
    verify(vector.text("alg"), vector.text("key"), token)
}

fn intermediates(vector: &Vector) {
    let (id, input) = (vector.id(), vector.text("signing_input"));
    let parts = [vector.text("header"), vector.text("payload")].map(encode);
    assert_eq!(input, parts.join("."), "{id}");
    assert_eq!(vector.text("token"), format!("{input}.{}", vector.text("signature")), "{id}");
    if vector.get("canonical_header") == Some(&true.into()) {
        let (payload, name) = (vector.text("payload"), vector.text("key"));
        let token = match vector.text("alg") {
            "HS256" => jws::sign(payload, &hs256(name)),
            _ => jws::sign(payload, &rs256_signing(name)),
        };
        assert_eq!(token.unwrap(), vector.text("token"), "{id}");
    }
}

/// HS256 and RS256 have one signature for each input.
pub fn signature_made_again(vector: &Vector) {
    let (input, signature) = (vector.text("signing_input").as_bytes(), vector.bytes("signature"));
    let name = vector.text("key");
    match vector.text("alg") {
        "HS256" => {
            let secret = decode(key(name)["k"].as_str().unwrap());
            assert_eq!(internals::hmac_sha256(&secret, input)[..], signature, "{name}");
            let mac = signature.try_into().unwrap();
            assert!(internals::hmac_sha256_verify(&secret, input, &mac), "{name}");
        }
        "RS256" => {
            assert_eq!(internals::rs256_sign(&rs256_signing(name), input).unwrap(), signature);
            assert!(internals::rs256_verify(&rs256(name), input, &signature), "{name}");
        }
        alg => panic!("no key of this crate is for {alg}"),
    }
}

/// Detached payloads: refused as they stand, accepted with the payload put back.
pub fn detached(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (id, token, payload) = (vector.id(), vector.text("token"), vector.text("payload"));
        let (name, expect) = (vector.text("key"), vector.text("expect"));
        let alg = if key(name)["kty"] == "oct" { "HS256" } else { "RS256" };
        counts.check(id, expect, verify(alg, name, token));
        let whole = token.replace("..", &format!(".{}.", encode(payload)));
        assert_eq!(verify(alg, name, &whole).unwrap().payload(), payload.as_bytes(), "{id}");
    }
    counts
}

/// RFC 7515 appendix C, by way of a payload: base64url has no door of its own.
pub fn base64url(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    let hs256 = hs256("rfc7515-A.1");
    for vector in vectors {
        let bytes: Vec<u8> = serde_json::from_value(vector.value("octets").clone()).unwrap();
        let token = jws::sign(&bytes, &hs256).unwrap();
        let segments: Vec<_> = token.split('.').collect();
        assert_eq!(segments[1], vector.text("encoded"));
        let verified = counts.check(vector.id(), "accept", jws::verify(&token, &hs256)).unwrap();
        assert_eq!(verified.payload(), bytes);

        let secret = decode(key("rfc7515-A.1")["k"].as_str().unwrap());
        for refused in vector.children("refused") {
            // Signed as it stands, so that nothing but its encoding is wrong.
            let input = format!("{}.{}", segments[0], refused.text("encoded"));
            let mac = internals::hmac_sha256(&secret, input.as_bytes());
            let token = format!("{input}.{}", encode(mac));
            let result = jws::verify(&token, &hs256);
            counts.check(refused.text("note"), refused.text("code"), result);
        }
    }
    counts
}

/// RFC 7515 appendix B: certificates are no keys, and a header that holds them is not asked for them.
pub fn certificates(vectors: &[Vector]) -> Counts {
    use base64::Engine as _;
    let mut counts = Counts::default();
    for vector in vectors {
        let chain = vector.value("x5c");
        for certificate in chain.as_array().unwrap() {
            let base64 = base64::engine::general_purpose::STANDARD;
            let der = base64.decode(certificate.as_str().unwrap()).unwrap();
            let key = Rs256VerifyingKey::from_spki_der(&der).map_err(Error::from);
            counts.check(vector.id(), vector.text("expect"), key);
        }
        let header = format!(r#"{{"alg":"RS256","x5c":{chain}}}"#);
        let input = format!("{}.{}", encode(header), encode("octets"));
        let signature = internals::rs256_sign(&rs256_signing("rfc7515-A.2"), input.as_bytes());
        let token = format!("{input}.{}", encode(signature.unwrap()));
        counts.check(vector.id(), "accept", verify("RS256", "rfc7515-A.2", &token));
    }
    counts
}

/// One-fault variants, each beside the token without the fault.
pub fn faulty(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let id = vector.id();
        let control = verify_own(vector, vector.text("control"));
        Counts::default().check(&format!("the control of {id}"), "accept", control);
        counts.check(id, vector.text("expect"), verify_own(vector, vector.text("token")));
    }
    counts
}
