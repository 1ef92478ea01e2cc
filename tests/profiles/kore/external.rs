//! Keys in devices, plain and behind a network, on both sides.

use super::support::*;
use crate::block_on::block_on;
use crate::device::{Device, Remote};
use crate::keys::{RSA_2048, RSA_2048_PUBLIC, RSA_2049};
use strict_jose::external::ExternalRs256Key;
use strict_jose::profile::kore::{App, TokenService, User};
use strict_jose::{Error, ExternalError, Rs256VerifyingKey};

fn public() -> Rs256VerifyingKey {
    Rs256VerifyingKey::from_pem(RSA_2048_PUBLIC).unwrap()
}

/// What the service issues, asked both ways.
fn issue(device: impl Fn() -> Device) -> Vec<Result<String, Error>> {
    let plain = TokenService::external(ISS, ExternalRs256Key::new(device(), public())).unwrap();
    let remote = ExternalRs256Key::new(Remote(device()), public());
    let remote = TokenService::external(ISS, remote).unwrap();
    let user = User::new(SUBJECT);
    vec![
        plain.at_fixed_time(date(NOW)).issue(&user),
        block_on(remote.at_fixed_time(date(NOW)).issue_async(&user)),
    ]
}

#[test]
fn a_device_signs_for_the_app() {
    let platform = platform().register(App::rs256(ISS, public()).enforcing_jti());
    for token in issue(|| Device::with(RSA_2048)) {
        assert_eq!(accept(&platform, &token.unwrap()).unwrap().subject(), SUBJECT);
    }
    // The calls that wait serve keys in memory too.
    let service = TokenService::hs256(ISS, secret()).unwrap().at_fixed_time(date(NOW));
    let token = block_on(service.issue_async(&User::new(SUBJECT))).unwrap();
    assert!(accept(&super::support::platform(), &token).is_ok());
}

#[test]
fn a_device_that_does_not_sign_issues_nothing() {
    for (device, code) in [
        (Device::Failing(ExternalError::Unavailable), "external.unavailable"),
        (Device::Failing(ExternalError::Rejected), "external.rejected"),
        (Device::with(RSA_2049), "external.wrong_answer"),
    ] {
        let device = || match &device {
            Device::Failing(error) => Device::Failing(*error),
            _ => Device::with(RSA_2049),
        };
        for refused in issue(device) {
            assert_eq!(refused.unwrap_err().code(), code);
        }
    }
}

#[cfg(feature = "jwe")]
mod decryption {
    use super::super::support::*;
    use crate::block_on::block_on;
    use crate::device::{Device, Remote};
    use crate::kept::Kept;
    use crate::keys::{RSA_2048, RSA_2048_PUBLIC, RSA_2049};
    use strict_jose::external::{ExternalRsa1_5Key, ExternalRsaOaepKey};
    use strict_jose::profile::kore::{self, Identity, Platform, PlatformKeys, Refusal};
    use strict_jose::{
        ContentEncryption, EncryptionKey, ExternalError, KeySet, MemoryReplayGuard,
        RsaOaepDecryptionKey, RsaOaepEncryptionKey, Unauthenticated, legacy,
    };

    type Guard = Kept<MemoryReplayGuard>;
    type Keys<D> = PlatformKeys<KeySet<ExternalRsaOaepKey<D>>, KeySet<ExternalRsa1_5Key<D>>>;

    fn oaep() -> RsaOaepEncryptionKey {
        RsaOaepEncryptionKey::from_pem(RSA_2048_PUBLIC).unwrap()
    }

    fn rsa1_5() -> legacy::Rsa1_5EncryptionKey {
        legacy::Rsa1_5EncryptionKey::from_pem(RSA_2048_PUBLIC).unwrap()
    }

    fn platform_with<D>(device: impl Fn() -> D) -> Platform<Guard, Keys<D>> {
        let oaep = ExternalRsaOaepKey::new(device(), oaep());
        let rsa1_5 = ExternalRsa1_5Key::new(device(), rsa1_5());
        platform()
            .decrypting_externally(KeySet::new([oaep]).unwrap())
            .decrypting_rsa1_5_externally(KeySet::new([rsa1_5]).unwrap())
    }

    /// Both ways to ask, each of a platform of its own.
    fn accepted(token: &str, device: impl Fn() -> Device) -> [Result<Identity<Any>, Refusal>; 2] {
        let remote = platform_with(|| Remote(device()));
        [platform_with(&device).accept(token, GRANT), block_on(remote.accept_async(token, GRANT))]
    }

    fn encrypted(key: &impl EncryptionKey) -> String {
        let token = token(serde_json::json!({"jti": "1"}));
        kore::encrypt(&token, ContentEncryption::A128CbcHs256, key).unwrap()
    }

    #[test]
    fn a_device_decrypts_for_the_platform() {
        for token in [encrypted(&oaep()), encrypted(&rsa1_5())] {
            for identity in accepted(&token, || Device::with(RSA_2048)) {
                let identity = identity.unwrap();
                assert!(identity.was_encrypted() && identity.subject() == SUBJECT);
            }
        }
        // A token that is signed alone needs none of the keys.
        for identity in
            accepted(&token(serde_json::json!({})), || Device::Failing(ExternalError::Unavailable))
        {
            assert!(!identity.unwrap().was_encrypted());
        }
    }

    #[test]
    fn a_device_beside_keys_in_memory() {
        let own = RsaOaepDecryptionKey::from_pem(RSA_2048).unwrap();
        let device = ExternalRsa1_5Key::new(Remote(Device::with(RSA_2048)), rsa1_5());
        let platform = platform()
            .decrypting(KeySet::new([own]).unwrap())
            .decrypting_rsa1_5_externally(KeySet::new([device]).unwrap());
        let accept = |token: &str, scope| block_on(platform.accept_async::<Any>(token, scope));
        assert!(accept(&encrypted(&oaep()), "a").is_ok());
        assert!(accept(&encrypted(&rsa1_5()), "b").is_ok());
        assert!(accept(&encrypted(&rsa1_5()), "b").is_err(), "once");
    }

    #[test]
    fn what_a_device_answers_decides_between_503_and_401() {
        for key in [encrypted(&oaep()), encrypted(&rsa1_5())] {
            for refused in accepted(&key, || Device::Failing(ExternalError::Unavailable)) {
                let refusal = refused.unwrap_err();
                assert_eq!(refusal.status(), 503);
                assert_eq!(refusal.reason().code(), "external.unavailable");
            }
            for device in [
                || Device::Failing(ExternalError::Rejected),
                || Device::Answering(vec![7; 32]),
                || Device::with(RSA_2049),
            ] {
                for outcome in accepted(&key, device) {
                    assert_eq!(refused(outcome, BODY_OTHER), "decryption.failed");
                }
            }
        }
    }

    #[test]
    fn bare_claims_are_decrypted_by_a_device_too() {
        let jwe = |key: &RsaOaepEncryptionKey| {
            let header = strict_jose::JweHeader::new(ContentEncryption::A256Gcm).typ("JWT");
            let claims = claims(serde_json::json!({})).to_string();
            strict_jose::jwe::encrypt_with_header(claims, &header, key).unwrap()
        };
        let token = jwe(&oaep());
        let plain = platform_with(|| Device::with(RSA_2048));
        let remote = platform_with(|| Remote(Device::with(RSA_2048)));
        let outcomes: [Result<Unauthenticated<Any>, _>; 2] =
            [plain.decrypt(&token), block_on(remote.decrypt_async(&token))];
        for claims in outcomes {
            assert_eq!(claims.unwrap().subject(), Some(SUBJECT));
        }
    }

    /// A server's runtime moves tasks between its threads.
    #[test]
    fn what_waits_for_a_device_can_be_sent() {
        fn sent<F: Future + Send>(future: F) -> F {
            future
        }
        let platform = platform_with(|| Remote(Device::with(RSA_2048)));
        let token = encrypted(&oaep());
        assert!(block_on(sent(platform.accept_async::<Any>(&token, GRANT))).is_ok());
        assert!(block_on(sent(platform.decrypt_async::<Any>("x"))).is_err());
    }
}
