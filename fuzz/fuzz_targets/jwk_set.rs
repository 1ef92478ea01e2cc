//! Any text as a JWK Set: what is taken comes out as the same keys, and a public set has no secrets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strict_jose::{
    Hs256Key, KeyError, KeySet, Rs256SigningKey, Rs256VerifyingKey, RsaOaepEncryptionKey,
};
use strict_jose_fuzz::input::{Member, object};

fuzz_target!(|input: (Vec<Vec<Member>>, Option<&str>)| {
    let (keys, text) = input;
    let text = text.map_or_else(
        || {
            let keys: Vec<_> = keys.iter().map(|key| object(key)).collect();
            format!(r#"{{"keys":[{}]}}"#, keys.join(","))
        },
        str::to_owned,
    );
    if let Ok(set) = KeySet::<Rs256VerifyingKey>::from_jwk_set(&text) {
        let again = KeySet::<Rs256VerifyingKey>::from_jwk_set(&set.to_jwk_set()).expect("our own");
        let of = |set: &KeySet<Rs256VerifyingKey>| -> Vec<_> {
            set.iter().map(|key| (key.thumbprint(), key.key_id().map(str::to_owned))).collect()
        };
        assert_eq!(of(&set), of(&again));
        assert!(again.skipped().is_empty());
        let json: serde_json::Value = serde_json::from_str(&text).expect("accepted");
        for (position, key) in json["keys"].as_array().expect("accepted").iter().enumerate() {
            // A member that repeats a name is skipped as no strict JSON, and nothing in it is read.
            let unread = set.skipped().iter().any(|skipped| {
                skipped.position() == position && *skipped.reason() == KeyError::InvalidJson
            });
            let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
            assert!(
                unread
                    || private.iter().all(|name| key.get(name).is_none())
                    || key.get("kty").is_none(),
                "a private member in a public set"
            );
        }
    }
    let _ = KeySet::<RsaOaepEncryptionKey>::from_jwk_set(&text);
    let _ = KeySet::<Rs256SigningKey>::from_secret_jwk_set(&text);
    if let Ok(set) = KeySet::<Hs256Key>::from_secret_jwk_set(&text) {
        let again = set.to_secret_jwk_set();
        let again = KeySet::<Hs256Key>::from_secret_jwk_set(again.expose()).expect("our own");
        assert_eq!(again.len(), set.len());
    }
});
