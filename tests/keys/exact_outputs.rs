//! The octets that do not depend on chance are the same everywhere: signatures, thumbprints, digests.

use crate::support::verdicts::record;
use crate::support::{keys, outcome::key_outcome};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use strict_jose::{
    Hs256Key, JwsHeader, KeyError, ReplayId, Rs256SigningKey, Rs256VerifyingKey, jws,
};

type Import = fn(&str) -> Result<String, KeyError>;

#[test]
fn every_key_as_every_type() {
    let imports: [Import; 2] = [
        |pem| Rs256SigningKey::from_pem(pem).map(|key| key.thumbprint()),
        |pem| Rs256VerifyingKey::from_pem(pem).map(|key| key.thumbprint()),
    ];
    let mut accepted = 0;
    for pem in keys::ALL {
        for import in imports {
            let key = import(pem);
            if let Ok(thumbprint) = &key {
                record(thumbprint);
                accepted += 1;
            }
            key_outcome(key);
        }
    }
    assert_eq!(accepted, 13);
}

#[test]
fn signatures_of_every_length_of_payload() {
    let hs256 = Hs256Key::from_bytes(b"32 octets that nobody has to keep").unwrap();
    let rs256 = Rs256SigningKey::from_pem(keys::RSA_2048).unwrap();
    let mut signed = 0;
    for length in [0, 1, 2, 3, 55, 56, 63, 64, 65, 119, 120, 1000, 70_000] {
        let payload: Vec<u8> = (0..=255).cycle().take(length).collect();
        for header in [JwsHeader::new(), JwsHeader::new().typ("at+jwt")] {
            for token in [
                jws::sign_with_header(&payload, &header, &hs256),
                jws::sign_with_header(&payload, &header, &rs256),
            ] {
                let token = token.unwrap();
                let (_, signature) = token.rsplit_once('.').unwrap();
                record(format_args!("{} {signature}", token.len()));
                signed += 1;
            }
        }
    }
    assert_eq!(signed, 13 * 4);
}

#[test]
fn digests_of_replay_ids() {
    for (issuer, scope, jti) in
        [("", "", "a"), ("https://as.example", "", "1"), ("i", "scope", "ü"), ("i", "scop", "eü")]
    {
        let digest = ReplayId::new(issuer, scope, jti).digest();
        record(URL_SAFE_NO_PAD.encode(digest));
    }
    assert_ne!(
        ReplayId::new("i", "scope", "ü").digest(),
        ReplayId::new("i", "scop", "eü").digest()
    );
}
