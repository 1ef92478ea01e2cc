//! Nothing that is printed holds a secret, a token or a claim, and every failure has one name for good.

#![allow(clippy::drop_non_drop, clippy::items_after_statements)]

mod names;

use crate::support::{bytes::*, claims::*, kept::Once, keys, outcome::*, signing::*};
use std::fmt::Debug;
use strict_jose::{
    Claims, Hs256Key, Issuer, JwsHeader, KeySet, MemoryReplayGuard, NoPrivateClaims, ReplayId,
    Rs256SigningKey, Rs256VerifyingKey, SecretBytes, TrustedIssuers, UnverifiedHints, jws, jwt,
};

/// What must never be printed, put wherever a value can be put.
const CANARY: &str = "c4n4ry";

/// Secrets and texts that hold no canary by themselves.
fn forbidden() -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(rsa().to_secret_jwk().expose()).unwrap();
    let mut all = vec![CANARY.to_owned(), b64(SECRET), format!("{SECRET:?}")];
    all.push(String::from_utf8(SECRET.to_vec()).unwrap());
    all.push(b64(CANARY.as_bytes())); // as a payload of its own
    all.push(b64(claims(&[("sub", &text(CANARY))]))[..40].to_owned());
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        all.push(json[member].as_str().unwrap()[8..40].to_owned());
    }
    all
}

#[track_caller]
fn assert_clean(shown: &str) {
    for canary in forbidden() {
        assert!(!shown.contains(&canary), "{shown} holds {canary}");
    }
}

fn assert_silent(value: &impl Debug) {
    assert_clean(&format!("{value:?} {value:#?}"));
}

fn assert_silent_error(error: &impl std::error::Error) {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        assert_clean(&format!("{error} {error:?} {error:#?}"));
        next = error.source();
    }
}

/// Tokens that are refused for one reason each, with the canary wherever it fits.
fn hostile_tokens() -> Vec<String> {
    let canary = text(CANARY);
    let mut tokens = vec![
        CANARY.to_owned(),
        format!("{CANARY}.{CANARY}.{CANARY}"),
        format!("{CANARY}!.."),
        format!("{CANARY}.{CANARY}.{CANARY}.{CANARY}.{CANARY}"),
        token(CANARY),
        token(format!("{{\"{CANARY}\":1,\"{CANARY}\":2}}")),
        token(format!("{{\"iss\":\"{CANARY}")),
        hs_token(CANARY, "{}"),
    ];
    for claim in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
        tokens.push(token(claims(&[(claim, &canary), ("exp", "1")])));
        tokens.push(token(claims(&[(claim, &format!("[{canary},1]"))])));
        tokens.push(token(claims(&[(claim, &format!("{{{canary}:1}}"))])));
    }
    for parameter in ["alg", "enc", "kid", "typ", "cty", "crit", "b64", "zip", "jwk", "x"] {
        for value in [canary.clone(), format!("[{canary}]"), format!("{{{canary}:1,{canary}:1}}")] {
            let head = format!("{{\"{parameter}\":{value},\"alg\":\"HS256\"}}");
            tokens.push(hs_token(&head, claims(&[("sub", &canary), ("exp", "1")])));
        }
    }
    let (unsigned, _) = tokens[10].rsplit_once('.').unwrap();
    tokens.push(format!("{unsigned}.{}", b64([0; 32])));
    tokens
}

#[test]
fn errors_repeat_nothing_of_the_token() {
    #[derive(Debug, serde::Deserialize)]
    struct Strict {
        #[serde(rename = "sub")]
        _sub: u8,
    }
    let rules = rules().typ("at+jwt").subject("alice");
    let set = KeySet::new([hs256().with_key_id("a").unwrap()]).unwrap();
    let issuers = TrustedIssuers::new().with(ISS, hs256());
    let mut refused = 0;
    for token in hostile_tokens() {
        for error in [
            jwt::verify::<NoPrivateClaims>(&token, &hs256(), &rules).unwrap_err(),
            jwt::verify::<Strict>(&token, &hs256(), &rules).unwrap_err(),
            jwt::verify::<NoPrivateClaims>(&token, &set, &rules).unwrap_err(),
            jwt::verify::<NoPrivateClaims>(&token, &issuers, &rules).unwrap_err(),
            jws::verify(&token, &rsa().public_key()).unwrap_err(),
        ] {
            assert_silent_error(&error);
            refused += 1;
        }
        if let Err(error) = UnverifiedHints::read(&token) {
            assert_silent_error(&error);
        }
    }
    assert!(refused > 250, "{refused}");
    // Private claims of another type: the error of the caller's deserializer is not passed on.
    let odd = token(claims(&[("role", &text(CANARY))]));
    #[derive(Debug, serde::Deserialize)]
    struct Role {
        #[serde(rename = "role")]
        _role: u8,
    }
    let error = jwt::verify::<Role>(&odd, &hs256(), &crate::support::claims::rules()).unwrap_err();
    assert_eq!(error.code(), "claim.wrong_type");
    assert_silent_error(&error);
}

#[test]
fn errors_repeat_nothing_of_a_key() {
    let k = b64(SECRET);
    let private = rsa().to_secret_jwk();
    for jwk in [
        format!(r#"{{"kty":"oct","k":"{k}","{CANARY}":1,"{CANARY}":1}}"#),
        format!(r#"{{"kty":"{CANARY}","k":"{k}"}}"#),
        format!(r#"{{"kty":"oct","k":"{k}","use":"{CANARY}"}}"#),
        format!(r#"{{"kty":"oct","k":"{k}","key_ops":["{CANARY}"]}}"#),
        format!(r#"{{"kty":"oct","k":"{k}","kid":{{"{CANARY}":1}}}}"#),
        format!(r#"{{"kty":"oct","k":"{k}="}}"#),
        private.expose().replace("RS256", CANARY),
        private.expose().replacen("\"d\":\"", "\"d\":\"_", 1),
        keys::RSA_2048.replace("PRIVATE KEY", CANARY),
        keys::RSA_2048.replacen('M', "!", 1),
        CANARY.to_owned(),
    ] {
        assert_silent_error(&Hs256Key::from_jwk(&jwk).unwrap_err());
        assert_silent_error(&Rs256SigningKey::from_jwk(&jwk).unwrap_err());
        assert_silent_error(&Rs256SigningKey::from_pem(&jwk).unwrap_err());
        assert_silent_error(&Rs256VerifyingKey::from_pem(&jwk).unwrap_err());
        assert_silent_error(&Hs256Key::from_base64(&jwk).unwrap_err());
        let set = format!("{{\"keys\":[{jwk}]}}");
        assert_silent_error(&KeySet::<Hs256Key>::from_secret_jwk_set(&set).unwrap_err());
    }
}

#[test]
fn values_do_not_print_what_they_hold() {
    let good =
        token(claims(&[("sub", &text(CANARY)), ("jti", &text(CANARY)), ("x", &text(CANARY))]));
    let once = rules().once(MemoryReplayGuard::with_capacity(1));
    let validated = jwt::verify::<serde_json::Value>(&good, &hs256(), &once).unwrap();
    assert_silent(&validated);
    assert_silent(&jws::verify(&good, &hs256()).unwrap());
    assert_silent(&once);
    let made = Claims::expiring_in(seconds(1)).issuer(CANARY).subject(CANARY).audience(CANARY);
    assert_silent(&made.jwt_id(CANARY).private(CANARY));
    assert_silent(&ReplayId::new(CANARY, CANARY, CANARY));
    let hints = UnverifiedHints::read(&token(claims(&[("iss", &text(CANARY))]))).unwrap();
    assert_eq!(hints.issuer(), Some(CANARY));
    assert_silent(&hints);

    assert_silent(&hs256());
    assert_silent(&hs256().to_secret_jwk());
    assert_silent(&SecretBytes::from(SECRET.to_vec()));
    assert_silent(&rsa());
    assert_silent(&rsa().public_key());
    assert_silent(&rsa().to_secret_jwk());
    assert_silent(&rsa().to_secret_pem());
    assert_silent(&rsa().to_secret_pkcs8_der());
    let set = KeySet::new([rsa().with_key_id("a").unwrap()]).unwrap();
    assert_silent(&set);
    assert_silent(&set.to_secret_jwk_set());
    assert_silent(&TrustedIssuers::new().with("a", hs256()));
    // What a caller names to find a key, or to tell a token by, is no secret and may be shown.
    let named = hs256().with_key_id("2026-11").unwrap();
    assert!(format!("{named:?}").contains("2026-11"));
    assert!(format!("{:?}", JwsHeader::new().typ("at+jwt")).contains("at+jwt"));
    assert!(format!("{:?}", Issuer::exactly(ISS)).contains(ISS));
}

#[test]
fn what_is_printed_names_the_type() {
    let good = token(claims(&[]));
    let verified = jws::verify(&good, &hs256()).unwrap();
    let once = rules().once(MemoryReplayGuard::with_capacity(7));
    let signing = rsa().with_key_id("a").unwrap();
    let thumbprint = signing.thumbprint();
    let public = format!(
        r#"RsaPublicKey {{ alg: "RS256", key_id: Some("a"), thumbprint: "{thumbprint}" }}"#
    );
    let debug: [(&dyn Debug, &str); 9] = [
        (verified.header(), "TokenHeader(<redacted>)"),
        (&verified, "VerifiedPayload { octets: 117, header: TokenHeader(<redacted>), .. }"),
        (&UnverifiedHints::read(&good).unwrap(), "UnverifiedHints(<redacted>)"),
        (&Claims::expiring_in(seconds(1)), "Claims(<redacted>)"),
        (&jwt::verify::<NoPrivateClaims>(&good, &hs256(), &once).unwrap(), "Validated(<redacted>)"),
        (&ReplayId::new("a", "b", "c"), "ReplayId(<redacted>)"),
        (&MemoryReplayGuard::with_capacity(7), "MemoryReplayGuard { capacity: 7, .. }"),
        (&signing, r#"RsaPrivateKey { key_id: Some("a"), material: <redacted> }"#),
        (&signing.public_key(), &public),
    ];
    for (value, expected) in debug {
        assert_eq!(format!("{value:?}"), expected);
    }
    let rules = format!("{:?}", once.replay_scope("grant"));
    assert!(rules.contains(r#"SingleUse { scope: "grant", .. }"#), "{rules}");
}

#[test]
#[cfg(feature = "jwe")]
fn encrypted_values_do_not_print_what_they_hold() {
    use crate::support::encrypted::{CBC, CEK, jwe, private, with_segment};
    let claims = claims(&[("sub", &text(CANARY)), ("exp", "1")]);
    let good = jwe(CBC, &claims);
    let plaintext = strict_jose::jwe::decrypt(&good, &private()).unwrap();
    assert_silent(&plaintext);
    assert_eq!(format!("{plaintext:?}"), "Plaintext { octets: <redacted>, .. }");
    assert_silent(&private());
    let error = jwt::decrypt::<NoPrivateClaims>(&good, &private(), &rules()).unwrap_err();
    assert_eq!(error.code(), "claim.expired");
    assert_silent_error(&error);
    for position in 1..5 {
        let spoilt = with_segment(&good, position, CANARY);
        assert_silent_error(&strict_jose::jwe::decrypt(&spoilt, &private()).unwrap_err());
    }
    let past = rules().at_fixed_time(at(0));
    let claims =
        crate::support::claims::claims(&[("sub", &text(CANARY)), ("iat", ""), ("exp", "1")]);
    let got = jwt::decrypt::<serde_json::Value>(&jwe(CBC, claims), &private(), &past).unwrap();
    assert_eq!(got.subject(), Some(CANARY));
    assert_silent(&got);
    assert!(!format!("{plaintext:?}").contains(std::str::from_utf8(CEK).unwrap()));
}

#[test]
fn a_panic_repeats_nothing() {
    // The panic of a caller who unwraps, which is how most errors get into logs.
    let caught = |work: Box<dyn FnOnce() + Send + std::panic::UnwindSafe>| {
        let panic = std::panic::catch_unwind(work).unwrap_err();
        panic.downcast_ref::<String>().unwrap().clone()
    };
    let mut shown = 0;
    for token in hostile_tokens() {
        let refused = token.clone();
        assert_clean(&caught(Box::new(move || drop(verify(&refused).unwrap()))));
        shown += 1;
    }
    let good = token(claims(&[("sub", &text(CANARY))]));
    assert_clean(&caught(Box::new(move || drop(verify(&good).unwrap_err()))));
    assert!(shown > 50);
}
