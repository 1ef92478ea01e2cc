//! Signed tokens inside encrypted ones: claims come out only if both layers hold, one deep.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use strict_jose::{NoPrivateClaims, jws, jwt};
use strict_jose_fuzz::input::{Member, enc, object};
use strict_jose_fuzz::{DEVICE, HS256, jwe_for_device, lenient_rules};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    enc: u8,
    cty: Option<&'a str>,
    inner: Inner<'a>,
}

#[derive(Debug, Arbitrary)]
enum Inner<'a> {
    Signed(Vec<Member<'a>>),
    Bytes(&'a [u8]),
    Encrypted(&'a [u8]),
}

fuzz_target!(|input: Input| {
    let enc = enc(input.enc);
    let cty = serde_json::to_string(input.cty.unwrap_or("JWT")).expect("a string is JSON");
    let header = format!(r#"{{"alg":"RSA-OAEP","enc":"{}","cty":{cty}}}"#, enc.name());
    let signed = matches!(input.inner, Inner::Signed(_));
    let inner = match input.inner {
        Inner::Signed(members) => jws::sign(object(&members), &*HS256).unwrap().into_bytes(),
        Inner::Bytes(bytes) => bytes.to_vec(),
        Inner::Encrypted(bytes) => jwe_for_device(header.as_bytes(), enc, bytes).into_bytes(),
    };
    let token = jwe_for_device(header.as_bytes(), enc, &inner);
    let nested =
        jwt::decrypt_then_verify::<NoPrivateClaims>(&token, &*DEVICE, &*HS256, &lenient_rules());
    let direct = std::str::from_utf8(&inner)
        .ok()
        .map(|inner| jwt::verify::<NoPrivateClaims>(inner, &*HS256, &lenient_rules()));
    if let Ok(claims) = nested {
        assert!(signed, "no signature of ours was inside");
        assert!(claims == direct.expect("text").expect("verified inside"));
    } else if input.cty.is_none() && signed {
        assert!(direct.expect("text").is_err(), "a good token was refused");
    }
    let _ = jwt::decrypt::<NoPrivateClaims>(&token, &*DEVICE, &lenient_rules());
});
