//! Objects near to a JOSE Header, each under a signature that holds, so that the header alone decides.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use strict_jose::{Error, UnverifiedHints, internals, jws};
use strict_jose_fuzz::HS256;
use strict_jose_fuzz::input::{Member, object};

fuzz_target!(|input: (Vec<Member>, Option<&[u8]>)| {
    let (members, bytes) = input;
    let header = bytes.map_or_else(|| object(&members).into_bytes(), <[u8]>::to_vec);
    let mut token = URL_SAFE_NO_PAD.encode(&header) + ".e30";
    let mac = internals::hmac_sha256(&[7; 32], token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(mac, &mut token);

    let hints = UnverifiedHints::read(&token);
    match jws::verify(&token, &*HS256) {
        Ok(verified) => {
            let header: serde_json::Value = serde_json::from_slice(&header).expect("accepted");
            assert_eq!(header["alg"], "HS256");
            for refused in ["enc", "crit", "b64", "zip"] {
                assert!(header.get(refused).is_none(), "{refused}");
            }
            let received = verified.header();
            for (name, value) in [
                ("kid", received.key_id()),
                ("typ", received.typ()),
                ("cty", received.content_type()),
            ] {
                assert_eq!(header.get(name).and_then(|text| text.as_str()), value, "{name}");
            }
            assert_eq!(hints.expect("a good header").key_id(), received.key_id());
        }
        Err(error) => {
            assert_ne!(error, Error::InvalidSignature, "the signature holds");
        }
    }
});
