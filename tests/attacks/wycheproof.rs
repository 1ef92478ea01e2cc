//! Project Wycheproof's vectors through the crate's own primitives, counted: run, and skipped for a
//! reason.

use std::collections::BTreeMap;
use strict_jose::{Rs256VerifyingKey, internals};
use wycheproof::{TestResult, mac, rsa_pkcs1_verify};

/// How many vectors of a set were run, and why others were not.
#[derive(Default)]
struct Tally {
    run: usize,
    skipped: BTreeMap<&'static str, usize>,
}

impl Tally {
    #[cfg(feature = "jwe")]
    fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    #[track_caller]
    fn assert(&self, run: usize, skipped: &[(&'static str, usize)]) {
        assert_eq!((self.run, &self.skipped), (run, &skipped.iter().copied().collect()));
    }
}

#[test]
fn hmac_sha256() {
    let mut tally = Tally::default();
    for group in mac::TestSet::load(mac::TestName::HmacSha256).unwrap().test_groups {
        for test in &group.tests {
            let valid = test.result == TestResult::Valid;
            // A tag of 128 bits is the first half, as A128CBC-HS256 takes it.
            let holds = match <&[u8; 32]>::try_from(&test.tag[..]) {
                Ok(tag) => internals::hmac_sha256_verify(&test.key, &test.msg, tag),
                Err(_) => internals::hmac_sha256(&test.key, &test.msg)[..16] == test.tag[..],
            };
            assert_eq!(holds, valid, "vector {}: {}", test.tc_id, test.comment);
            tally.run += 1;
        }
    }
    tally.assert(174, &[]);
}

fn rsa_signature(name: rsa_pkcs1_verify::TestName) -> Tally {
    let mut tally = Tally::default();
    for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
        let key = Rs256VerifyingKey::from_spki_der(&group.der).unwrap();
        assert_eq!(key.thumbprint(), Rs256VerifyingKey::from_pem(&group.pem).unwrap().thumbprint());
        for test in &group.tests {
            // "Acceptable" is one vector a set, whose DigestInfo has no NULL: refused here.
            let valid = test.result == TestResult::Valid;
            let holds = internals::rs256_verify(&key, &test.msg, &test.sig);
            assert_eq!(holds, valid, "vector {}: {}", test.tc_id, test.comment);
            tally.run += 1;
        }
    }
    tally
}

#[test]
fn rsassa_pkcs1_v1_5() {
    use rsa_pkcs1_verify::TestName;
    rsa_signature(TestName::Rsa2048Sha256).assert(259, &[]);
    rsa_signature(TestName::Rsa3072Sha256).assert(259, &[]);
    rsa_signature(TestName::Rsa4096Sha256).assert(258, &[]);
    rsa_signature(TestName::Rsa8192Sha256).assert(258, &[]);
}

#[cfg(feature = "jwe")]
mod encryption {
    use super::{Tally, TestResult};
    use crate::support::raw_rsa::raw_rsa;
    use rsa::PrivateKey;
    use rsa::pkcs8::DecodePrivateKey as _;
    use strict_jose::ContentEncryption::{A128CbcHs256, A128Gcm, A256Gcm};
    use strict_jose::legacy::Rsa1_5DecryptionKey;
    use strict_jose::{RsaOaepDecryptionKey, internals};
    use wycheproof::{HashFunction, aead, rsa_oaep, rsa_pkcs1_decrypt};

    /// Whether the operation put the message in the place of the decoy. Anything but the message or
    /// the decoy, whole, is a failure.
    fn replaces(message: &[u8], bytes: usize, operation: impl FnOnce(&mut [u8])) -> bool {
        let decoy = vec![message.first().map_or(0xa5, |first| !first); bytes];
        let mut cek = decoy.clone();
        operation(&mut cek);
        assert!(cek == decoy || cek == message, "neither the message nor the decoy");
        cek != decoy
    }

    /// The crate takes a CEK of one known length out of a block. So each message is asked for under
    /// its own length, where a valid one replaces the decoy, and under those of CEKs and all those up
    /// to 64 octets or next to its own, where none does.
    ///
    /// `most` also keeps out what no CEK can meet: the two invalid vectors whose padding string is too
    /// short, which takes a message longer than fits.
    fn check(
        valid: bool,
        message: &[u8],
        block: Option<&[u8]>,
        most: usize,
        unwrap: impl Fn(&mut [u8]),
        unpad: impl Fn(&mut [u8], &mut [u8]),
    ) {
        for bytes in [message.len().min(most), 16, 32] {
            let expected = valid && bytes == message.len();
            assert_eq!(replaces(message, bytes, &unwrap), expected, "{bytes} octets");
        }
        let near = |bytes: &usize| *bytes <= 64 || bytes.abs_diff(message.len()) <= 2;
        for bytes in (1..=most).filter(near) {
            let Some(block) = block else { break };
            let expected = valid && bytes == message.len();
            let replaced = replaces(message, bytes, |cek| unpad(&mut block.to_vec(), cek));
            assert_eq!(replaced, expected, "a block asked for {bytes} octets");
        }
    }

    const EMPTY: &str = "the message is empty: a CEK of no octets cannot be seen";
    const HASH: &str = "another hash than SHA-1";
    const LABEL: &str = "a label, which JWE has not";
    const SMALL: &str = "a key under 2048 bits";

    fn oaep(name: rsa_oaep::TestName) -> Tally {
        let mut tally = Tally::default();
        for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
            let sha1 = group.hash == HashFunction::Sha1 && group.mgf_hash == HashFunction::Sha1;
            let raw = PrivateKey::from_pkcs8_der(&group.pkcs8).unwrap();
            let imported = RsaOaepDecryptionKey::from_pkcs8_der(&group.pkcs8);
            for test in &group.tests {
                if !sha1 {
                    tally.skip(HASH);
                } else if group.key_size < 2048 {
                    assert_eq!(imported.as_ref().unwrap_err().code(), "key.modulus_size");
                    tally.skip(SMALL);
                } else if !test.label.is_empty() {
                    tally.skip(LABEL);
                } else if test.pt.is_empty() {
                    tally.skip(EMPTY);
                } else {
                    let key = imported.as_ref().unwrap();
                    check(
                        test.result == TestResult::Valid,
                        &test.pt,
                        raw_rsa(&raw, &test.ct).as_deref(),
                        key.modulus_len() - 42,
                        |cek| internals::unwrap(key, &test.ct, cek).unwrap(),
                        internals::unpad_oaep,
                    );
                    tally.run += 1;
                }
            }
        }
        tally
    }

    #[test]
    fn rsaes_oaep() {
        use rsa_oaep::TestName;
        oaep(TestName::Rsa2048Sha1Mgf1Sha1).assert(28, &[(LABEL, 7), (EMPTY, 1)]);
        oaep(TestName::RsaMisc).assert(6, &[(HASH, 383), (SMALL, 3), (EMPTY, 3)]);
    }

    fn pkcs1(name: rsa_pkcs1_decrypt::TestName) -> Tally {
        let mut tally = Tally::default();
        for group in rsa_pkcs1_decrypt::TestSet::load(name).unwrap().test_groups {
            let raw = PrivateKey::from_pkcs8_der(&group.pkcs8).unwrap();
            let key = Rsa1_5DecryptionKey::from_pkcs8_der(&group.pkcs8).unwrap();
            for test in &group.tests {
                if test.pt.is_empty() {
                    tally.skip(EMPTY);
                    continue;
                }
                check(
                    test.result == TestResult::Valid,
                    &test.pt,
                    raw_rsa(&raw, &test.ct).as_deref(),
                    key.modulus_len() - 11,
                    |cek| internals::unwrap(&key, &test.ct, cek).unwrap(),
                    internals::unpad_pkcs1_v1_5,
                );
                tally.run += 1;
            }
        }
        tally
    }

    #[test]
    fn rsaes_pkcs1_v1_5() {
        use rsa_pkcs1_decrypt::TestName;
        pkcs1(TestName::Rsa2048).assert(66, &[(EMPTY, 1)]);
        pkcs1(TestName::Rsa3072).assert(66, &[(EMPTY, 1)]);
        pkcs1(TestName::Rsa4096).assert(66, &[(EMPTY, 1)]);
    }

    const KEY_SIZE: &str = "AES-192, which JOSE names but this crate does not have";
    const IV_SIZE: &str = "an IV that is not 96 bits";

    fn aead(name: aead::TestName) -> Tally {
        let mut tally = Tally::default();
        for group in aead::TestSet::load(name).unwrap().test_groups {
            assert_eq!(group.tag_size, 128);
            let enc = match (name, group.key_size) {
                (aead::TestName::Aes128CbcHmacSha256, 256) => Some(A128CbcHs256),
                (aead::TestName::AesGcm, 128) => Some(A128Gcm),
                (aead::TestName::AesGcm, 256) => Some(A256Gcm),
                _ => None,
            };
            for test in &group.tests {
                let Some(enc) = enc else {
                    tally.skip(KEY_SIZE);
                    continue;
                };
                let sealed =
                    internals::seal_content(enc, &test.key, &test.nonce, &test.aad, &test.pt);
                if group.nonce_size != internals::iv_len(enc) * 8 {
                    assert_eq!(sealed, None, "an IV of {} bits", group.nonce_size);
                    tally.skip(IV_SIZE);
                    continue;
                }
                let tag = <&[u8; 16]>::try_from(&test.tag[..]).unwrap();
                let opened =
                    internals::open_content(enc, &test.key, &test.nonce, &test.aad, &test.ct, tag);
                let context = format!("vector {}: {}", test.tc_id, test.comment);
                if test.result == TestResult::Valid {
                    assert_eq!(opened.as_deref(), Some(&test.pt[..]), "{context}");
                    assert_eq!(sealed, Some((test.ct.to_vec(), *tag)), "{context}");
                } else {
                    assert_eq!(opened, None, "{context}");
                }
                tally.run += 1;
            }
        }
        tally
    }

    #[test]
    fn content_encryption() {
        use aead::TestName;
        aead(TestName::Aes128CbcHmacSha256).assert(94, &[]);
        aead(TestName::AesGcm).assert(133, &[(KEY_SIZE, 103), (IV_SIZE, 80)]);
    }
}
