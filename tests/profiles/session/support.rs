//! What the rows share: the time, tokens made of any payload, and how a refusal is looked at.

use serde_json::{Value, json};
use strict_jose::profile::session::{Policy, Refusal, Session};
use strict_jose::{Hs256Key, JwsHeader, NumericDate, SigningKey, jws};

pub(crate) use super::session_cognigy::policy as cognigy;
pub(crate) use super::session_talkative::policy as talkative;

pub fn jodoworld() -> Policy {
    super::session_jodoworld::policy().unwrap()
}

pub const NOW: u64 = 1_790_000_000;

pub fn date(seconds: u64) -> NumericDate {
    NumericDate::from_seconds(seconds).unwrap()
}

pub fn key(kid: &str) -> Hs256Key {
    let secret = format!("{kid:-<40}");
    Hs256Key::from_utf8(&secret).unwrap().with_key_id(kid).unwrap()
}

/// `base` with others over it; `null` takes one away.
pub fn with(mut base: Value, others: &Value) -> Value {
    for (name, value) in others.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        } else {
            base[name] = value.clone();
        }
    }
    base
}

/// Signed as they are, with an `iat` of now where they name none.
pub fn sign(claims: &Value, key: &impl SigningKey) -> String {
    let claims = with(json!({"iat": NOW}), claims);
    jws::sign_with_header(claims.to_string(), &JwsHeader::new().typ("JWT"), key).unwrap()
}

/// Refused with this status and answer, and nothing of the token in what is printed; the code.
#[track_caller]
pub fn refused(
    result: Result<Session, Refusal>,
    token: &str,
    status: u16,
    answer: &str,
) -> &'static str {
    let refusal = result.unwrap_err();
    assert_eq!((refusal.status(), refusal.answer()), (status, answer), "{:?}", refusal.reason());
    let log = format!("{refusal} {refusal:?} {} {:?}", refusal.reason(), refusal.reason());
    for part in token.split('.') {
        assert!(!log.contains(part), "{log}");
    }
    refusal.reason().code()
}

/// The claims of row J1.
pub fn j1() -> Value {
    json!({
        "sub": "u-91", "sid": "call-7", "dom": ["www.shop.example"], "ip": ["203.0.113.0/24"],
        "exp": NOW + 300, "jti": "j1",
    })
}

/// The result of a future that never waits.
pub fn at_once<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("nothing to wait for"),
    }
}
