//! The control: the same calls as in the files that must not compile, each with what is right.

use std::sync::Arc;
use strict_jose::legacy::{Rsa1_5DecryptionKey, Rsa1_5EncryptionKey};
use strict_jose::{
    AfterRestart, Audience, Claims, ContentEncryption, Error, Hs256Key, Insertion, Issuer,
    KeyError, KeySet, MemoryReplayGuard, NoPrivateClaims, NumericDate, ReplayError, ReplayGuard,
    ReplayId, Rs256SigningKey, Rs256VerifyingKey, RsaOaepDecryptionKey, RsaOaepEncryptionKey,
    SignatureAlgorithm, SingleUse, Unauthenticated, Validated, Validation, jwe, jws, jwt,
};

fn sign(key: &Rs256SigningKey, secret: &Hs256Key) -> Result<[String; 2], Error> {
    Ok([jws::sign(b"octets", key)?, jws::sign(b"octets", secret)?])
}

fn verify(key: &Rs256VerifyingKey, secret: &Hs256Key) -> Result<[jws::VerifiedPayload; 2], Error> {
    Ok([jws::verify("token", key)?, jws::verify("token", secret)?])
}

fn encrypt(oaep: &RsaOaepEncryptionKey, old: &Rsa1_5EncryptionKey) -> Result<[String; 2], Error> {
    let enc = ContentEncryption::A256Gcm;
    Ok([jwe::encrypt(b"octets", enc, oaep)?, jwe::encrypt(b"octets", enc, old)?])
}

fn decrypt(
    oaep: &RsaOaepDecryptionKey,
    old: &Rsa1_5DecryptionKey,
) -> Result<[jwe::Plaintext; 2], Error> {
    Ok([jwe::decrypt("token", oaep)?, jwe::decrypt("token", old)?])
}

fn set(one: Hs256Key, other: Hs256Key) -> Result<(), KeyError> {
    let mut keys = KeySet::new([one])?;
    keys.insert(other)
}

fn rules() -> Validation {
    let _ = Claims::without_expiration();
    Validation::new(Issuer::exactly("as"), Audience::includes("api"))
}

fn claims(
    key: &Hs256Key,
    rules: &Validation<SingleUse<MemoryReplayGuard>>,
) -> Result<Validated<NoPrivateClaims>, Error> {
    jwt::verify("token", key, rules)
}

async fn claims_later(
    key: &Hs256Key,
    rules: &Validation<SingleUse<MemoryReplayGuard>>,
) -> Result<Validated<NoPrivateClaims>, Error> {
    jwt::verify_async("token", key, rules).await
}

/// The steps, each of which is a misuse in a file of its own.
fn steps(
    key: &Hs256Key,
    rules: &Validation<SingleUse<Arc<MemoryReplayGuard>>>,
) -> Result<Validated, Error> {
    let unspent = jwt::check::<NoPrivateClaims, _>("token", key, rules)?;
    let unspent = unspent.require(|claims| claims.subject().map(drop).ok_or(Error::Replayed))?;
    let reservation = unspent.spend()?;
    if reservation.claims().subject().is_none() {
        reservation.unspend()?;
        return Err(Error::Replayed);
    }
    Ok(reservation.commit())
}

fn restart(guard: &MemoryReplayGuard, date: NumericDate) -> AfterRestart<&MemoryReplayGuard> {
    let _ = guard;
    AfterRestart::only_issued_after(date)
}

fn unsigned(
    key: &RsaOaepDecryptionKey,
    rules: &Validation,
) -> Result<Unauthenticated<NoPrivateClaims>, Error> {
    jwt::decrypt("token", key, rules)
}

fn ask(
    guard: &MemoryReplayGuard,
    id: &ReplayId<'_>,
    at: NumericDate,
) -> Result<Insertion, ReplayError> {
    ReplayGuard::insert_if_absent(guard, id, at, at)
}

#[cfg(feature = "session")]
mod session {
    use std::time::Duration;
    use strict_jose::profile::session::{Parties, Policy, Refusal, Request, Session, Verifier};
    use strict_jose::{Hs256Key, MemoryReplayGuard, Reservation};

    type Memory = Verifier<Hs256Key, MemoryReplayGuard>;

    fn policy() -> Policy {
        Policy::new(Parties::between("as", "api"), Duration::from_secs(60))
    }

    fn accept(verifier: &Memory) -> Result<Session, Refusal> {
        verifier.accept("token", &Request::new())
    }

    async fn accept_later(verifier: &Memory) -> Result<Session, Refusal> {
        let reservation = verifier.reserve_async("token", &Request::new()).await;
        reservation.map(Reservation::commit)
    }

    pub fn all() {
        let _ = (policy, accept, accept_later);
    }
}

pub fn all() {
    #[cfg(feature = "session")]
    session::all();
    let _ = (SignatureAlgorithm::Hs256, SignatureAlgorithm::Rs256);
    let _ = (
        sign,
        verify,
        encrypt,
        decrypt,
        set,
        rules,
        claims,
        claims_later,
        unsigned,
        ask,
        steps,
        restart,
    );
}
