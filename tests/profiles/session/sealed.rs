//! C4.

use super::scanner::{Scanning, canaries, survivors};
use super::support::cognigy;
use std::collections::{BTreeMap, BTreeSet};
use strict_jose::external::{ExternalRsaOaepKey, OaepDecrypter};
use strict_jose::profile::session::{open, seal};
use strict_jose::{ContentEncryption, ExternalError, KeySet, RsaOaepDecryptionKey, SecretBytes};

#[global_allocator]
static ALLOCATOR: Scanning = Scanning;

const CREDENTIALS: &[u8; 32] = b"sip:user-7 password-of-call-7 !!";

#[test]
fn c04_credentials_are_sealed() {
    let pem = include_str!("../../pem/rsa-2048.pem");
    let key = |kid| RsaOaepDecryptionKey::from_pem(pem).unwrap().with_key_id(kid).unwrap();
    let keys = KeySet::new([key("s-1")]).unwrap();
    let to = |kid| {
        let enc = ContentEncryption::A128CbcHs256;
        seal(CREDENTIALS, enc, &key(kid).public_key()).unwrap()
    };
    let good = to("s-1");
    let mut tampered = vec![to("s-2")];
    for segment in 1..5 {
        let mut parts: Vec<String> = good.split('.').map(str::to_owned).collect();
        let first = if parts[segment].starts_with('A') { "B" } else { "A" };
        parts[segment].replace_range(..1, first);
        tampered.push(parts.join("."));
    }
    let mut texts = BTreeSet::new();
    for sealed in &tampered {
        let refusal = open(&cognigy(), sealed, &keys).unwrap_err();
        assert_eq!(refusal.reason().code(), "decryption.failed");
        assert_eq!((refusal.status(), refusal.answer()), (401, r#"{"error":"invalidSession"}"#));
        texts.insert(format!("{refusal} {refusal:?}"));
    }
    assert_eq!((tampered.len(), texts.len()), (5, 1));
    // A copy that nobody wipes is found.
    let left = survivors(canaries("credentials", CREDENTIALS), || {
        drop(open(&cognigy(), &good, &keys).unwrap().to_vec());
    });
    assert_eq!(left, BTreeMap::from([("credentials", 1)]));
    // Neither a good one nor a tampered one leaves the credentials behind in freed memory.
    let left = survivors(canaries("credentials", CREDENTIALS), || {
        let opened = open(&cognigy(), &good, &keys).unwrap();
        assert_eq!(&opened[..], CREDENTIALS);
        assert!(!format!("{opened:?}").contains("password"));
        for sealed in &tampered {
            assert!(open(&cognigy(), sealed, &keys).is_err());
        }
    });
    assert_eq!(left, BTreeMap::new());
}

struct Unreachable;

impl OaepDecrypter for Unreachable {
    fn decrypt_oaep(&self, _: &[u8]) -> Result<SecretBytes, ExternalError> {
        Err(ExternalError::Unavailable)
    }
}

#[test]
fn c04_a_device_that_cannot_be_asked_is_no_401() {
    let key = RsaOaepDecryptionKey::from_pem(include_str!("../../pem/rsa-2048.pem")).unwrap();
    let public = key.public_key();
    let sealed = seal(CREDENTIALS, ContentEncryption::A256Gcm, &public).unwrap();
    assert!(open(&cognigy(), &sealed, &key).is_ok());
    let device = ExternalRsaOaepKey::new(Unreachable, public);
    let refusal = open(&cognigy(), &sealed, &device).unwrap_err();
    assert_eq!((refusal.status(), refusal.reason().code()), (503, "external.unavailable"));
}
