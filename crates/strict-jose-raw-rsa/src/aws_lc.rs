//! The functions of aws-lc that are called, as `openssl/rsa.h` and `openssl/err.h` declare them.
//!
//! Not those of aws-lc-sys: each of its releases has symbols of its own, and a requirement on one would
//! put a second aws-lc into the tree as soon as aws-lc-rs takes the next. `build.rs` finds the prefix.

#![allow(clippy::upper_case_acronyms, reason = "these are the names in aws-lc's headers")]

use core::ffi::{c_int, c_uint};
use core::marker::{PhantomData, PhantomPinned};

/// Known by its address alone; neither `Send` nor `Sync` by itself.
#[repr(C)]
pub(crate) struct RSA {
    _bytes: [u8; 0],
    _of_c: PhantomData<(*mut u8, PhantomPinned)>,
}

/// The same.
#[repr(C)]
pub(crate) struct BIGNUM {
    _bytes: [u8; 0],
    _of_c: PhantomData<(*mut u8, PhantomPinned)>,
}

pub(crate) const RSA_NO_PADDING: c_int = 3;

unsafe extern "C" {
    #[link_name = concat!(env!("AWS_LC_PREFIX"), "ERR_clear_error")]
    pub(crate) fn ERR_clear_error();

    #[link_name = concat!(env!("AWS_LC_PREFIX"), "RSA_decrypt")]
    pub(crate) fn RSA_decrypt(
        rsa: *mut RSA,
        out_len: *mut usize,
        out: *mut u8,
        max_out: usize,
        input: *const u8,
        in_len: usize,
        padding: c_int,
    ) -> c_int;

    #[link_name = concat!(env!("AWS_LC_PREFIX"), "RSA_free")]
    pub(crate) fn RSA_free(rsa: *mut RSA);

    #[link_name = concat!(env!("AWS_LC_PREFIX"), "RSA_get0_e")]
    pub(crate) fn RSA_get0_e(rsa: *const RSA) -> *const BIGNUM;

    #[link_name = concat!(env!("AWS_LC_PREFIX"), "RSA_private_key_from_bytes")]
    pub(crate) fn RSA_private_key_from_bytes(input: *const u8, in_len: usize) -> *mut RSA;

    #[link_name = concat!(env!("AWS_LC_PREFIX"), "RSA_size")]
    pub(crate) fn RSA_size(rsa: *const RSA) -> c_uint;
}
