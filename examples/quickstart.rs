//! Everything once: keys, signing, verifying, refusing, encrypting, nesting, replay.
//!
//! `cargo run -p examples --example quickstart`

#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::time::Duration;
use strict_jose::{
    AfterRestart, Audience, Claims, Hs256Key, Issuer, KeySet, MemoryReplayGuard, NumericDate,
    Rs256SigningKey, Rs256VerifyingKey, Validated, Validation, jwt,
};

const ISSUER: &str = "https://as.example";
const API: &str = "https://api.example";

#[derive(Debug, Serialize, Deserialize)]
struct Roles {
    roles: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    signed_with_a_shared_secret()?;
    signed_with_a_key_pair()?;
    #[cfg(feature = "jwe")]
    encrypted()?;
    used_once()?;
    println!("\nAll of it worked as it should.");
    Ok(())
}

fn signed_with_a_shared_secret() -> Result<(), Box<dyn Error>> {
    step("HS256: one secret on both sides");
    let key = Hs256Key::generate()?.with_key_id("2026-11")?;
    say("key", &format!("{key:?}"));

    let claims = Claims::expiring_in(Duration::from_secs(300))
        .issuer(ISSUER)
        .audience(API)
        .subject("alice")
        .private(Roles { roles: vec!["reader".into()] });
    let token = jwt::sign(&claims, &key)?;
    say("token", &token);

    let rules = Validation::new(Issuer::exactly(ISSUER), Audience::includes(API));
    let verified: Validated<Roles> = jwt::verify(&token, &key, &rules)?;
    say("subject", verified.subject().unwrap_or("nobody"));
    say("roles", &format!("{:?}", verified.private().roles));

    let tampered = tamper(&token);
    refused("one character changed", jwt::verify(&tampered, &key, &rules))?;

    let an_hour_later = NumericDate::now()?.saturating_add(Duration::from_secs(3600));
    let later = rules.clone().at_fixed_time(an_hour_later);
    refused("an hour later", jwt::verify(&token, &key, &later))?;

    let elsewhere = Validation::new(Issuer::exactly(ISSUER), Audience::includes("https://other"));
    refused("meant for another API", jwt::verify(&token, &key, &elsewhere))
}

fn signed_with_a_key_pair() -> Result<(), Box<dyn Error>> {
    step("RS256: a private key signs, a published JWK Set verifies");
    let private = Rs256SigningKey::generate(2048)?.with_key_id("2026-11")?;
    let published = KeySet::new([private.public_key()])?.to_jwk_set();
    say("JWK Set", &published);

    let token = jwt::sign(&claims(), &private)?;
    let keys = KeySet::<Rs256VerifyingKey>::from_jwk_set(&published)?;
    let rules = Validation::new(Issuer::exactly(ISSUER), Audience::includes(API));
    let verified: Validated = jwt::verify(&token, &keys, &rules)?;
    say("verified by", verified.header().key_id().unwrap_or("a key without id"));

    let other = jwt::sign(&claims(), &private.with_key_id("2025-01")?)?;
    refused("an unknown kid", jwt::verify(&other, &keys, &rules))
}

#[cfg(feature = "jwe")]
fn encrypted() -> Result<(), Box<dyn Error>> {
    use strict_jose::{ContentEncryption, RsaOaepDecryptionKey, RsaOaepEncryptionKey, jwe};

    step("JWE: encrypted for whoever published a JWK");
    let private = RsaOaepDecryptionKey::generate(2048)?.with_key_id("enc-1")?;
    let recipient = RsaOaepEncryptionKey::from_jwk(&private.public_key().to_jwk())?;

    let sealed = jwe::encrypt(b"any octets", ContentEncryption::A256Gcm, &recipient)?;
    let plaintext = jwe::decrypt(&sealed, &private)?;
    say("octets back", core::str::from_utf8(&plaintext)?);
    let Err(error) = jwe::decrypt(&tamper(&sealed), &private) else {
        return Err("one character changed: accepted, which must not happen".into());
    };
    println!("  one character changed: refused, {error} [{}]", error.code());

    step("Nested: signed for identity, then encrypted");
    let signing = Hs256Key::generate()?;
    let enc = ContentEncryption::A128CbcHs256;
    let token = jwt::sign_then_encrypt(&claims(), &signing, enc, &recipient)?;
    let rules = Validation::new(Issuer::exactly(ISSUER), Audience::includes(API));
    let verified: Validated = jwt::decrypt_then_verify(&token, &private, &signing, &rules)?;
    say("subject", verified.subject().unwrap_or("nobody"));

    let unsigned = jwt::encrypt(&claims(), enc, &recipient)?;
    refused(
        "encrypted but signed by nobody",
        jwt::decrypt_then_verify(&unsigned, &private, &signing, &rules),
    )
}

fn used_once() -> Result<(), Box<dyn Error>> {
    step("Replay: a token with a jti is taken once");
    let key = Hs256Key::generate()?;
    let guard = MemoryReplayGuard::with_capacity(100_000); // once for the whole process
    // No token is issued before this program starts; in a service, this is when the last process before it stopped:
    // `guard.created_at()?`, if it had by then.
    let stopped = NumericDate::from_seconds(1_790_000_000).ok_or("no date")?;
    let rules = Validation::new(Issuer::exactly(ISSUER), Audience::includes(API))
        .single_use(guard, AfterRestart::only_issued_after(stopped));

    let token = jwt::sign(&claims().random_jwt_id(), &key)?;
    let first: Validated = jwt::verify(&token, &key, &rules)?;
    say("first use", first.jwt_id().unwrap_or("no id"));
    refused("second use", jwt::verify(&token, &key, &rules))?;

    let long = Claims::expiring_in(Duration::from_secs(3601)).issuer(ISSUER).audience(API);
    let token = jwt::sign(&long.random_jwt_id(), &key)?;
    refused("living longer than an hour", jwt::verify(&token, &key, &rules))
}

fn claims() -> Claims {
    Claims::expiring_in(Duration::from_secs(300)).issuer(ISSUER).audience(API).subject("alice")
}

/// Changes the last character but one; the last may hold bits that have to be zero.
fn tamper(token: &str) -> String {
    let mut characters: Vec<char> = token.chars().collect();
    if let Some(place) = characters.iter_mut().rev().nth(1) {
        *place = if *place == 'A' { 'B' } else { 'A' };
    }
    characters.into_iter().collect()
}

fn step(title: &str) {
    println!("\n{title}");
}

fn say(what: &str, value: &str) {
    println!("  {what}: {value}");
}

fn refused(
    what: &str,
    result: Result<Validated, strict_jose::Error>,
) -> Result<(), Box<dyn Error>> {
    match result {
        Ok(_) => Err(format!("{what}: accepted, which must not happen").into()),
        Err(error) => {
            println!("  {what}: refused, {error} [{}]", error.code());
            Ok(())
        }
    }
}
