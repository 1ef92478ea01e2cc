//! The paths that secrets take, each with the reports that are known and why they are harmless.

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use strict_jose::{ContentEncryption, Hs256Key, Rs256SigningKey, internals, jws};
use strict_jose_constant_time::classes::Algorithm;
use strict_jose_constant_time::keys::{self, Key};
use strict_jose_constant_time::{leaky, random, valgrind};

/// What has to be found.
pub enum Expected {
    /// Reports at the places of these groups, and at no others.
    Known(&'static [&'static [Known]]),
    /// Any report at all: the path is a leaky control.
    Flagged,
}

/// A place whose reports are harmless.
pub struct Known {
    /// A crate and a function, or a crate alone.
    pub place: &'static str,
    /// The most reports there. Of our own code as many as were found; other crates move theirs between patch
    /// releases, so that only another order of magnitude is news.
    pub at_most: usize,
    /// Whether there has to be one: where there is none, the secret has not come this far.
    pub required: bool,
    /// Why what is told is public, or the same for every secret.
    pub why: &'static str,
}

const fn ours(place: &'static str, at_most: usize, why: &'static str) -> Known {
    Known { place, at_most, required: true, why }
}

/// Other crates' verdicts, which have to be there.
const fn verdict(place: &'static str, why: &'static str) -> Known {
    Known { place, at_most: 4, required: true, why }
}

pub const fn theirs(place: &'static str, at_most: usize, why: &'static str) -> Known {
    Known { place, at_most, required: false, why }
}

pub struct Path {
    pub name: &'static str,
    /// Paths of one group differ in the secret alone: their reports have to be the same.
    pub group: Option<&'static str>,
    pub expected: Expected,
    /// Runs the path; says how many octets of what came out depend on the secret.
    pub run: fn(&[u8]) -> Option<usize>,
}

use Expected::Flagged;

const CLEAN: Expected = Expected::Known(&[]);

const SIGNATURE_VERDICT: &str = "whether the signature is valid: every caller learns it";

const JWS_VERDICT: Expected = Expected::Known(&[&[
    ours("strict-jose verify_for_issuer_as", 1, SIGNATURE_VERDICT),
    // Where the call is inlined, its caller is named for the same verdict: which function here, the compiler says.
    theirs("this package", 1, SIGNATURE_VERDICT),
]]);

const TAG_VERDICT: &str = "whether the tag is right: every caller learns it";

const CBC_TAG: &[Known] = &[ours("strict-jose open", 1, TAG_VERDICT)];
const CBC_VERDICT: Expected = Expected::Known(&[CBC_TAG]);
const GCM_VERDICT: Expected = Expected::Known(&[&[verdict("ring open_within", TAG_VERDICT)]]);

/// After the tag has held.
const CBC_OPENED: Expected = Expected::Known(&[&[
    ours(
        "strict-jose open",
        3,
        "the tag, then whether the padding of authenticated octets is whole, and the length without it",
    ),
    theirs("zeroize", 52, "how many octets the padding had: the plaintext's length is public"),
]]);

macro_rules! paths {
    ($($name:literal $(in $group:literal,)? $expected:expr, $run:expr;)*) => {
        &[$(Path {
            name: $name,
            group: { let group: &[&str] = &[$($group)?]; group.first().copied() },
            expected: $expected,
            run: $run,
        }),*]
    };
}

pub const PATHS: &[Path] = paths! {
    "control: compare with early exit" Flagged, |_| compare(leaky::equal_early_exit);
    "control: == on slices" Flagged, |_| compare(leaky::equal_slices);
    "control: table look-up" Flagged, |_| {
        let secret = tainted(vec![5; 1]);
        let table = core::hint::black_box([7; 256]);
        measure(|| leaky::look_up(&table, core::hint::black_box(&secret)[0]));
        None
    };
    "control: PKCS #1 v1.5 with early exit" Flagged, |_| {
        let block = tainted(Algorithm::Rsa1_5.block(0, 256));
        measure(|| leaky::unpad_pkcs1_v1_5(&block).is_some());
        None
    };
    "control: PKCS #7 with early exit" Flagged, |_| {
        let content = tainted(pkcs7(5));
        measure(|| leaky::unpad_pkcs7(&content));
        None
    };
    "control: CEK taken by if" Flagged, |_| unpad(Algorithm::Rsa1_5, 0, leaky::take_if);

    "HMAC-SHA-256 sign" CLEAN, |_| {
        let secret = tainted(vec![7; 32]);
        Some(valgrind::tainted(&measure(|| internals::hmac_sha256(&secret, b"message"))))
    };
    "HMAC-SHA-256 verify, right" CLEAN, |_| hmac_verify(0);
    "HMAC-SHA-256 verify, first octet false" CLEAN, |_| hmac_verify(1);
    "jws::verify HS256, right" JWS_VERDICT, |_| jws_verify(false);
    "jws::verify HS256, false" JWS_VERDICT, |_| jws_verify(true);

    "PKCS #1 v1.5 to CEK, whole" CLEAN, |_| unpad_own(Algorithm::Rsa1_5, 0);
    "PKCS #1 v1.5 to CEK, octet 1 is 01" CLEAN, |_| unpad_own(Algorithm::Rsa1_5, 2);
    "PKCS #1 v1.5 to CEK, no separator" CLEAN, |_| unpad_own(Algorithm::Rsa1_5, 3);
    "PKCS #1 v1.5 to CEK, CEK of 16 octets" CLEAN, |_| unpad_own(Algorithm::Rsa1_5, 5);
    "OAEP to CEK, whole" CLEAN, |_| unpad_own(Algorithm::RsaOaep, 0);
    "OAEP to CEK, octet 0 is 01" CLEAN, |_| unpad_own(Algorithm::RsaOaep, 1);
    "OAEP to CEK, label hash false" CLEAN, |_| unpad_own(Algorithm::RsaOaep, 2);
    "OAEP to CEK, CEK of 16 octets" CLEAN, |_| unpad_own(Algorithm::RsaOaep, 5);
    "PKCS #7, whole" CLEAN, |_| unpad_pkcs7(5);
    "PKCS #7, broken" CLEAN, |_| unpad_pkcs7(0);

    "RSA1_5 ciphertext to CEK, whole" in "RSA1_5", RSA, |der| unwrap(der, Algorithm::Rsa1_5, 0);
    "RSA1_5 ciphertext to CEK, no separator" in "RSA1_5", RSA, |der| unwrap(der, Algorithm::Rsa1_5, 3);
    "RSA-OAEP ciphertext to CEK, whole" in "RSA-OAEP", RSA, |der| unwrap(der, Algorithm::RsaOaep, 0);
    "RSA-OAEP ciphertext to CEK, octet 0 is 01" in "RSA-OAEP", RSA, |der| unwrap(der, Algorithm::RsaOaep, 1);
    "jwe::decrypt RSA1_5, whole" in "decrypt RSA1_5", RSA_TO_VERDICT, |der| decrypt(der, Algorithm::Rsa1_5, 0);
    "jwe::decrypt RSA1_5, octet 1 is 01" in "decrypt RSA1_5", RSA_TO_VERDICT, |der| decrypt(der, Algorithm::Rsa1_5, 2);
    "jwe::decrypt RSA-OAEP, whole" in "decrypt RSA-OAEP", RSA_TO_VERDICT, |der| decrypt(der, Algorithm::RsaOaep, 0);
    "jwe::decrypt RSA-OAEP, label hash false" in "decrypt RSA-OAEP", RSA_TO_VERDICT, |der| {
        decrypt(der, Algorithm::RsaOaep, 2)
    };
    "RS256 sign by ring" RING_SIGN, |der| {
        // Not through our key: its export to ring writes lengths that are computed from the secret.
        let key = RsaKeyPair::from_der(&secret_der(der)).expect("a key of ours");
        let mut signature = vec![0; 256];
        let random = SystemRandom::new();
        measure(|| key.sign(&RSA_PKCS1_SHA256, &random, b"message", &mut signature)).expect("signs");
        None
    };

    "A128CBC-HS256 open, right" CBC_OPENED, |_| open(ContentEncryption::A128CbcHs256, 0);
    "A128CBC-HS256 open, false tag" CBC_VERDICT, |_| open(ContentEncryption::A128CbcHs256, 1);
    "A128GCM open, right" GCM_VERDICT, |_| open(ContentEncryption::A128Gcm, 0);
    "A128GCM open, false tag" GCM_VERDICT, |_| open(ContentEncryption::A128Gcm, 1);
    "A256GCM open, right" GCM_VERDICT, |_| open(ContentEncryption::A256Gcm, 0);
    "A256GCM open, false tag" GCM_VERDICT, |_| open(ContentEncryption::A256Gcm, 1);

    "import of a secret, octets" IMPORT, |_| {
        let secret = tainted(vec![7; 32]);
        measure(|| Hs256Key::from_bytes(&secret)).expect("32 octets");
        None
    };
    "import of a secret, base64url" IMPORT_BASE64URL, |_| {
        let text = String::from(SECRET);
        valgrind::secret(text.as_bytes());
        measure(|| Hs256Key::from_base64url(&text)).expect("32 octets");
        None
    };
    "import of a secret, JWK" IMPORT_JWK, |_| {
        let jwk = format!(r#"{{"kty":"oct","k":"{SECRET}"}}"#);
        let start = jwk.find(SECRET).expect("put there");
        valgrind::secret(&jwk.as_bytes()[start..start + SECRET.len()]);
        measure(|| Hs256Key::from_jwk(&jwk)).expect("32 octets");
        None
    };
    "import of an RSA key, PEM" IMPORT_PEM, |der| {
        let key = Rs256SigningKey::from_pkcs1_der(der).expect("a key of ours");
        let pem = key.to_secret_pkcs1_pem();
        let pem = pem.expose();
        let first = pem.find('\n').expect("lines") + 1;
        for range in keys::secret_ranges(der) {
            // Whole groups of 3 octets; not an integer's first, which give its length, nor the last of
            // the text, which give its.
            let (start, end) = ((range.start + 12).div_ceil(3) * 4, (range.end / 3 - 2) * 4);
            for character in start..end {
                let position = first + character + character / 64;
                valgrind::secret(&pem.as_bytes()[position..=position]);
            }
        }
        measure(|| Rs256SigningKey::from_pem(pem)).expect("a key of ours");
        None
    };
};

const PASTED_TEXT: Known = ours("strict-jose new", 1, "whether the secret is a pasted key text");
const BASE64_VERDICT: &str = "whether the text is base64url at all";
const BASE64: &[Known] = &[
    theirs("base64ct decode", 4, BASE64_VERDICT),
    theirs("base64ct validate_last_block", 4, BASE64_VERDICT),
];

const IMPORT: Expected = Expected::Known(&[&[PASTED_TEXT]]);
const IMPORT_BASE64URL: Expected = Expected::Known(&[BASE64, &[PASTED_TEXT]]);

const JSON: &str =
    "whether a character is ASCII, a quote or a backslash: base64url has only the first kind";

const IMPORT_JWK: Expected = Expected::Known(&[
    BASE64,
    &[
        PASTED_TEXT,
        theirs("serde_json", 52, JSON),
        ours("strict-jose plain_string", 25, JSON),
        ours("strict-jose read_object", 47, JSON),
    ],
]);

const IMPORT_ONCE: &str =
    "no library reads DER or checks a key in constant time: once for a key, never for a token";
/// A key of another shape is reported at as many places as it has octets.
const ANY: usize = usize::MAX;

const IMPORT_PEM: Expected = Expected::Known(&[&[
    theirs("base64ct decode", 100, "whether a line of the text is base64 at all"),
    theirs("base64ct validate_last_block", 100, "whether a line of the text is base64 at all"),
    theirs("crypto-bigint", ANY, IMPORT_ONCE),
    theirs("der", ANY, IMPORT_ONCE),
    theirs("ring", ANY, IMPORT_ONCE),
    theirs("rsa", ANY, IMPORT_ONCE),
    theirs("zeroize", ANY, "memory as long as the integers without leading zeros"),
    ours(
        "strict-jose encode_secret",
        58,
        "the DER for ring, as long as the integers without leading zeros",
    ),
    ours("strict-jose new", 1, "whether the integers belong together"),
    ours(
        "strict-jose with_parts",
        1,
        "the DER for ring, as long as the integers without leading zeros",
    ),
]]);

/// `rsa` computes modulo each prime times a fresh random factor, and makes the Montgomery constants of that
/// product by a division in constant time. All that is reported there asserts what holds for every value.
const NONZERO: &str = "asserts that an odd modulus is not zero";
const SHIFT: &str = "asserts that a shift is below the public width";

const RSA_OPERATION: &[Known] = &[
    theirs("crypto-bigint bounded_shl_assign", 16, SHIFT),
    theirs("crypto-bigint bounded_shl_by_limbs_assign", 16, SHIFT),
    theirs("crypto-bigint bounded_shr_by_limbs_assign", 16, SHIFT),
    theirs("crypto-bigint shl_assign_limb_with_carry", 32, SHIFT),
    theirs("crypto-bigint shr_assign_limb_with_carry", 16, SHIFT),
    theirs("crypto-bigint div_rem", 16, NONZERO),
    theirs("crypto-bigint div_rem_shifted", 16, NONZERO),
    theirs(
        "crypto-bigint new",
        8,
        "whether a power of two is a multiple of an odd modulus: it never is",
    ),
    theirs("rsa blind_modulus", 8, "whether a product of odd numbers is odd: it always is"),
    verdict(
        "rsa rsa_decrypt_and_check",
        "whether the result raised again is the ciphertext: it is, but after a fault of the processor",
    ),
];
const RSA: Expected = Expected::Known(&[RSA_OPERATION]);
const RSA_TO_VERDICT: Expected = Expected::Known(&[RSA_OPERATION, CBC_TAG]);

const RING_SIGN: Expected = Expected::Known(&[&[verdict(
    "ring private_exponentiate",
    "the signature raised again before it is handed out: it is public by then",
)]]);

const SECRET: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr0";

/// Reports count while `run` runs, and only then.
pub fn measure<T>(run: impl FnOnce() -> T) -> T {
    valgrind::report(true);
    let result = core::hint::black_box(run());
    valgrind::report(false);
    result
}

fn tainted(bytes: Vec<u8>) -> Vec<u8> {
    valgrind::secret(&bytes);
    bytes
}

fn compare(equal: fn(&[u8], &[u8]) -> bool) -> Option<usize> {
    let secret = tainted(vec![1; 32]);
    measure(|| if equal(&secret, core::hint::black_box(&[1; 32])) { 1 } else { 2 });
    None
}

fn hmac_verify(spoil: u8) -> Option<usize> {
    let mut mac = internals::hmac_sha256(&[7; 32], b"message");
    mac[0] ^= spoil;
    let secret = tainted(vec![7; 32]);
    let right = measure(|| internals::hmac_sha256_verify(&secret, b"message", &mac));
    let verdict = [u8::from(right)];
    Some(valgrind::tainted(&verdict))
}

fn jws_verify(other_key: bool) -> Option<usize> {
    let key = |byte| Hs256Key::from_bytes(&tainted(vec![byte; 32])).expect("32 octets");
    let token = jws::sign(b"payload", &key(7)).expect("HMAC cannot fail");
    valgrind::public(token.as_bytes());
    let key = key(7 + u8::from(other_key));
    measure(|| jws::verify(&token, &key).is_ok());
    None
}

fn unpad(algorithm: Algorithm, class: usize, run: fn(&[u8], &mut [u8])) -> Option<usize> {
    let block = tainted(algorithm.block(class, 256));
    let mut cek = tainted(vec![1; 32]);
    measure(|| run(&block, &mut cek));
    Some(valgrind::tainted(&cek))
}

fn unpad_own(algorithm: Algorithm, class: usize) -> Option<usize> {
    unpad(
        algorithm,
        class,
        match algorithm {
            Algorithm::Rsa1_5 => |block, cek| internals::unpad_pkcs1_v1_5(&mut block.to_vec(), cek),
            Algorithm::RsaOaep => |block, cek| internals::unpad_oaep(&mut block.to_vec(), cek),
        },
    )
}

fn pkcs7(padding: u8) -> Vec<u8> {
    let mut content = vec![0x41; 64];
    content[59..].fill(padding);
    content
}

fn unpad_pkcs7(padding: u8) -> Option<usize> {
    let content = tainted(pkcs7(padding));
    let (whole, length) = measure(|| internals::unpad_pkcs7(&content));
    Some(valgrind::tainted(&[whole.unwrap_u8()]).min(valgrind::tainted(&length.to_le_bytes())))
}

/// The key's secret integers marked where they are read from; all that is computed from them follows.
fn secret_der(der: &[u8]) -> Vec<u8> {
    let der = der.to_vec();
    for range in keys::secret_ranges(&der) {
        valgrind::secret(&der[range]);
    }
    der
}

fn unwrap(der: &[u8], algorithm: Algorithm, class: usize) -> Option<usize> {
    let key = Key::new(&secret_der(der));
    let ciphertext = key.encrypt_block(&algorithm.block(class, key.bytes()));
    let mut cek = vec![0; 32];
    random::fill(&mut cek);
    measure(|| key.unwrap(algorithm, &ciphertext, &mut cek));
    Some(valgrind::tainted(&cek))
}

fn decrypt(der: &[u8], algorithm: Algorithm, class: usize) -> Option<usize> {
    let key = Key::new(&secret_der(der));
    let token = key.token(algorithm, &algorithm.block(class, key.bytes()));
    measure(|| key.decrypt(algorithm, &token).is_ok());
    None
}

fn open(enc: ContentEncryption, spoil: u8) -> Option<usize> {
    let (cek, iv) = (vec![3; enc.cek_len()], vec![4; internals::iv_len(enc)]);
    let (content, mut tag) =
        internals::seal_content(enc, &cek, &iv, b"aad", &[5; 100]).expect("lengths of enc");
    tag[0] ^= spoil;
    let cek = tainted(cek);
    let opened = measure(|| internals::open_content(enc, &cek, &iv, b"aad", &content, &tag));
    opened.map(|plaintext| valgrind::tainted(&plaintext))
}
