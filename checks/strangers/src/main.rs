//! Signs, verifies, encrypts and decrypts with what the published packages contain, and asserts every answer.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use strict_jose::legacy::Rsa1_5DecryptionKey;
use strict_jose::{
    AfterRestart, Audience, Claims, ContentEncryption, Error, Hs256Key, Issuer, MemoryReplayGuard,
    NumericDate, Rs256SigningKey, RsaOaepDecryptionKey, Validation, jwe, jwt,
};

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Roles {
    roles: Vec<String>,
}

fn claims() -> Claims<Roles> {
    Claims::expiring_in(Duration::from_secs(300))
        .issuer("https://as.example")
        .audience("https://api.example")
        .subject("alice")
        .random_jwt_id()
        .private(Roles { roles: vec!["reader".to_owned()] })
}

fn rules() -> Validation {
    Validation::new(
        Issuer::exactly("https://as.example"),
        Audience::includes("https://api.example"),
    )
}

/// The last character but one of a token is part of its MAC, signature or tag.
fn spoilt(token: &str) -> String {
    let (start, end) = token.split_at(token.len() - 2);
    let other = if end.starts_with('A') { 'B' } else { 'A' };
    format!("{start}{other}{}", &end[1..])
}

/// A token that was used stays used when the guard's file is opened again.
#[cfg(feature = "stores")]
fn survives_a_restart(token: &str, key: &Hs256Key) {
    use strict_jose_stores::SqliteReplayGuard;

    let file = std::env::temp_dir().join(format!("stranger-{}.db", std::process::id()));
    for expected in [None, Some("replay.replayed")] {
        let guard = SqliteReplayGuard::open(&file, 1000).unwrap();
        let once = rules().single_use(guard, AfterRestart::remembered());
        let verdict = jwt::verify::<Roles>(token, key, &once);
        assert_eq!(verdict.err().map(|error| error.code()), expected);
    }
    std::fs::remove_file(file).unwrap();
}

fn main() {
    let hs256 = Hs256Key::generate().unwrap();
    let rs256 = Rs256SigningKey::generate(2048).unwrap();
    let public = rs256.public_key();

    let token = jwt::sign(&claims(), &hs256).unwrap();
    let verified = jwt::verify::<Roles>(&token, &hs256, &rules()).unwrap();
    assert_eq!(verified.subject(), Some("alice"));
    assert_eq!(verified.private().roles, ["reader"]);
    let refused = jwt::verify::<Roles>(&spoilt(&token), &hs256, &rules());
    assert_eq!(refused.unwrap_err(), Error::InvalidSignature);

    #[cfg(feature = "stores")]
    survives_a_restart(&token, &hs256);

    let token = jwt::sign(&claims(), &rs256).unwrap();
    let guard = MemoryReplayGuard::with_capacity(1000);
    let long_ago = NumericDate::from_seconds(1_700_000_000).unwrap();
    let once = rules().single_use(guard, AfterRestart::only_issued_after(long_ago));
    assert_eq!(jwt::verify::<Roles>(&token, &public, &once).unwrap().subject(), Some("alice"));
    let again = jwt::verify::<Roles>(&token, &public, &once);
    assert_eq!(again.unwrap_err().code(), "replay.replayed");
    let refused = jwt::verify::<Roles>(&spoilt(&token), &public, &rules());
    assert_eq!(refused.unwrap_err(), Error::InvalidSignature);

    let oaep = RsaOaepDecryptionKey::generate(2048).unwrap();
    let rsa1_5 = Rsa1_5DecryptionKey::generate(2048).unwrap();
    let mut opened = 0;
    for enc in ContentEncryption::ALL {
        let token = jwe::encrypt(b"octets", enc, &oaep.public_key()).unwrap();
        assert_eq!(jwe::decrypt(&token, &oaep).unwrap().as_ref(), b"octets");
        assert_eq!(jwe::decrypt(&spoilt(&token), &oaep).unwrap_err(), Error::DecryptionFailed);
        let token = jwe::encrypt(b"octets", enc, &rsa1_5.public_key()).unwrap();
        assert_eq!(jwe::decrypt(&token, &rsa1_5).unwrap().as_ref(), b"octets");
        assert_eq!(jwe::decrypt(&spoilt(&token), &rsa1_5).unwrap_err(), Error::DecryptionFailed);
        opened += 2;
    }
    assert_eq!(opened, 6);

    let enc = ContentEncryption::A256Gcm;
    let recipient = oaep.public_key();
    let token = jwt::sign_then_encrypt(&claims(), &rs256, enc, &recipient).unwrap();
    let verified = jwt::decrypt_then_verify::<Roles>(&token, &oaep, &public, &rules()).unwrap();
    assert_eq!(verified.private().roles, ["reader"]);

    println!("signed, verified, encrypted and decrypted");
}
