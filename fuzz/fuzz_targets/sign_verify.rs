//! What is signed verifies and comes back as it was; with one character changed it does not.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::time::Duration;
use strict_jose::{
    Audience, Claims, Issuer, JwsHeader, NoPrivateClaims, NumericDate, Validation, jws, jwt,
};
use strict_jose_fuzz::{HS256, RS256};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    payload: &'a [u8],
    typ: Option<String>,
    cty: Option<String>,
    kid: Option<&'a str>,
    rsa: u8,
    spoil: (u16, u8),
    issuer: &'a str,
    subject: &'a str,
    audience: Vec<&'a str>,
    jwt_id: &'a str,
    seconds: u32,
    lifetime: u16,
}

fuzz_target!(|input: Input| {
    let key = match input.kid.map(|kid| HS256.clone().with_key_id(kid)) {
        Some(Ok(key)) => key,
        _ => HS256.clone(),
    };
    let mut header = JwsHeader::new();
    if let Some(typ) = &input.typ {
        header = header.typ(typ.clone());
    }
    if let Some(cty) = &input.cty {
        header = header.content_type(cty.clone());
    }
    let token = jws::sign_with_header(input.payload, &header, &key).expect("HMAC cannot fail");
    if token.split('.').next().expect("one at least").len() <= 8 * 1024 {
        let verified = jws::verify(&token, &key).expect("our own");
        assert_eq!(verified.payload(), input.payload);
        assert_eq!(verified.header().typ(), input.typ.as_deref());
        assert_eq!(verified.header().content_type(), input.cty.as_deref());
        assert_eq!(verified.header().key_id(), key.key_id());
    }
    let mut other = token.clone().into_bytes();
    let position = usize::from(input.spoil.0) % other.len();
    other[position] = input.spoil.1;
    let other = String::from_utf8_lossy(&other);
    assert!(other == token || jws::verify(&other, &key).is_err(), "a changed token was taken");

    if input.rsa == 0 {
        let token = jws::sign(input.payload, &*RS256).expect("a key of the RFC");
        let public = RS256.public_key();
        assert_eq!(jws::verify(&token, &public).expect("our own").payload(), input.payload);
    }
    claims(&input);
});

fn claims(input: &Input) {
    let now = NumericDate::from_seconds(input.seconds.into()).expect("32 bits");
    let mut claims = Claims::expiring_in(Duration::from_secs(u64::from(input.lifetime) + 1))
        .issued_at(now)
        .issuer(input.issuer)
        .subject(input.subject)
        .jwt_id(input.jwt_id);
    for audience in &input.audience {
        claims = claims.audience(*audience);
    }
    let token = jwt::sign(&claims, &*HS256).expect("strings serialize");
    let rules = Validation::new(Issuer::unchecked(), Audience::unchecked()).at_fixed_time(now);
    let read = jwt::verify::<NoPrivateClaims>(&token, &*HS256, &rules).expect("our own");
    assert_eq!(read.issuer(), Some(input.issuer));
    assert_eq!(read.subject(), Some(input.subject));
    assert_eq!(read.jwt_id(), Some(input.jwt_id));
    assert_eq!(read.audience(), input.audience);
    assert_eq!(read.issued_at(), Some(now));
}
