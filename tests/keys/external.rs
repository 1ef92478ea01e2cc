//! Keys in a device: what it may answer, and what the caller is told, plain and async.

use crate::support::device::{Device, Remote};
use crate::support::{block_on::block_on, keys};
use strict_jose::external::{ExternalRs256Key, Rs256Signer};
use strict_jose::{Error, ExternalError, Rs256SigningKey, Rs256VerifyingKey, jws};

fn verifying_key() -> Rs256VerifyingKey {
    Rs256VerifyingKey::from_pem(keys::RSA_2048_PUBLIC).unwrap().with_key_id("hsm-1").unwrap()
}

/// Both ways to sign, which have to say the same.
fn sign(device: impl Fn() -> Device) -> Result<String, Error> {
    let plain = jws::sign(b"octets", &ExternalRs256Key::new(device(), verifying_key()));
    let remote = ExternalRs256Key::new(Remote(device()), verifying_key());
    let later = block_on(jws::sign_async(b"octets", &remote));
    assert_eq!(plain, later);
    for token in [&plain, &later].into_iter().flatten() {
        assert_eq!(token.capacity(), token.len(), "one allocation");
    }
    plain
}

#[test]
fn a_device_signs_as_the_key_itself_would() {
    let token = sign(|| Device::with(keys::RSA_2048)).unwrap();
    let own = Rs256SigningKey::from_pem(keys::RSA_2048).unwrap().with_key_id("hsm-1").unwrap();
    assert_eq!(token, jws::sign(b"octets", &own).unwrap());
    assert_eq!(jws::verify(&token, &verifying_key()).unwrap().header().key_id(), Some("hsm-1"));
}

#[test]
fn what_keeps_a_device_from_signing_is_passed_on() {
    for (error, code) in [
        (ExternalError::Unavailable, "external.unavailable"),
        (ExternalError::Rejected, "external.rejected"),
        (ExternalError::WrongAnswer, "external.wrong_answer"),
    ] {
        assert_eq!(sign(|| Device::Failing(error)).unwrap_err().code(), code);
    }
}

#[test]
fn no_token_leaves_under_a_signature_that_does_not_verify() {
    let right = Device::with(keys::RSA_2048);
    let over_other = Rs256Signer::sign(&right, b"other octets").unwrap();
    let wrong_key = Rs256Signer::sign(&Device::with(keys::RSA_2049), b"octets").unwrap();
    for answer in [over_other, wrong_key, vec![], vec![0; 255], vec![0; 256], vec![0xff; 257]] {
        let error = sign(|| Device::Answering(answer.clone())).unwrap_err();
        assert_eq!(error.code(), "external.wrong_answer");
    }
    let error = sign(|| Device::with(keys::RSA_2048_E3)).unwrap_err();
    assert_eq!(error.code(), "external.wrong_answer");
}

#[test]
fn debug_shows_no_device() {
    let key = ExternalRs256Key::new(Device::Answering(vec![42; 3]), verifying_key());
    let text = format!("{key:?}");
    assert!(text.contains("hsm-1") && !text.contains("42"), "{text}");
}

#[cfg(feature = "jwe")]
mod decryption {
    use super::{Device, Remote, block_on, keys};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use rsa::{Oaep, Pkcs1v15Encrypt};
    use sha1::Sha1;
    use strict_jose::external::{ExternalRsa1_5Key, ExternalRsaOaepKey, RawRsaDecrypter};
    use strict_jose::legacy::{Rsa1_5DecryptionKey, Rsa1_5EncryptionKey};
    use strict_jose::{
        ContentEncryption, Error, ExternalError, RsaOaepDecryptionKey, RsaOaepEncryptionKey,
        SecretBytes, jwe,
    };

    type Verdict = Result<Vec<u8>, &'static str>;

    fn verdict(result: Result<jwe::Plaintext, Error>) -> Verdict {
        result.map(|plaintext| plaintext.to_vec()).map_err(|error| error.code())
    }

    fn oaep_key() -> RsaOaepEncryptionKey {
        RsaOaepEncryptionKey::from_pem(keys::RSA_2048_PUBLIC).unwrap()
    }

    fn rsa1_5_key() -> Rsa1_5EncryptionKey {
        Rsa1_5EncryptionKey::from_pem(keys::RSA_2048_PUBLIC).unwrap()
    }

    /// Both ways to decrypt, which have to say the same.
    fn by_oaep(token: &str, device: impl Fn() -> Device) -> Verdict {
        let plain = jwe::decrypt(token, &ExternalRsaOaepKey::new(device(), oaep_key()));
        let remote = ExternalRsaOaepKey::new(Remote(device()), oaep_key());
        let later = block_on(jwe::decrypt_async(token, &remote));
        assert_eq!(verdict(plain), verdict(later));
        verdict(jwe::decrypt(token, &ExternalRsaOaepKey::new(device(), oaep_key())))
    }

    fn by_rsa1_5(token: &str, device: impl Fn() -> Device) -> Verdict {
        let plain = jwe::decrypt(token, &ExternalRsa1_5Key::new(device(), rsa1_5_key()));
        let remote = ExternalRsa1_5Key::new(Remote(device()), rsa1_5_key());
        let later = block_on(jwe::decrypt_async(token, &remote));
        assert_eq!(verdict(plain), verdict(later));
        verdict(jwe::decrypt(token, &ExternalRsa1_5Key::new(device(), rsa1_5_key())))
    }

    #[test]
    fn a_device_decrypts_as_the_key_itself_would() {
        for enc in ContentEncryption::ALL {
            let token = jwe::encrypt(b"octets", enc, &oaep_key()).unwrap();
            let own = RsaOaepDecryptionKey::from_pem(keys::RSA_2048).unwrap();
            assert_eq!(verdict(jwe::decrypt(&token, &own)), Ok(b"octets".to_vec()));
            assert_eq!(by_oaep(&token, || Device::with(keys::RSA_2048)), Ok(b"octets".to_vec()));

            let token = jwe::encrypt(b"octets", enc, &rsa1_5_key()).unwrap();
            let own = Rsa1_5DecryptionKey::from_pem(keys::RSA_2048).unwrap();
            assert_eq!(verdict(jwe::decrypt(&token, &own)), Ok(b"octets".to_vec()));
            assert_eq!(by_rsa1_5(&token, || Device::with(keys::RSA_2048)), Ok(b"octets".to_vec()));
        }
    }

    #[test]
    fn only_what_is_public_about_a_device_is_passed_on() {
        let oaep = jwe::encrypt(b"octets", ContentEncryption::A256Gcm, &oaep_key()).unwrap();
        let rsa1_5 = jwe::encrypt(b"octets", ContentEncryption::A256Gcm, &rsa1_5_key()).unwrap();
        for (error, code) in [
            (ExternalError::Unavailable, "external.unavailable"),
            (ExternalError::WrongAnswer, "external.wrong_answer"),
            (ExternalError::Rejected, "decryption.failed"),
        ] {
            assert_eq!(by_oaep(&oaep, || Device::Failing(error)), Err(code));
            assert_eq!(by_rsa1_5(&rsa1_5, || Device::Failing(error)), Err(code));
        }
    }

    #[test]
    fn another_key_decrypts_nothing() {
        let oaep = jwe::encrypt(b"octets", ContentEncryption::A128Gcm, &oaep_key()).unwrap();
        let rsa1_5 = jwe::encrypt(b"octets", ContentEncryption::A128Gcm, &rsa1_5_key()).unwrap();
        for pem in [keys::RSA_2048_E3, keys::RSA_2049] {
            assert_eq!(by_oaep(&oaep, || Device::with(pem)), Err("decryption.failed"));
            assert_eq!(by_rsa1_5(&rsa1_5, || Device::with(pem)), Err("decryption.failed"));
        }
    }

    #[test]
    fn a_cek_of_another_length_is_one_that_does_not_decrypt() {
        let token = jwe::encrypt(b"octets", ContentEncryption::A256Gcm, &oaep_key()).unwrap();
        for bytes in [0, 1, 16, 31, 32, 33, 256] {
            let device = || Device::Answering(vec![7; bytes]);
            assert_eq!(by_oaep(&token, device), Err("decryption.failed"), "{bytes}");
        }
    }

    #[test]
    fn a_blocks_length_and_padding_are_no_ones_business() {
        let token = jwe::encrypt(b"octets", ContentEncryption::A256Gcm, &rsa1_5_key()).unwrap();
        for bytes in [0, 1, 32, 255, 257, 512] {
            let device = || Device::Answering(vec![7; bytes]);
            assert_eq!(by_rsa1_5(&token, device), Err("decryption.failed"), "{bytes}");
        }
        let mut block = vec![7; 256];
        block[..2].copy_from_slice(&[0, 2]);
        block[256 - 33] = 0;
        for position in [0, 1, 5, 256 - 33, 255] {
            let mut broken = block.clone();
            broken[position] ^= 7;
            let device = || Device::Answering(broken.clone());
            assert_eq!(by_rsa1_5(&token, device), Err("decryption.failed"), "{position}");
        }
        let device = || Device::Answering(block.clone()); // whole, over another CEK
        assert_eq!(by_rsa1_5(&token, device), Err("decryption.failed"));
    }

    #[test]
    fn a_device_may_leave_leading_zeros_out() {
        /// A whole block begins with 00: this device answers one octet less.
        struct Stripping(Device);
        impl RawRsaDecrypter for Stripping {
            fn decrypt_raw(&self, encrypted_key: &[u8]) -> Result<SecretBytes, ExternalError> {
                let block = self.0.decrypt_raw(encrypted_key)?;
                let zeros = block.expose().iter().take_while(|byte| **byte == 0).count();
                assert!(zeros > 0);
                Ok(SecretBytes::from(block.expose()[zeros..].to_vec()))
            }
        }
        let token = jwe::encrypt(b"octets", ContentEncryption::A256Gcm, &rsa1_5_key()).unwrap();
        let key = ExternalRsa1_5Key::new(Stripping(Device::with(keys::RSA_2048)), rsa1_5_key());
        assert_eq!(verdict(jwe::decrypt(&token, &key)), Ok(b"octets".to_vec()));
    }

    #[test]
    fn the_padding_written_here_is_whole_for_another_crate() {
        let Device::Working(key) = Device::with(keys::RSA_2048) else { unreachable!("made so") };
        for enc in ContentEncryption::ALL {
            let encrypted_key =
                |token: &str| URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
            let rsa1_5 = encrypted_key(&jwe::encrypt(b"", enc, &rsa1_5_key()).unwrap());
            let cek = key.decrypt(Pkcs1v15Encrypt, &rsa1_5).unwrap();
            assert_eq!(cek.len(), enc.cek_len());
            let oaep = encrypted_key(&jwe::encrypt(b"", enc, &oaep_key()).unwrap());
            let cek = key.decrypt(Oaep::<Sha1>::new(), &oaep).unwrap();
            assert_eq!(cek.len(), enc.cek_len());
        }
    }
}
