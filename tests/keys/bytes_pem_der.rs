//! What is refused as a key, by bytes, PEM and DER; each refusal beside the same input without its
//! one fault.

use crate::support::keys::{self, der};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::time::{Duration, Instant};
use strict_jose::{Hs256Key, KeyError, Rs256SigningKey, Rs256VerifyingKey};

#[track_caller]
fn refused<T>(result: Result<T, KeyError>, code: &str) {
    assert_eq!(result.err().map(|error| error.code()), Some(code));
}

/// Every way in for a secret, with the secret in the text that the way takes.
fn hs256_from_all(secret: &[u8]) -> Vec<Result<Hs256Key, KeyError>> {
    let base64url = URL_SAFE_NO_PAD.encode(secret);
    let mut all = vec![
        Hs256Key::from_bytes(secret),
        Hs256Key::from_base64(&STANDARD.encode(secret)),
        Hs256Key::from_base64url(&base64url),
        Hs256Key::from_jwk(&format!(r#"{{"kty":"oct","k":"{base64url}"}}"#)),
    ];
    all.extend(std::str::from_utf8(secret).map(Hs256Key::from_utf8));
    all
}

#[test]
fn secrets_have_32_to_4096_octets() {
    for bytes in [0, 1, 16, 31] {
        for key in hs256_from_all(&vec![b's'; bytes]) {
            refused(key, "key.secret_too_short");
        }
    }
    for bytes in [32, 33, 64, 65, 1024, 4095, 4096] {
        assert!(hs256_from_all(&vec![b's'; bytes]).iter().all(Result::is_ok), "{bytes}");
    }
    for bytes in [4097, 5000, 20_000] {
        for key in hs256_from_all(&vec![b's'; bytes]) {
            refused(key, "key.secret_too_long");
        }
    }
}

#[test]
fn the_encoding_named_is_the_only_one() {
    let secret = [0xfb; 32]; // its base64 holds `+`, its base64url `-`
    let (base64, base64url) = (STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret));
    assert!(Hs256Key::from_base64(&base64).is_ok());
    assert!(Hs256Key::from_base64url(&base64url).is_ok());
    for text in [base64url.as_str(), base64.trim_end_matches('='), &format!("{base64}\n")] {
        refused(Hs256Key::from_base64(text), "key.malformed");
    }
    for text in [base64.as_str(), &format!("{base64url}="), &format!(" {base64url}")] {
        refused(Hs256Key::from_base64url(text), "key.malformed");
    }
}

#[test]
fn key_texts_are_no_secrets() {
    let public = Rs256VerifyingKey::from_pem(keys::RSA_2048_PUBLIC).unwrap();
    let private = Rs256SigningKey::from_pem(keys::RSA_2048).unwrap();
    let texts = [
        keys::RSA_2048.as_bytes(),
        keys::RSA_2048_PKCS1.as_bytes(),
        keys::RSA_2048_PUBLIC.as_bytes(),
        keys::RSA_2048_PUBLIC_PKCS1.as_bytes(),
        keys::EC.as_bytes(),
        keys::EC_PUBLIC.as_bytes(),
        public.to_jwk().as_bytes(),
        private.to_secret_jwk().expose().as_bytes(),
        format!("[{}]", public.to_jwk()).as_bytes(),
        b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDLxM8 someone@somewhere",
        b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8x someone@somewhere",
        &public.to_spki_der(),
        &public.to_pkcs1_der(),
        private.to_secret_pkcs8_der().expose(),
        private.to_secret_pkcs1_der().expose(),
        &der(keys::EC),
        &der(keys::EC_PUBLIC),
    ]
    .map(<[u8]>::to_vec);
    for text in &texts {
        for key in hs256_from_all(text) {
            refused(key, "key.secret_looks_like_key_text");
        }
        // Without what tells a key text it is any octets: the other end, and every mark gone.
        let broken: Vec<u8> = text.iter().map(|byte| byte.wrapping_add(0x40)).collect();
        assert!(Hs256Key::from_bytes(&broken).is_ok());
    }
    for before in ["\u{feff}", " ", "\n\n", "# the key\n"] {
        let text = format!("{before}{}", keys::RSA_2048_PUBLIC);
        refused(Hs256Key::from_utf8(&text), "key.secret_looks_like_key_text");
    }
    for text in ["{braces at the start only, and long enough", "brackets at the end, long enough]"]
    {
        assert!(Hs256Key::from_utf8(text).is_ok());
    }
}

fn spki(n: &[u8], e: &[u8]) -> Result<Rs256VerifyingKey, KeyError> {
    Rs256VerifyingKey::from_spki_der(&asn1::spki(&asn1::public(n, e)))
}

/// DER of the parts of a key, for what no library would write.
mod asn1 {
    pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len().to_be_bytes();
        let length = &length[length.iter().take_while(|byte| **byte == 0).count()..];
        let mut out = vec![tag];
        match length {
            [] => out.push(0),
            [short] if *short < 0x80 => out.push(*short),
            long => {
                out.push(0x80 | u8::try_from(long.len()).unwrap());
                out.extend_from_slice(long);
            }
        }
        out.extend_from_slice(content);
        out
    }

    pub fn integer(bytes: &[u8]) -> Vec<u8> {
        let mut content = bytes.to_vec();
        if content.first().is_none_or(|first| first & 0x80 != 0) {
            content.insert(0, 0);
        }
        tlv(2, &content)
    }

    pub fn public(n: &[u8], e: &[u8]) -> Vec<u8> {
        tlv(0x30, &[integer(n), integer(e)].concat())
    }

    /// `rsaEncryption` with these parameters.
    pub fn spki_with(parameters: &[u8], key: &[u8]) -> Vec<u8> {
        let oid = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
        let algorithm = tlv(0x30, &[&oid[..], parameters].concat());
        tlv(0x30, &[algorithm, tlv(3, &[&[0][..], key].concat())].concat())
    }

    pub fn spki(key: &[u8]) -> Vec<u8> {
        spki_with(&[5, 0], key)
    }
}

/// An odd number of so many bits. No import can tell it from a product of two primes.
fn odd(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] = 0xff >> (bytes.len() * 8 - bits);
    bytes
}

const F4: &[u8] = &[1, 0, 1];

#[test]
fn the_modulus_has_2048_to_8192_bits() {
    for bits in [2048, 2049, 2056, 3072, 4096, 8191, 8192] {
        let key = spki(&odd(bits), F4).unwrap();
        assert_eq!(key.modulus_len(), bits.div_ceil(8));
        assert!(Rs256VerifyingKey::from_jwk(&key.to_jwk()).is_ok());
    }
    for bits in [8, 512, 1024, 2040, 2047, 8193, 8200, 16384] {
        refused(spki(&odd(bits), F4), "key.modulus_size");
        let n = URL_SAFE_NO_PAD.encode(odd(bits));
        let jwk = format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"}}"#);
        refused(Rs256VerifyingKey::from_jwk(&jwk), "key.modulus_size");
    }
    for pem in [keys::RSA_1024, keys::RSA_2047] {
        refused(Rs256SigningKey::from_pem(pem), "key.modulus_size");
    }
    refused(Rs256VerifyingKey::from_pem(keys::RSA_2047_PUBLIC), "key.modulus_size");
    for bits in [0, 1024, 2047, 8193, usize::MAX] {
        refused(Rs256SigningKey::generate(bits), "key.modulus_size");
    }
    let mut even = odd(2048);
    *even.last_mut().unwrap() = 0xfe;
    refused(spki(&even, F4), "key.modulus_even");
}

#[test]
fn hostile_sizes_cost_nothing() {
    let huge = odd(2 * 1024 * 1024);
    let n = URL_SAFE_NO_PAD.encode(&huge);
    let jwk = format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"}}"#);
    let large = asn1::spki(&asn1::public(&odd(100_000), &odd(100_000)));
    let start = Instant::now();
    for _ in 0..100 {
        refused(spki(&huge, F4), "key.too_long");
        refused(Rs256VerifyingKey::from_jwk(&jwk), "key.too_long");
        refused(Rs256VerifyingKey::from_spki_der(&large), "key.modulus_size");
        refused(spki(&odd(8192), &odd(8192)), "key.exponent");
    }
    // One operation on numbers of that size takes longer than this.
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn the_exponent_is_odd_and_from_3_to_33_bits() {
    let taken: [&[u8]; 5] =
        [&[3], &[5], F4, &[0xff, 0xff, 0xff, 0xff], &[1, 0xff, 0xff, 0xff, 0xff]];
    for e in taken {
        assert!(spki(&odd(2048), e).is_ok(), "{e:?}");
        let jwk = spki(&odd(2048), e).unwrap().to_jwk();
        assert!(Rs256VerifyingKey::from_jwk(&jwk).is_ok());
    }
    let (wide, huge) = ([2, 0, 0, 0, 1], odd(2048));
    let others: [&[u8]; 8] = [&[0], &[1], &[2], &[4], &[1, 0, 0], &wide, &[0xff; 8], &huge];
    for e in others {
        refused(spki(&odd(2048), e), "key.exponent");
        let e = URL_SAFE_NO_PAD.encode(e);
        let n = URL_SAFE_NO_PAD.encode(odd(2048));
        let jwk = format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#);
        let code = if e == "AA" { "key.jwk_encoding" } else { "key.exponent" };
        refused(Rs256VerifyingKey::from_jwk(&jwk), code);
    }
}

#[test]
fn only_rsa_encryption_is_an_rsa_key() {
    for pem in [keys::PSS, keys::EC] {
        refused(Rs256SigningKey::from_pem(pem), "key.not_rsa");
    }
    for pem in [keys::PSS_PUBLIC, keys::EC_PUBLIC] {
        refused(Rs256VerifyingKey::from_pem(pem), "key.not_rsa");
    }
    let key = asn1::public(&odd(2048), F4);
    assert!(Rs256VerifyingKey::from_spki_der(&asn1::spki_with(&[5, 0], &key)).is_ok());
    for parameters in [&[][..], &[0x30, 0], &[5, 1, 0]] {
        let der = asn1::spki_with(parameters, &key);
        refused(Rs256VerifyingKey::from_spki_der(&der), "key.malformed");
    }
    assert!(Rs256SigningKey::from_pem(keys::RSA_2048).is_ok());
    assert!(Rs256SigningKey::from_pem(keys::RSA_2048_PKCS1).is_ok());
    refused(Rs256SigningKey::from_pem(keys::THREE_PRIMES), "key.inconsistent");
}

#[test]
fn pem_labels_say_what_is_inside() {
    for pem in [keys::RSA_2048_PUBLIC, keys::RSA_2048_PUBLIC_PKCS1] {
        assert!(Rs256VerifyingKey::from_pem(pem).is_ok());
        refused(Rs256SigningKey::from_pem(pem), "key.pem_label");
    }
    for pem in [keys::RSA_2048, keys::RSA_2048_PKCS1] {
        refused(Rs256VerifyingKey::from_pem(pem), "key.pem_label");
    }
    refused(Rs256SigningKey::from_pem(keys::ENCRYPTED), "key.pem_label");
    let certificate = keys::RSA_2048_PUBLIC.replace("PUBLIC KEY", "CERTIFICATE");
    refused(Rs256VerifyingKey::from_pem(&certificate), "key.pem_label");
    // The right label over the other encoding.
    let swapped = keys::RSA_2048_PUBLIC.replace("PUBLIC KEY", "RSA PUBLIC KEY");
    refused(Rs256VerifyingKey::from_pem(&swapped), "key.malformed");
    let swapped = keys::RSA_2048_PKCS1.replace("RSA PRIVATE KEY", "PRIVATE KEY");
    refused(Rs256SigningKey::from_pem(&swapped), "key.malformed");
}

#[test]
fn pem_and_der_are_whole_and_nothing_more() {
    let pem = keys::RSA_2048_PUBLIC;
    assert!(Rs256VerifyingKey::from_pem(&pem.replace('\n', "\r\n")).is_ok());
    let (head, tail) = pem.split_at(pem.len() / 2);
    let faults = [
        String::new(),
        head.to_owned(),
        tail.to_owned(),
        format!("{pem}{pem}"),
        format!("{pem}more"),
        pem.replacen("MII", "M*I", 1),
        pem.replace("-----END PUBLIC KEY-----", "-----END PRIVATE KEY-----"),
    ];
    for text in faults {
        refused(Rs256VerifyingKey::from_pem(&text), "key.malformed");
    }

    let der = der(pem);
    assert!(Rs256VerifyingKey::from_spki_der(&der).is_ok());
    refused(Rs256VerifyingKey::from_spki_der(&[&der[..], &[0]].concat()), "key.malformed");
    refused(Rs256VerifyingKey::from_spki_der(&der[..der.len() - 1]), "key.malformed");
    refused(Rs256VerifyingKey::from_spki_der(&[]), "key.malformed");
    refused(Rs256VerifyingKey::from_pkcs1_der(&der), "key.malformed");
    let private = keys::der(keys::RSA_2048);
    assert!(Rs256SigningKey::from_pkcs8_der(&private).is_ok());
    refused(Rs256SigningKey::from_pkcs8_der(&[&private[..], &[0]].concat()), "key.malformed");
    refused(Rs256SigningKey::from_pkcs8_der(&private[..private.len() - 1]), "key.malformed");
    refused(Rs256SigningKey::from_pkcs1_der(&private), "key.malformed");
}

#[test]
fn key_texts_have_up_to_32_kib() {
    for (bytes, code) in [(32 * 1024, "key.malformed"), (32 * 1024 + 1, "key.too_long")] {
        refused(Rs256VerifyingKey::from_pem(&"\n".repeat(bytes)), code);
        refused(Rs256VerifyingKey::from_spki_der(&vec![0; bytes]), code);
    }
}

#[test]
fn a_text_too_long_for_any_secret_is_not_decoded() {
    // 4,096 octets are 5,464 characters.
    for (length, code) in [(5464, "key.malformed"), (5465, "key.secret_too_long")] {
        let text = "!".repeat(length);
        refused(Hs256Key::from_base64(&text), code);
        refused(Hs256Key::from_base64url(&text), code);
    }
}

#[test]
fn key_ids_have_1_to_256_octets() {
    let key = Hs256Key::generate().unwrap();
    for kid in ["k", &"k".repeat(256)] {
        assert_eq!(key.clone().with_key_id(kid).unwrap().key_id(), Some(kid));
    }
    for kid in ["", &"k".repeat(257)] {
        refused(key.clone().with_key_id(kid), "key.id");
        let jwk = format!(r#"{{"kty":"oct","k":"{}","kid":"{kid}"}}"#, "A".repeat(44));
        refused(Hs256Key::from_jwk(&jwk), "key.id");
    }
}
