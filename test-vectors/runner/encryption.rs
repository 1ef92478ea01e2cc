//! JWE examples: every intermediate value, the token made again octet for octet, and the verdict.

use super::file::{Counts, Vector, decode, encode, key, public};
use rsa::BoxedUint;
use rsa::hazmat::rsa_decrypt_and_check;
use sha1::{Digest as _, Sha1};
use strict_jose::jwe::{self, Plaintext};
use strict_jose::legacy::{Rsa1_5DecryptionKey, Rsa1_5EncryptionKey};
use strict_jose::{
    ContentEncryption, Error, RsaOaepDecryptionKey, RsaOaepEncryptionKey, internals,
};

pub fn oaep(id: &str) -> RsaOaepDecryptionKey {
    RsaOaepDecryptionKey::from_jwk(&super::file::json_text(key(id))).unwrap()
}

pub fn rsa1_5(id: &str) -> Rsa1_5DecryptionKey {
    Rsa1_5DecryptionKey::from_jwk(&super::file::json_text(key(id))).unwrap()
}

pub fn decrypt(alg: &str, id: &str, token: &str) -> Result<Plaintext, Error> {
    match alg {
        "RSA-OAEP" => jwe::decrypt(token, &oaep(id)),
        "RSA1_5" => jwe::decrypt(token, &rsa1_5(id)),
        _ => panic!("no key of this crate is for {alg}"),
    }
}

/// Tokens whole, whether in scope or not.
pub fn tokens(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (id, token, expect) = (vector.id(), vector.text("token"), vector.text("expect"));
        if vector.has("cek") {
            segments(vector);
            content(vector);
        }
        if vector.has("key") {
            key_encryption(vector);
            let plaintext = decrypt(vector.text("alg"), vector.text("key"), token);
            let plaintext = counts.check(id, expect, plaintext).unwrap();
            assert_eq!(plaintext.as_ref(), vector.text("plaintext").as_bytes(), "{id}");
            made_again(vector);
        } else {
            // No key of this crate is for it: it is refused by one of each kind, and counts once.
            assert_ne!(expect, "accept", "{id}");
            Counts::default().check(id, expect, decrypt("RSA1_5", "rfc7516-A.2", token));
            counts.check(id, expect, decrypt("RSA-OAEP", "rfc7516-A.1", token));
        }
    }
    counts
}

fn segments(vector: &Vector) {
    let header = encode(vector.text("header"));
    assert_eq!(vector.text("aad"), header, "{}", vector.id());
    let rest = ["encrypted_key", "iv", "ciphertext", "tag"].map(|name| vector.text(name));
    assert_eq!(vector.text("token"), format!("{header}.{}", rest.join(".")), "{}", vector.id());
}

fn enc(vector: &Vector) -> ContentEncryption {
    let enc = ContentEncryption::ALL.into_iter().find(|enc| enc.name() == vector.text("enc"));
    enc.unwrap_or_else(|| panic!("enc of {}", vector.id()))
}

/// The CEK and the IV make the ciphertext and the tag, and take them back.
pub fn content(vector: &Vector) {
    let (enc, cek, iv) = (enc(vector), vector.bytes("cek"), vector.bytes("iv"));
    let (aad, plaintext) = (vector.text("aad").as_bytes(), vector.text("plaintext").as_bytes());
    let sealed = internals::seal_content(enc, &cek, &iv, aad, plaintext).unwrap();
    let tag: [u8; 16] = vector.bytes("tag").try_into().unwrap();
    assert_eq!(sealed, (vector.bytes("ciphertext"), tag));
    let opened = internals::open_content(enc, &cek, &iv, aad, &sealed.0, &tag);
    assert_eq!(opened.as_deref(), Some(plaintext));
}

/// The JWE Encrypted Key holds the CEK, and is made again from it and the padding's random octets.
pub fn key_encryption(vector: &Vector) {
    let (name, alg) = (vector.text("key"), vector.text("alg"));
    let (encrypted_key, expected) = (vector.bytes("encrypted_key"), vector.bytes("cek"));
    let mut cek = vec![0; expected.len()];
    match alg {
        "RSA-OAEP" => internals::unwrap(&oaep(name), &encrypted_key, &mut cek).unwrap(),
        _ => internals::unwrap(&rsa1_5(name), &encrypted_key, &mut cek).unwrap(),
    }
    assert_eq!(cek, expected, "{name}");
    let wrapped = match alg {
        "RSA-OAEP" => {
            let key = RsaOaepEncryptionKey::from_jwk(&public(key(name))).unwrap();
            internals::wrap_with(&key, &cek, &oaep_seed(&block(name, &encrypted_key)))
        }
        "RSA1_5" => {
            let block = block(name, &encrypted_key);
            let key = Rsa1_5EncryptionKey::from_jwk(&public(key(name))).unwrap();
            internals::wrap_with(&key, &cek, &block[2..block.len() - cek.len() - 1])
        }
        _ => panic!("no key of this crate is for {alg}"),
    };
    assert_eq!(wrapped, encrypted_key, "{name}");
}

fn made_again(vector: &Vector) {
    let token = internals::assemble_jwe(
        vector.text("header").as_bytes(),
        &vector.bytes("encrypted_key"), // made again in `key_encryption`
        enc(vector),
        &vector.bytes("cek"),
        &vector.bytes("iv"),
        vector.text("plaintext").as_bytes(),
    );
    assert_eq!(token.unwrap(), vector.text("token"), "{}", vector.id());
}

/// The padded block in a JWE Encrypted Key, by the `rsa` crate's raw operation alone.
fn block(name: &str, encrypted_key: &[u8]) -> Vec<u8> {
    let bytes = |member: &str| decode(key(name)[member].as_str().unwrap());
    let width = bytes("n").len();
    let uint = |bytes: &[u8], width: usize| {
        BoxedUint::from_be_slice_truncated(bytes, u32::try_from(width * 8).unwrap())
    };
    let wide = |member| uint(&bytes(member), width);
    let e = bytes("e");
    let primes = vec![wide("p"), wide("q")];
    let key = rsa::PrivateKey::from_components(wide("n"), uint(&e, e.len()), wide("d"), primes);
    let ciphertext = uint(encrypted_key, width);
    let unblinded = None::<&mut getrandom::SysRng>;
    let message = rsa_decrypt_and_check(&key.unwrap(), unblinded, &ciphertext).unwrap();
    let message = message.to_be_bytes();
    message[message.len() - width..].to_vec()
}

/// RFC 8017 section 7.1.2, step 3: the seed is masked by one hash of the masked data block.
fn oaep_seed(block: &[u8]) -> Vec<u8> {
    let (masked, data) = block[1..].split_at(20);
    let mask = Sha1::new().chain_update(data).chain_update([0; 4]).finalize();
    masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect()
}

/// The steps of A128CBC-HS256 (RFC 7518 section 5.2.2.1), each as printed.
pub fn steps(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let id = vector.id();
        let halves = [vector.bytes("mac_key"), vector.bytes("enc_key")];
        assert_eq!(vector.bytes("cek"), halves.concat(), "{id}");
        let bits = vector.text("aad").len() as u64 * 8;
        assert_eq!(vector.bytes("al"), bits.to_be_bytes(), "{id}");
        let input = [
            vector.text("aad").as_bytes(),
            &vector.bytes("iv"),
            &vector.bytes("ciphertext"),
            &vector.bytes("al"),
        ]
        .concat();
        if vector.has("mac_input") {
            assert_eq!(vector.bytes("mac_input"), input, "{id}");
        }
        let mac = internals::hmac_sha256(&halves[0], &input);
        assert_eq!(vector.bytes("mac"), mac, "{id}");
        assert_eq!(vector.bytes("tag"), mac[..16], "{id}");
        content(vector);
        counts.accept += 1;
    }
    counts
}

/// One-fault variants, each beside the token without the fault.
pub fn faulty(vectors: &[Vector]) -> Counts {
    let mut counts = Counts::default();
    for vector in vectors {
        let (id, alg, name) = (vector.id(), vector.text("alg"), vector.text("key"));
        let control = decrypt(alg, name, vector.text("control"));
        Counts::default().check(&format!("the control of {id}"), "accept", control);
        counts.check(id, vector.text("expect"), decrypt(alg, name, vector.text("token")));
    }
    counts
}
