//! JWSs with signatures that hold, or nearly: nothing unsigned may come out, whatever picks the key.
#![no_main]

use arbitrary::Arbitrary;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use strict_jose::{Hs256Key, KeySet, TrustedIssuers, internals, jws};
use strict_jose_fuzz::input::{Member, object};
use strict_jose_fuzz::{HS256, RS256};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    header: Option<Vec<Member<'a>>>,
    payload: &'a [u8],
    /// The octets of the signature to be spoiled, by position.
    spoil: Option<(u8, u8)>,
    cut: u8,
}

static SET: LazyLock<KeySet<Hs256Key>> = LazyLock::new(|| {
    let key = |byte, kid| Hs256Key::from_bytes(&[byte; 32]).unwrap().with_key_id(kid).unwrap();
    KeySet::new([key(7, "HS256"), key(8, "RS256")]).unwrap()
});

static ISSUERS: LazyLock<TrustedIssuers<Hs256Key>> =
    LazyLock::new(|| TrustedIssuers::new().with("JWT", HS256.clone()));

fuzz_target!(|input: Input| {
    let header = input.header.map_or(r#"{"alg":"HS256"}"#.into(), |members| object(&members));
    let mut token = URL_SAFE_NO_PAD.encode(header) + ".";
    URL_SAFE_NO_PAD.encode_string(input.payload, &mut token);
    let mut mac = internals::hmac_sha256(&[7; 32], token.as_bytes());
    let mut whole = true;
    if let Some((position, change)) = input.spoil {
        mac[usize::from(position) % 32] ^= change;
        whole = change == 0;
    }
    let cut = usize::from(input.cut) % 33;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&mac[..32 - cut], &mut token);

    let results =
        [jws::verify(&token, &*HS256), jws::verify(&token, &*SET), jws::verify(&token, &*ISSUERS)];
    for verified in results.into_iter().flatten() {
        assert!(whole && cut == 0, "a false signature was taken");
        assert_eq!(verified.payload(), input.payload);
    }
    assert!(jws::verify(&token, &RS256.public_key()).is_err());
});
