//! The operation beside that of the `rsa` crate, everything that is refused, and threads.
#![allow(clippy::unwrap_used, reason = "a failure is a panic")]
#![allow(clippy::many_single_char_names, reason = "n, e, d, p, q")]

use rsa::hazmat::rsa_decrypt;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::rand_core::TryRng as _;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BoxedUint, PrivateKey};
use std::sync::atomic::{AtomicUsize, Ordering};
use strict_jose_raw_rsa::{RawRsaKey, Refused};

unsafe extern "C" {
    #[link_name = concat!(env!("AWS_LC_PREFIX"), "ERR_peek_error")]
    fn ERR_peek_error() -> u32;
}

/// Every size and shape for which a library might have a way of its own, and how many ciphertexts.
const KEYS: [(&str, usize); 10] = [
    (include_str!("../../../tests/pem/rsa-1024.pem"), 20),
    (include_str!("../../../tests/pem/rsa-2047.pem"), 20),
    (include_str!("../../../tests/pem/rsa-2048.pem"), 40), // aws-lc blinds anew after 32
    (include_str!("../../../tests/pem/rsa-2048-p-below-q.pem"), 20),
    (include_str!("../../../tests/pem/rsa-2048-e3.pem"), 20),
    (include_str!("../../../tests/pem/rsa-2049.pem"), 20),
    (include_str!("../../../tests/pem/rsa-2056.pem"), 20),
    (include_str!("../../../tests/pem/rsa-3072.pem"), 20),
    (include_str!("../../../tests/pem/rsa-4096.pem"), 20),
    (include_str!("../../../tests/pem/rsa-8192.pem"), 2),
];

/// The same key in both libraries.
fn both(pem: &str) -> (RawRsaKey, PrivateKey) {
    let key = PrivateKey::from_pkcs8_pem(pem).unwrap();
    let raw = RawRsaKey::from_pkcs1_der(key.to_pkcs1_der().unwrap().as_bytes()).unwrap();
    assert_eq!(raw.modulus_len(), key.size());
    (raw, key)
}

fn some_key() -> (RawRsaKey, PrivateKey) {
    both(KEYS[2].0)
}

/// As many octets as the modulus has: what precedes them fills the integer's first machine word.
fn bytes(integer: &BoxedUint, k: usize) -> Vec<u8> {
    let bytes = integer.to_be_bytes();
    let (zeros, bytes) = bytes.split_at(bytes.len() - k);
    assert!(zeros.iter().all(|byte| *byte == 0));
    bytes.to_vec()
}

fn integer(bytes: &[u8], key: &PrivateKey) -> BoxedUint {
    BoxedUint::from_be_slice(bytes, key.n_bits_precision()).unwrap()
}

fn random(k: usize) -> Vec<u8> {
    let mut bytes = vec![0; k];
    getrandom::SysRng.try_fill_bytes(&mut bytes).unwrap();
    bytes
}

/// A ciphertext below the modulus.
fn random_ciphertext(key: &PrivateKey) -> Vec<u8> {
    loop {
        let bytes = random(key.size());
        if integer(&bytes, key) < *key.n().as_ref() {
            return bytes;
        }
    }
}

fn decrypt(key: &RawRsaKey, ciphertext: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut block = vec![0xa5; key.modulus_len()];
    let done = key.decrypt(ciphertext, &mut block);
    assert!(done.is_ok() || block.iter().all(|byte| *byte == 0), "what was refused leaves zeros");
    assert!(errors_are_forgotten());
    done.map(|()| block)
}

fn errors_are_forgotten() -> bool {
    // SAFETY: takes nothing, and reads memory of this thread alone.
    unsafe { ERR_peek_error() == 0 }
}

#[test]
fn the_same_as_by_the_rsa_crate() {
    let mut compared = 0;
    for (pem, number) in KEYS {
        let (raw, key) = both(pem);
        let k = key.size();
        let mut two = vec![0; k];
        two[k - 1] = 2;
        let mut ciphertexts: Vec<_> = (0..number).map(|_| random_ciphertext(&key)).collect();
        ciphertexts.push(two);
        for ciphertext in ciphertexts {
            let none = None::<&mut rsa::rand_core::UnwrapErr<getrandom::SysRng>>;
            let expected = rsa_decrypt(none, &key, &integer(&ciphertext, &key)).unwrap();
            assert_eq!(decrypt(&raw, &ciphertext).unwrap(), bytes(&expected, k), "{pem}");
            compared += 1;
        }
    }
    assert_eq!(compared, 212);
}

#[test]
fn ciphertexts_that_anyone_can_see_to_be_none() {
    let (raw, key) = some_key();
    let k = key.size();
    let n = key.n_bytes().into_vec(); // odd
    let with_last = |change: fn(u8) -> u8| {
        let mut bytes = n.clone();
        bytes[k - 1] = change(bytes[k - 1]);
        bytes
    };
    let mut one = vec![0; k];
    one[k - 1] = 1;
    let good = with_last(|last| last - 3); // n - 3
    assert!(decrypt(&raw, &good).is_ok());
    let above =
        integer(&n, &key).wrapping_add(BoxedUint::one_with_precision(key.n_bits_precision()));
    for none in [
        vec![0; k],
        one,
        with_last(|last| last - 1), // n - 1
        n.clone(),
        bytes(&above, k),
        vec![0xff; k],
        good[1..].to_vec(),
        [&[0], &good[..]].concat(),
        Vec::new(),
    ] {
        assert_eq!(decrypt(&raw, &none), Err(Refused), "{none:02x?}");
    }
    for length in [0, 1, k - 1, k + 1, 2 * k] {
        let mut block = vec![0xa5; length];
        assert_eq!(raw.decrypt(&good, &mut block), Err(Refused));
        assert_eq!(block, vec![0; length]);
        assert!(errors_are_forgotten());
    }
    assert!(decrypt(&raw, &good).is_ok(), "a refusal spoils nothing");
}

/// An INTEGER of DER.
fn der_integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let positive = [&[0], &bytes[zeros..]].concat();
    let start = usize::from(positive.get(1).is_some_and(|first| *first < 0x80));
    der(2, &positive[start..])
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match content.len() {
        0..0x80 => vec![tag, length[1]],
        0x80..0x100 => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [head, content.to_vec()].concat()
}

/// An `RSAPrivateKey` of these integers, after the version.
fn private_key(integers: [&[u8]; 8]) -> Vec<u8> {
    let version = der_integer(&[0]);
    let all = integers.into_iter().flat_map(der_integer);
    der(0x30, &version.into_iter().chain(all).collect::<Vec<_>>())
}

#[test]
fn keys_that_are_none() {
    let (_, key) = some_key();
    let whole = key.to_pkcs1_der().unwrap().as_bytes().to_vec();
    let (n, e) = (key.n_bytes(), key.e_bytes());
    let integers = [
        key.d(),
        &key.primes()[0],
        &key.primes()[1],
        key.dp().unwrap(),
        key.dq().unwrap(),
        &key.qinv().unwrap().retrieve(),
    ]
    .map(|integer| integer.to_be_bytes().into_vec());
    let [d, p, q, dp, dq, qi] = integers.each_ref().map(Vec::as_slice);
    assert_eq!(private_key([&n, &e, d, p, q, dp, dq, qi]), whole, "the control");
    assert!(RawRsaKey::from_pkcs1_der(&whole).is_some());

    let zero = &[0][..];
    // aws-lc itself takes this one, and would compute with it unblinded.
    let without_exponent = private_key([&n, zero, d, zero, zero, zero, zero, zero]);
    let mut refused = vec![
        without_exponent,
        private_key([&n, &e, d, zero, zero, zero, zero, zero]),
        private_key([&n, zero, d, p, q, dp, dq, qi]),
        private_key([&n, &[1], d, p, q, dp, dq, qi]),
        private_key([&n, &e, d, q, p, dp, dq, qi]),
        private_key([p, &e, d, p, q, dp, dq, qi]),
        der(0x30, &[der_integer(&n), der_integer(&e)].concat()),
        [&whole[..], &[0]].concat(),
        whole[..whole.len() - 1].to_vec(),
        b"no key".to_vec(),
        Vec::new(),
    ];
    for place in 0..8 {
        let mut changed = [&n[..], &e, d, p, q, dp, dq, qi].map(<[u8]>::to_vec);
        *changed[place].last_mut().unwrap() ^= 2;
        refused.push(private_key(changed.each_ref().map(Vec::as_slice)));
    }
    for der in &refused {
        assert!(RawRsaKey::from_pkcs1_der(der).is_none(), "{der:02x?}");
        assert!(errors_are_forgotten());
    }
    assert_eq!(refused.len(), 19);
}

#[test]
fn threads_share_one_key() {
    const THREADS: usize = 4;
    const EACH: usize = 40; // past the 32 after which a blinding is made anew
    let (raw, key) = some_key();
    let blocks = AtomicUsize::new(0);
    let ciphertext = random_ciphertext(&key);
    let expected = decrypt(&raw, &ciphertext).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    assert_eq!(decrypt(&raw, &ciphertext).unwrap(), expected);
                    assert_eq!(decrypt(&raw, &vec![0; raw.modulus_len()]), Err(Refused));
                    blocks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(blocks.into_inner(), THREADS * EACH);
    // Made here, dropped there.
    std::thread::spawn(move || drop(raw)).join().unwrap();
}

#[test]
fn texts_hold_no_key() {
    let (raw, _) = some_key();
    assert_eq!(format!("{raw:?}"), "RawRsaKey { octets: 256, .. }");
    assert_eq!(Refused.to_string(), "the RSA operation refused the ciphertext");
}

/// For `memcheck.sh`, which has to find it.
#[test]
#[ignore = "leaks on purpose"]
fn a_leak() {
    std::mem::forget(some_key().0);
}
