//! K17 as far as no network is needed: what the token service signs. The rest is tested with the
//! services themselves.

use super::support::*;
use crate::kept::Kept;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use strict_jose::profile::kore::{App, Platform, TokenService, User};
use strict_jose::{
    AfterRestart, ClaimError, ClaimProblem, Error, MemoryReplayGuard, NoPrivateClaims,
};

fn service() -> TokenService {
    TokenService::hs256(ISS, secret()).unwrap().at_fixed_time(date(NOW))
}

#[test]
fn k17_what_is_issued() {
    let service = service().lifetime(Duration::from_secs(3600)).unwrap();
    let user = User::new(SUBJECT).merging("visitor");
    let (first, second) = (service.issue(&user).unwrap(), service.issue(&user).unwrap());
    let platform = platform();
    let first = accept(&platform, &first).unwrap();
    let second = accept(&platform, &second).unwrap();
    for identity in [&first, &second] {
        assert_eq!(identity.client_id(), ISS);
        assert_eq!(identity.audience(), ["https://idproxy.kore.ai/authorize"]);
        assert_eq!((identity.subject(), identity.identity_to_merge()), (SUBJECT, Some("visitor")));
        assert!(!identity.is_anonymous());
        let (iat, exp) = (identity.issued_at().unwrap(), identity.expires_at());
        assert_eq!(exp.seconds() - iat.seconds(), 3600);
        // 22 characters of base64url are 128 bits and four that are zero.
        assert_eq!(identity.jwt_id().unwrap().len(), 22);
    }
    assert_ne!(first.jwt_id(), second.jwt_id());
    // By the system's clock it is the same.
    let now = TokenService::hs256(ISS, secret()).unwrap().issue(&User::anonymous("v")).unwrap();
    let live = Platform::new(Kept(MemoryReplayGuard::with_capacity(9)), AfterRestart::remembered())
        .register(app());
    assert!(accept(&live, &now).unwrap().is_anonymous());
}

#[test]
fn k17_no_lifetime_beyond_an_hour() {
    let with = |lifetime| service().lifetime(lifetime).err();
    let broken = |problem| Some(Error::from(ClaimError::new("exp", problem)));
    let too_long = broken(ClaimProblem::LifetimeTooLong);
    assert_eq!(with(Duration::from_secs(3601)), too_long);
    assert_eq!(with(Duration::from_millis(3_600_001)), too_long);
    assert_eq!(with(Duration::from_millis(999)), broken(ClaimProblem::OutOfRange));
    assert_eq!(with(Duration::from_secs(1)), None);
}

#[test]
fn k17_rs256_signs_for_an_app_of_that_algorithm() {
    let service = TokenService::rs256(ISS, rs256()).unwrap().at_fixed_time(date(NOW));
    let app = App::rs256(ISS, rs256().public_key());
    let platform = platform().register(app.enforcing_jti());
    let token = service.issue(&User::new(SUBJECT)).unwrap();
    assert_eq!(accept(&platform, &token).unwrap().subject(), SUBJECT);
    refused(accept(&platform, &token), BODY_REPLAY);
}

#[cfg(feature = "jwe")]
#[test]
fn k17_encrypted_for_the_platform() {
    use strict_jose::{
        ContentEncryption, KeySet, RsaOaepDecryptionKey, legacy::Rsa1_5DecryptionKey,
    };
    let jwk = fixture("platform_private_jwk");
    let oaep = RsaOaepDecryptionKey::from_jwk(&jwk).unwrap();
    let rsa1_5 = Rsa1_5DecryptionKey::from_jwk(&jwk).unwrap();
    let enc = ContentEncryption::A128CbcHs256;
    let services = [
        service().encrypting(oaep.public_key(), enc),
        service().encrypting_by_rsa1_5(rsa1_5.public_key(), enc),
    ];
    let platform = platform()
        .register(app().enforcing_jti().enforcing_jwe())
        .decrypting(KeySet::new([oaep]).unwrap())
        .decrypting_rsa1_5(KeySet::new([rsa1_5]).unwrap());
    for service in services {
        let token = service.issue(&User::new(SUBJECT)).unwrap();
        assert_eq!(accept(&platform, &token).unwrap().subject(), SUBJECT);
    }
}

#[test]
fn k17_the_apps_own_claims_come_along_typed() {
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Own {
        private_claims: PrivateClaims,
        tenant: String,
    }
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct PrivateClaims {
        account_id: String,
    }
    let own = || Own {
        private_claims: PrivateClaims { account_id: "123412512512556".into() },
        tenant: "t-1".into(),
    };
    let user = User::new(SUBJECT).merging("visitor").private(own());
    let token = service().issue(&user).unwrap();
    let identity = platform().accept::<Own>(&token, GRANT).unwrap();
    assert_eq!(identity.into_private(), own());
    // Another type than the caller's is refused, and uses nothing up.
    let (platform, token) = (platform(), self::token(json!({"jti": "typed", "tenant": 1})));
    let refusal = platform.accept::<Own>(&token, GRANT).unwrap_err();
    let wrong = ClaimError::new("private claims", ClaimProblem::WrongType);
    assert_eq!(refusal.reason(), &Error::Claim(wrong));
    assert!(platform.accept::<NoPrivateClaims>(&token, GRANT).is_ok());
}

#[test]
fn nobody_slips_a_claim_in_that_means_something() {
    let names = ["kore_iss", "kore_sub", "kore_jti", "isAnonymous", "identityToMerge"];
    let registered = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
    for name in names.iter().chain(&registered) {
        let user = User::new(SUBJECT).private(json!({*name: "victim"}));
        assert_eq!(service().issue(&user), Err(Error::UnserializableClaims), "{name}");
    }
    for other in [json!([1]), json!("text"), json!(null)] {
        let user = User::new(SUBJECT).private(other);
        assert_eq!(service().issue(&user), Err(Error::UnserializableClaims));
    }
}

#[test]
fn a_user_who_cannot_be_is_not_issued() {
    let issue = |user: User| service().issue(&user).unwrap_err();
    let broken = |claim, problem| Error::from(ClaimError::new(claim, problem));
    assert_eq!(issue(User::new("")), broken("sub", ClaimProblem::Empty));
    let merge = |identity| issue(User::new(SUBJECT).merging(identity));
    assert_eq!(merge(SUBJECT), broken("identityToMerge", ClaimProblem::Mismatch));
    assert_eq!(merge(""), broken("identityToMerge", ClaimProblem::Empty));
    let nobody = TokenService::hs256("", secret()).err();
    assert_eq!(nobody, Some(broken("iss", ClaimProblem::Empty)));
}

#[test]
fn nothing_shows_what_it_holds() {
    let user = User::new(SUBJECT).merging("visitor");
    let token = service().issue(&user).unwrap();
    let platform = platform();
    let reservation = platform.reserve::<Any>(&token, GRANT).unwrap();
    let shown = format!(
        "{user:?} {:?} {:?} {platform:?} {reservation:?} {:?}",
        service(),
        app(),
        reservation.claims()
    );
    let named = [
        "User(<redacted>)",
        r#"TokenService { client_id: "cs-xxxxxxxxxx-1234", lifetime: 300s, .. }"#,
        r#"App { client_id: "cs-xxxxxxxxxx-1234", .. }"#,
        "Platform { apps: 1, compat: false, .. }",
        "Reservation(<redacted>)",
        "Identity(<redacted>)",
    ];
    assert_eq!(shown, named.join(" "));
    let refusal = platform.accept::<Any>(&token, GRANT).unwrap_err();
    let shown = format!("{shown} {refusal} {refusal:?} {} {}", refusal.reason(), refusal.body());
    for secret in [SUBJECT, "visitor", SECRET, &token, reservation.claims().jwt_id().unwrap()] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
