//! Keys in devices, plain and behind a network, on both sides.

use super::support::*;
use crate::block_on::block_on;
use crate::device::{Device, Remote};
use crate::keys::{RSA_2048, RSA_2048_PUBLIC};
use std::time::Duration;
use strict_jose::external::ExternalRs256Key;
use strict_jose::profile::session::{
    Parties, Policy, Reason, Request, Ticket, TokenService, Verifier,
};
use strict_jose::{AfterRestart, ExternalError, MemoryReplayGuard, Rs256VerifyingKey};

fn policy() -> Policy {
    Policy::new(Parties::unchecked(), Duration::from_secs(60)).bound_to_page_key().single_use()
}

fn public(kid: Option<&str>) -> Rs256VerifyingKey {
    let public = Rs256VerifyingKey::from_pem(RSA_2048_PUBLIC).unwrap();
    kid.map_or(public.clone(), |kid| public.with_key_id(kid).unwrap())
}

/// What the service issues, asked both ways.
fn issue(device: impl Fn() -> Device, kid: Option<&str>) -> [Result<String, Reason>; 2] {
    let (ticket, now) = (Ticket::new("call-7"), date(NOW));
    let plain = ExternalRs256Key::new(device(), public(kid));
    let remote = ExternalRs256Key::new(Remote(device()), public(kid));
    [
        TokenService::external(policy(), plain).at_fixed_time(now).issue(&ticket),
        block_on(TokenService::external(policy(), remote).at_fixed_time(now).issue_async(&ticket)),
    ]
}

#[test]
fn a_device_signs_for_a_session() {
    let guard = MemoryReplayGuard::with_capacity(9);
    let restart = AfterRestart::only_issued_after(date(NOW - 9));
    let verifier = Verifier::new(policy(), public(Some("pk-1")), guard, restart);
    let verifier = verifier.at_fixed_time(date(NOW));
    for token in issue(|| Device::with(RSA_2048), Some("pk-1")) {
        let session = verifier.accept(&token.unwrap(), &Request::new().page_key("pk-1"));
        assert_eq!(session.unwrap().session_id(), "call-7");
    }
}

#[test]
fn a_device_that_does_not_sign_issues_nothing() {
    for refused in issue(|| Device::Failing(ExternalError::Unavailable), Some("pk-1")) {
        assert_eq!(refused.unwrap_err().code(), "external.unavailable");
    }
    // Under a policy of page keys the device's key has to have a name.
    for refused in issue(|| Device::with(RSA_2048), None) {
        assert_eq!(refused.unwrap_err().code(), "header.missing");
    }
}

#[cfg(feature = "jwe")]
#[test]
fn a_device_opens_sealed_credentials() {
    use strict_jose::external::ExternalRsaOaepKey;
    use strict_jose::profile::session;
    use strict_jose::{ContentEncryption, RsaOaepEncryptionKey};
    let public = || RsaOaepEncryptionKey::from_pem(RSA_2048_PUBLIC).unwrap();
    let sealed = session::seal(b"user:password", ContentEncryption::A256Gcm, &public()).unwrap();
    let open = |device: &dyn Fn() -> Device| {
        let plain = ExternalRsaOaepKey::new(device(), public());
        let remote = ExternalRsaOaepKey::new(Remote(device()), public());
        [
            session::open(&policy(), &sealed, &plain),
            block_on(session::open_async(&policy(), &sealed, &remote)),
        ]
    };
    for opened in open(&|| Device::with(RSA_2048)) {
        assert_eq!(&opened.unwrap()[..], b"user:password");
    }
    for (error, status, code) in [
        (ExternalError::Unavailable, 503, "external.unavailable"),
        (ExternalError::Rejected, 401, "decryption.failed"),
    ] {
        for refused in open(&|| Device::Failing(error)) {
            let refusal = refused.unwrap_err();
            assert_eq!((refusal.status(), refusal.reason().code()), (status, code));
        }
    }
}
