//! Any text as a JWK: what is taken comes out as the same key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strict_jose::legacy::{Rsa1_5DecryptionKey, Rsa1_5EncryptionKey};
use strict_jose::{
    Hs256Key, Rs256SigningKey, Rs256VerifyingKey, RsaOaepDecryptionKey, RsaOaepEncryptionKey,
};
use strict_jose_fuzz::input::{Member, object};

macro_rules! round_trip {
    ($text:expr, $key:ty, |$own:ident| $export:expr) => {
        if let Ok($own) = <$key>::from_jwk($text) {
            let again = <$key>::from_jwk(&$export).expect("our own JWK");
            assert_eq!(again.thumbprint(), $own.thumbprint());
            assert_eq!(again.key_id(), $own.key_id());
        }
    };
}

fuzz_target!(|input: (Vec<Member>, Option<&str>)| {
    let (members, text) = input;
    let text = &text.map_or_else(|| object(&members), str::to_owned);
    round_trip!(text, Hs256Key, |key| key.to_secret_jwk().expose());
    round_trip!(text, Rs256SigningKey, |key| key.to_secret_jwk().expose());
    round_trip!(text, RsaOaepDecryptionKey, |key| key.to_secret_jwk().expose());
    round_trip!(text, Rsa1_5DecryptionKey, |key| key.to_secret_jwk().expose());
    round_trip!(text, Rs256VerifyingKey, |key| key.to_jwk());
    round_trip!(text, RsaOaepEncryptionKey, |key| key.to_jwk());
    round_trip!(text, Rsa1_5EncryptionKey, |key| key.to_jwk());
});
