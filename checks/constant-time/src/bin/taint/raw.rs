//! The way of an RSA1_5 block through aws-lc's raw operation, by the feature `fast-rsa1_5`.
//!
//! What is marked is the ciphertext, and with it all that Bleichenbacher asks about: the block, and
//! whatever is computed on the way to it. Not the key, since aws-lc computes with the widths of its
//! integers: every loop over one would be reported.

use crate::paths::{Expected, Path, measure, theirs};
use strict_jose_constant_time::classes::Algorithm;
use strict_jose_constant_time::keys::Key;
use strict_jose_constant_time::{random, valgrind};

const GROUP: Option<&str> = Some("RSA1_5 by aws-lc");

pub const PATHS: &[Path] = &[
    Path {
        name: "RSA1_5 by aws-lc to CEK, whole",
        group: GROUP,
        expected: BLINDED,
        run: |der| unwrap(der, 0),
    },
    Path {
        name: "RSA1_5 by aws-lc to CEK, octet 0 is 01",
        group: GROUP,
        expected: BLINDED,
        run: |der| unwrap(der, 1),
    },
    Path {
        name: "RSA1_5 by aws-lc to CEK, octet 1 is 01",
        group: GROUP,
        expected: BLINDED,
        run: |der| unwrap(der, 2),
    },
    Path {
        name: "RSA1_5 by aws-lc to CEK, no separator",
        group: GROUP,
        expected: BLINDED,
        run: |der| unwrap(der, 3),
    },
    Path {
        name: "RSA1_5 by aws-lc to CEK, CEK of 16 octets",
        group: GROUP,
        expected: BLINDED,
        run: |der| unwrap(der, 5),
    },
];

/// Where the blinding is taken off, the block is written and the CEK is chosen, there is no report.
const BLINDED: Expected = Expected::Known(&[&[
    theirs("aws-lc BN_mod_exp_mont", 16, SAME),
    theirs("aws-lc BN_mod_exp_mont_consttime", 16, SAME),
    theirs("aws-lc bn_assert_fits_in_bytes", 16, SAME),
    theirs("aws-lc bn_mul_recursive", 16, SAME),
    theirs("aws-lc bn_reduce_once", 16, SAME),
    theirs("aws-lc bn_resize_words", 16, SAME),
    theirs("aws-lc mod_exp", 16, SAME),
    theirs(
        "aws-lc rsa_default_private_transform",
        16,
        "whether the ciphertext is 0, 1 or not below n - 1, which is public; then whether the result \
         raised again is the ciphertext, of blinded numbers",
    ),
]]);

const SAME: &str =
    "of blinded numbers: that they are below the modulus, and that what has to be zero is";

fn unwrap(der: &[u8], class: usize) -> Option<usize> {
    let key = Key::new(der);
    let ciphertext = key.encrypt_block(&Algorithm::Rsa1_5.block(class, key.bytes()));
    let mut cek = vec![0; 32];
    random::fill(&mut cek);
    valgrind::secret(&ciphertext);
    measure(|| key.unwrap(Algorithm::Rsa1_5, &ciphertext, &mut cek));
    Some(valgrind::tainted(&cek))
}
