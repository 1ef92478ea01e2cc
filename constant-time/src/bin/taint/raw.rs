//! The way of an RSA1_5 block through aws-lc's raw operation, by the feature `fast-rsa1_5`.
//!
//! What is marked is the ciphertext, and with it all that Bleichenbacher asks about: the block, and
//! whatever is computed on the way to it. Not the key, since aws-lc computes with the widths of its
//! integers: every loop over one would be reported.

use crate::paths::{Expected, Path, measure};
use strict_jose_constant_time::classes::Algorithm;
use strict_jose_constant_time::keys::Key;
use strict_jose_constant_time::{random, valgrind};

pub const PATHS: &[Path] = &[
    Path { name: "RSA1_5 by aws-lc to CEK, whole", expected: BLINDED, run: |der| unwrap(der, 0) },
    Path {
        name: "RSA1_5 by aws-lc to CEK, octet 0 is 01",
        expected: BLINDED,
        run: |der| unwrap(der, 1),
    },
    Path {
        name: "RSA1_5 by aws-lc to CEK, octet 1 is 01",
        expected: BLINDED,
        run: |der| unwrap(der, 2),
    },
    Path {
        name: "RSA1_5 by aws-lc to CEK, no separator",
        expected: BLINDED,
        run: |der| unwrap(der, 3),
    },
    Path {
        name: "RSA1_5 by aws-lc to CEK, CEK of 16 octets",
        expected: BLINDED,
        run: |der| unwrap(der, 5),
    },
];

/// Whether the ciphertext is 0, 1, or not below `n - 1`, which is public. All others look at numbers that
/// are blinded, with the one answer that they have for every ciphertext: that they are below the modulus,
/// that what has to be zero is, that the result raised again is the ciphertext. From there on, where the
/// blinding is taken off, the block is written and the CEK is chosen, there is none.
const BLINDED: Expected = Expected::Exactly(&[
    ("aws-lc BN_mod_exp_mont", 1),
    ("aws-lc BN_mod_exp_mont_consttime", 2),
    ("aws-lc bn_assert_fits_in_bytes", 1),
    ("aws-lc bn_mul_recursive", 1),
    ("aws-lc bn_reduce_once", 4),
    ("aws-lc bn_resize_words", 1),
    ("aws-lc mod_exp", 2),
    ("aws-lc rsa_default_private_transform", 4),
]);

fn unwrap(der: &[u8], class: usize) -> Option<usize> {
    let key = Key::new(der);
    let ciphertext = key.encrypt_block(&Algorithm::Rsa1_5.block(class, key.octets()));
    let mut cek = vec![0; 32];
    random::fill(&mut cek);
    valgrind::secret(&ciphertext);
    measure(|| key.unwrap(Algorithm::Rsa1_5, &ciphertext, &mut cek));
    Some(valgrind::tainted(&cek))
}
