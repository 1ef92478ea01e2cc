//! What aws-lc frees holds nothing of the key and nothing of the block: this program's own `free` looks
//! into every block of memory, Rust's and C's, before it goes back.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used, reason = "a failure is a panic")]

use core::ffi::c_void;
use rsa::PrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use std::cell::Cell;
use strict_jose_raw_rsa::RawRsaKey;

/// So many octets of a secret in a row are no chance.
const WINDOW: usize = 16;

unsafe extern "C" {
    fn malloc(bytes: usize) -> *mut c_void;
    fn malloc_usable_size(pointer: *mut c_void) -> usize;
    fn __libc_free(pointer: *mut c_void);
}

thread_local! {
    /// What this thread looks for, and how many blocks it has looked into and found some in.
    static SECRETS: Cell<&'static [Vec<u8>]> = const { Cell::new(&[]) };
    static LOOKED: Cell<usize> = const { Cell::new(0) };
    static FOUND: Cell<usize> = const { Cell::new(0) };
}

/// In the place of the C library's.
///
/// # Safety
///
/// As there: the pointer is null or what `malloc` has returned, and not used again.
#[unsafe(no_mangle)]
unsafe extern "C" fn free(pointer: *mut c_void) {
    let secrets = SECRETS.try_with(Cell::get).unwrap_or_default();
    if !pointer.is_null() && !secrets.is_empty() {
        // SAFETY: the block is alive until it is freed below.
        let bytes = unsafe { malloc_usable_size(pointer) };
        // SAFETY: so many octets are the block's.
        let block = unsafe { core::slice::from_raw_parts(pointer.cast::<u8>(), bytes) };
        let holds = |secret: &Vec<u8>| block.windows(WINDOW).any(|part| part == &secret[..WINDOW]);
        LOOKED.set(LOOKED.get() + 1);
        FOUND.set(FOUND.get() + usize::from(secrets.iter().any(holds)));
    }
    // SAFETY: as the caller has promised.
    unsafe { __libc_free(pointer) }
}

/// How many blocks were freed during `work`, and how many of them held one of the secrets.
fn freed(secrets: &'static [Vec<u8>], work: impl FnOnce()) -> (usize, usize) {
    LOOKED.set(0);
    FOUND.set(0);
    SECRETS.set(secrets);
    work();
    SECRETS.set(&[]);
    (LOOKED.get(), FOUND.get())
}

/// From the middle of the integer, as it is written and as it lies in memory.
fn middle(bytes: &[u8]) -> [Vec<u8>; 2] {
    let written = bytes[bytes.len() / 2..].to_vec();
    let mut lying = bytes.to_vec();
    lying.reverse();
    [written, lying.split_off(bytes.len() / 2)]
}

#[test]
fn nothing_secret_is_freed() {
    let pem = include_str!("../../../tests/pem/rsa-2048.pem");
    let key = PrivateKey::from_pkcs8_pem(pem).unwrap();
    let der = key.to_pkcs1_der().unwrap();
    let qi = key.qinv().unwrap().retrieve();
    let integers = [key.d(), &key.primes()[0], &key.primes()[1], key.dp().unwrap()];
    let integers = integers.into_iter().chain([key.dq().unwrap(), &qi]);
    let mut secrets: Vec<_> = integers.flat_map(|integer| middle(&integer.to_be_bytes())).collect();

    let ciphertext = vec![0x17; key.size()];
    let mut block = vec![0; key.size()];
    let raw = RawRsaKey::from_pkcs1_der(der.as_bytes()).unwrap();
    raw.decrypt(&ciphertext, &mut block).unwrap();
    secrets.extend(middle(&block));
    let secrets: &'static [Vec<u8>] = secrets.leak();
    assert_eq!(secrets.len(), 14);

    for secret in secrets {
        let found = freed(secrets, || {
            // SAFETY: asks for memory.
            let copy = unsafe { malloc(WINDOW) }.cast::<u8>();
            // SAFETY: the new block and the secret are so long, and two.
            unsafe { copy.copy_from_nonoverlapping(secret.as_ptr(), WINDOW) };
            // SAFETY: the block is used no more.
            unsafe { free(copy.cast()) }
        });
        assert_eq!(found, (1, 1), "what is left is found");
    }

    let (looked, found) = freed(secrets, || {
        let raw = RawRsaKey::from_pkcs1_der(der.as_bytes()).unwrap();
        // More often than a blinding lasts.
        for _ in 0..40 {
            raw.decrypt(&ciphertext, &mut block).unwrap();
        }
        assert!(raw.decrypt(&[0; 256], &mut [0; 256]).is_err());
        drop(raw);
    });
    assert_eq!(found, 0);
    assert!(looked > 1000, "{looked} blocks: aws-lc frees elsewhere");
}
