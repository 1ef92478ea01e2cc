//! What the rows share: the fixed values, a token made of any payload, a platform that knows the app.

use crate::kept::Kept;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Debug;
use strict_jose::profile::kore::{App, Identity, Platform, Refusal};
use strict_jose::{
    AfterRestart, Hs256Key, JwsHeader, MemoryReplayGuard, NumericDate, ReplayGuard,
    Rs256SigningKey, SigningKey, jws,
};

pub const NOW: u64 = 1_466_684_723;
pub const ISS: &str = "cs-xxxxxxxxxx-1234";
pub const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub const SUBJECT: &str = "john.doe@achme.com";
pub const GRANT: &str = "grant";

pub const BODY_EXP: &str = r#"{"errors":[{"msg":"error verifying the jwt: if \"jti\" claim \"exp\" must be <= 1 hour(s)","code":401}]}"#;
pub const BODY_REPLAY: &str =
    r#"{"errors":[{"msg":"error verifying the jwt: possibly a replay","code":401}]}"#;
/// Our own wording, the same for every other reason.
pub const BODY_OTHER: &str =
    r#"{"errors":[{"msg":"error verifying the jwt: not accepted","code":401}]}"#;

pub const K1_PAYLOAD: &str = r#"{"iat":1466684723,"exp":1466684783,"jti":"1234","aud":"https://idproxy.kore.ai/authorize","iss":"cs-xxxxxxxxxx-1234","sub":"john.doe@achme.com","isAnonymous":false,"identityToMerge":"anonymoususer1@test.com"}"#;

/// Any private claims.
pub type Any = BTreeMap<String, Value>;

pub fn fixtures() -> Value {
    serde_json::from_str(include_str!("fixtures.json")).unwrap()
}

pub fn fixture(name: &str) -> String {
    fixtures()[name].as_str().unwrap().to_owned()
}

pub fn date(seconds: u64) -> NumericDate {
    NumericDate::from_seconds(seconds).unwrap()
}

pub fn secret() -> Hs256Key {
    Hs256Key::from_utf8(SECRET).unwrap()
}

pub fn rs256() -> Rs256SigningKey {
    Rs256SigningKey::from_jwk(&fixture("app_private_jwk")).unwrap()
}

pub fn app() -> App {
    App::hs256(ISS, secret())
}

pub fn platform() -> Platform<Kept<MemoryReplayGuard>> {
    platform_at(NOW)
}

pub fn platform_at(now: u64) -> Platform<Kept<MemoryReplayGuard>> {
    Platform::new(Kept(MemoryReplayGuard::with_capacity(1_000)), AfterRestart::remembered())
        .register(app())
        .at_fixed_time(date(now))
}

/// The usual claims with others over them; `null` takes one away.
pub fn claims(others: Value) -> Value {
    let mut claims = json!({
        "iat": NOW, "exp": NOW + 60, "aud": "https://idproxy.kore.ai/authorize", "iss": ISS,
        "sub": SUBJECT,
    });
    let Value::Object(others) = others else { panic!("an object of claims") };
    for (name, value) in others {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(&name);
        } else {
            claims[name] = value;
        }
    }
    claims
}

pub fn signed(payload: impl AsRef<[u8]>, key: &impl SigningKey) -> String {
    jws::sign_with_header(payload, &JwsHeader::new().typ("JWT"), key).unwrap()
}

/// A token of the app with these claims.
pub fn token(others: Value) -> String {
    signed(claims(others).to_string(), &secret())
}

pub fn accept<G: ReplayGuard>(
    platform: &Platform<G>,
    token: &str,
) -> Result<Identity<Any>, Refusal> {
    platform.accept(token, GRANT)
}

/// Refused with 401 and this body; the reason's code is returned.
#[track_caller]
pub fn refused<T: Debug>(result: Result<T, Refusal>, body: &str) -> &'static str {
    let refusal = result.unwrap_err();
    assert_eq!((refusal.status(), refusal.body()), (401, body), "{:?}", refusal.reason());
    refusal.reason().code()
}

/// base64url without padding, so that no test vouches for the crate's own.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.as_ref().chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            text.push(char::from(ALPHABET[bits >> (18 - 6 * place) & 63]));
        }
    }
    text
}
