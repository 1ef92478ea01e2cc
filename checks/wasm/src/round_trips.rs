//! What applications do with the crate, with random numbers and the time from JavaScript.

use std::time::Duration;
use strict_jose::legacy::Rsa1_5DecryptionKey;
use strict_jose::{
    AfterRestart, Audience, Claims, Clock, ContentEncryption, DecryptionKeys, EncryptionKey, Error,
    Hs256Key, Issuer, MemoryReplayGuard, NumericDate, Rs256SigningKey, Rs256VerifyingKey,
    RsaAlgorithm, RsaOaepDecryptionKey, RsaPrivateKey, RsaPublicKey, Unauthenticated, Validated,
    Validation, jwe, jws, jwt,
};

pub type RoundTrip = (&'static str, fn() -> Result<(), Error>);

pub const ROUND_TRIPS: &[RoundTrip] = &[
    ("the lines of the documentation", documented),
    ("HS256", hs256),
    ("RS256", rs256),
    ("RS256 with a new key", rs256_with_a_new_key),
    ("RSA-OAEP, A128CBC-HS256", || rsa_oaep(ContentEncryption::A128CbcHs256)),
    ("RSA-OAEP, A128GCM", || rsa_oaep(ContentEncryption::A128Gcm)),
    ("RSA-OAEP, A256GCM", || rsa_oaep(ContentEncryption::A256Gcm)),
    ("RSA1_5, A128CBC-HS256", || rsa1_5(ContentEncryption::A128CbcHs256)),
    ("RSA1_5, A128GCM", || rsa1_5(ContentEncryption::A128Gcm)),
    ("RSA1_5, A256GCM", || rsa1_5(ContentEncryption::A256Gcm)),
    ("nested", nested),
    ("single use", single_use),
    ("no clock", no_clock),
];

const ISSUER: &str = "https://as.example";
const AUDIENCE: &str = "https://api.example";
const LIFETIME: Duration = Duration::from_secs(300);
const PRIVATE: &str = include_str!("../../../tests/pem/rsa-2048.pem");
const PUBLIC: &str = include_str!("../../../tests/pem/rsa-2048-public.pem");
const OTHER: &str = include_str!("../../../tests/pem/rsa-2048-other.pem");

fn now() -> NumericDate {
    NumericDate::from_seconds((js_sys::Date::now() / 1000.0) as u64).unwrap()
}

fn claims(now: NumericDate) -> Claims {
    let claims = Claims::expiring_in(LIFETIME).issuer(ISSUER).audience(AUDIENCE);
    claims.subject("alice").issued_at(now)
}

fn rules() -> Validation {
    Validation::new(Issuer::exactly(ISSUER), Audience::includes(AUDIENCE))
}

/// Changes the last character but one; the last may hold bits that have to be zero.
fn changed(token: &str) -> String {
    let (start, end) = token.split_at(token.len() - 2);
    let other = if end.starts_with('A') { 'B' } else { 'A' };
    format!("{start}{other}{}", &end[1..])
}

/// The word of an outcome: `accepted` for the claims that [`claims`] writes, else the error's code.
fn verdict(verified: Result<Validated, Error>) -> &'static str {
    match verified {
        Ok(claims) => {
            assert_eq!(claims.subject(), Some("alice"));
            "accepted"
        }
        Err(error) => error.code(),
    }
}

/// As the documentation has them.
fn documented() -> Result<(), Error> {
    let (issuer, audience) = (Issuer::exactly(ISSUER), Audience::unchecked());
    let key = Hs256Key::generate()?;

    let clock = Clock::new(|| NumericDate::from_seconds((js_sys::Date::now() / 1000.0) as u64));
    let claims = Claims::expiring_in(Duration::from_secs(300)).issued_at(clock.now()?);
    let rules = Validation::new(issuer, audience).clock(clock);

    let token = jwt::sign(&claims.issuer(ISSUER), &key)?;
    let verified: Validated = jwt::verify(&token, &key, &rules)?;
    assert!(verified.issued_at().is_some());
    Ok(())
}

fn hs256() -> Result<(), Error> {
    let (now, key) = (now(), Hs256Key::generate()?);
    let token = jwt::sign(&claims(now), &key)?;
    let at = |now| rules().at_fixed_time(now);
    assert_eq!(verdict(jwt::verify(&token, &key, &at(now))), "accepted");
    let late = at(now.saturating_add(LIFETIME));
    assert_eq!(verdict(jwt::verify(&token, &key, &late)), "claim.expired");
    assert_eq!(verdict(jwt::verify(&changed(&token), &key, &at(now))), "signature.invalid");
    let other = Hs256Key::generate()?;
    assert_eq!(verdict(jwt::verify(&token, &other, &at(now))), "signature.invalid");
    Ok(())
}

fn rs256() -> Result<(), Error> {
    let now = now();
    let token = jwt::sign(&claims(now), &Rs256SigningKey::from_pem(PRIVATE)?)?;
    let (key, rules) = (Rs256VerifyingKey::from_pem(PUBLIC)?, rules().at_fixed_time(now));
    assert_eq!(verdict(jwt::verify(&token, &key, &rules)), "accepted");
    assert_eq!(verdict(jwt::verify(&changed(&token), &key, &rules)), "signature.invalid");
    let other = Rs256SigningKey::from_pem(OTHER)?.public_key();
    assert_eq!(verdict(jwt::verify(&token, &other, &rules)), "signature.invalid");
    Ok(())
}

fn rs256_with_a_new_key() -> Result<(), Error> {
    let key = Rs256SigningKey::generate(2048)?;
    let token = jws::sign("octets", &key)?;
    assert_eq!(jws::verify(&token, &key.public_key())?.payload(), b"octets");
    Ok(())
}

fn rsa_oaep(enc: ContentEncryption) -> Result<(), Error> {
    encrypted(enc, &RsaOaepDecryptionKey::from_pem(PRIVATE)?)
}

fn rsa1_5(enc: ContentEncryption) -> Result<(), Error> {
    encrypted(enc, &Rsa1_5DecryptionKey::from_pem(PRIVATE)?)
}

fn encrypted<A: RsaAlgorithm>(enc: ContentEncryption, key: &RsaPrivateKey<A>) -> Result<(), Error>
where
    RsaPrivateKey<A>: DecryptionKeys,
    RsaPublicKey<A>: EncryptionKey,
{
    let now = now();
    let token = jwt::encrypt(&claims(now), enc, &key.public_key())?;
    let decrypted: Unauthenticated = jwt::decrypt(&token, key, &rules().at_fixed_time(now))?;
    assert_eq!(decrypted.subject(), Some("alice"));
    let error = jwe::decrypt(&changed(&token), key).unwrap_err();
    assert_eq!(error.code(), "decryption.failed");
    Ok(())
}

fn nested() -> Result<(), Error> {
    let (now, enc) = (now(), ContentEncryption::A256Gcm);
    let (signing, verifying) =
        (Rs256SigningKey::from_pem(OTHER)?, Rs256SigningKey::from_pem(OTHER)?.public_key());
    let key = RsaOaepDecryptionKey::from_pem(PRIVATE)?;
    let token = jwt::sign_then_encrypt(&claims(now), &signing, enc, &key.public_key())?;
    let rules = rules().at_fixed_time(now);
    assert_eq!(verdict(jwt::decrypt_then_verify(&token, &key, &verifying, &rules)), "accepted");
    let unsigned = jwt::encrypt(&claims(now), enc, &key.public_key())?;
    let refused = verdict(jwt::decrypt_then_verify(&unsigned, &key, &verifying, &rules));
    assert_eq!(refused, "header.missing");
    Ok(())
}

fn single_use() -> Result<(), Error> {
    let (now, key) = (now(), Hs256Key::generate()?);
    let long_ago = NumericDate::from_seconds(1_700_000_000).ok_or(Error::ClockUnavailable)?;
    let restart = AfterRestart::only_issued_after(long_ago);
    let rules = rules().at_fixed_time(now);
    let rules = rules.single_use(MemoryReplayGuard::with_capacity(2), restart);
    let [first, second, third] = [(); 3].map(|()| jwt::sign(&claims(now).random_jwt_id(), &key));
    let verify = |token: &str| verdict(jwt::verify(token, &key, &rules));
    let (first, second, third) = (first?, second?, third?);
    assert_eq!(verify(&first), "accepted");
    assert_eq!(verify(&first), "replay.replayed");
    assert_eq!(verify(&second), "accepted");
    assert_eq!(verify(&third), "replay.full");
    assert_eq!(verify(&first), "replay.replayed");
    Ok(())
}

/// The target has none: whatever would ask it fails, and nothing panics.
fn no_clock() -> Result<(), Error> {
    let key = Hs256Key::generate()?;
    assert_eq!(NumericDate::now(), Err(Error::ClockUnavailable));
    let unsigned = jwt::sign(&Claims::expiring_in(LIFETIME), &key);
    assert_eq!(unsigned, Err(Error::ClockUnavailable));
    let token = jwt::sign(&claims(now()), &key)?;
    assert_eq!(verdict(jwt::verify(&token, &key, &rules())), "clock.unavailable");
    let guard = MemoryReplayGuard::with_capacity(1);
    assert_eq!(guard.created_at(), Err(Error::ClockUnavailable));
    Ok(())
}
