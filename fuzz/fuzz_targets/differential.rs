//! Tokens and claims read by the crate and by the reference: one verdict, the same values.
#![no_main]

use arbitrary::Arbitrary;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use strict_jose::{
    Audience, Issuer, NoPrivateClaims, NumericDate, UnverifiedHints, Validation, jws, jwt,
};
use strict_jose_fuzz::HS256;
use strict_jose_fuzz::input::{Member, object};
use strict_jose_fuzz::reference;

#[derive(Debug, Arbitrary)]
enum Input<'a> {
    Token(&'a str),
    Header(&'a [u8], Option<&'a [u8]>),
    Objects(Vec<Member<'a>>, Vec<Member<'a>>),
    Claims(&'a [u8]),
    Members(Vec<Member<'a>>),
}

fuzz_target!(|input: Input| {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    match input {
        Input::Token(token) => hints(token),
        Input::Header(header, payload) => {
            hints(&format!("{}.{}.AA", encode(header), encode(payload.unwrap_or(b"{}"))));
        }
        Input::Objects(header, payload) => {
            let (header, payload) = (object(&header), object(&payload));
            hints(&format!("{}.{}.AA", encode(header.as_bytes()), encode(payload.as_bytes())));
        }
        Input::Claims(bytes) => claims(bytes),
        Input::Members(members) => claims(object(&members).as_bytes()),
    }
});

fn hints(token: &str) {
    let read = UnverifiedHints::read(token)
        .ok()
        .map(|hints| (hints.key_id().map(str::to_owned), hints.issuer().map(str::to_owned)));
    assert_eq!(read, reference::hints(token));
}

fn claims(payload: &[u8]) {
    if payload.len() > 100 * 1024 {
        return; // the token would be past its limit
    }
    let expected = reference::claims(payload);
    let [exp, nbf, iat] = expected.as_ref().map_or([None; 3], |claims| claims.dates);
    let now = nbf.max(iat).unwrap_or((0, 0));
    let lives = exp.is_none_or(|exp| exp > now && iat.is_none_or(|iat| exp > iat));

    let token = jws::sign(payload, &*HS256).expect("HMAC cannot fail");
    let now = NumericDate::from_duration(std::time::Duration::new(now.0, now.1)).expect("a date");
    let rules = Validation::new(Issuer::unchecked(), Audience::unchecked())
        .without_expiration()
        .at_fixed_time(now);
    let read = jwt::verify::<NoPrivateClaims>(&token, &*HS256, &rules);
    let date = |date: Option<NumericDate>| {
        date.map(|date| (date.as_duration().as_secs(), date.as_duration().subsec_nanos()))
    };
    let read = read.ok().map(|claims| reference::Claims {
        issuer: claims.issuer().map(str::to_owned),
        subject: claims.subject().map(str::to_owned),
        audience: claims.audience().to_vec(),
        dates: [date(claims.expires_at()), date(claims.not_before()), date(claims.issued_at())],
        jwt_id: claims.jwt_id().map(str::to_owned),
    });
    assert_eq!(read, expected.filter(|_| lives));
}
