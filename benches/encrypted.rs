//! JWE, encrypted JWTs and nested ones: every verb, algorithm and size, with the allocations of a call.
//!
//! `cargo bench --bench encrypted`, with a part of a bench's name to run only those.

#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher};
use std::fmt;
use strict_jose::{ContentEncryption, Rsa1_5, RsaAlgorithm, RsaOaep, RsaPrivateKey};
use support::{RSA_2048, SIZES, Size};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    support::main();
}

fn key<A: RsaAlgorithm>() -> RsaPrivateKey<A> {
    RsaPrivateKey::from_pem(RSA_2048).unwrap()
}

#[derive(Clone, Copy)]
struct Case {
    enc: ContentEncryption,
    size: Size,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.enc.name(), self.size)
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let encs =
        [ContentEncryption::A128CbcHs256, ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];
    encs.into_iter().flat_map(|enc| SIZES.map(|size| Case { enc, size }))
}

mod jwe {
    use super::support::{LIMITS, payload};
    use super::{Bencher, BytesCount, Case, Rsa1_5, RsaOaep, cases, key};
    use strict_jose::{
        DecryptionKeys, EncryptionKey, RsaAlgorithm, RsaPrivateKey, RsaPublicKey, jwe,
    };

    #[divan::bench(types = [RsaOaep, Rsa1_5], args = cases())]
    fn encrypt<A: RsaAlgorithm>(bencher: Bencher, case: Case)
    where
        RsaPublicKey<A>: EncryptionKey,
    {
        let (key, payload) = (key::<A>().public_key(), payload(case.size));
        bencher
            .counter(BytesCount::new(case.size.0))
            .bench(|| jwe::encrypt(&payload, case.enc, &key).unwrap());
    }

    #[divan::bench(types = [RsaOaep, Rsa1_5], args = cases())]
    fn decrypt<A: RsaAlgorithm>(bencher: Bencher, case: Case)
    where
        RsaPublicKey<A>: EncryptionKey,
        RsaPrivateKey<A>: DecryptionKeys,
    {
        let key = key::<A>();
        let public = key.public_key();
        let token = jwe::encrypt(payload(case.size), case.enc, &public).unwrap();
        bencher
            .counter(BytesCount::new(case.size.0))
            .bench(|| jwe::decrypt_with_limits(&token, &key, &LIMITS).unwrap());
    }
}

mod jwt {
    use super::support::{Filler, SIZES, Size, claims, hs256, rs256, rules};
    use super::{Bencher, BytesCount, Case, Rsa1_5, RsaOaep, cases, key};
    use strict_jose::{
        ContentEncryption, DecryptionKeys, EncryptionKey, RsaAlgorithm, RsaPrivateKey,
        RsaPublicKey, jwt,
    };

    #[divan::bench(types = [RsaOaep, Rsa1_5], args = cases())]
    fn encrypt<A: RsaAlgorithm>(bencher: Bencher, case: Case)
    where
        RsaPublicKey<A>: EncryptionKey,
    {
        let (key, claims) = (key::<A>().public_key(), claims(case.size));
        bencher
            .counter(BytesCount::new(case.size.0))
            .bench(|| jwt::encrypt(&claims, case.enc, &key).unwrap());
    }

    #[divan::bench(types = [RsaOaep, Rsa1_5], args = cases())]
    fn decrypt<A: RsaAlgorithm>(bencher: Bencher, case: Case)
    where
        RsaPublicKey<A>: EncryptionKey,
        RsaPrivateKey<A>: DecryptionKeys,
    {
        let (key, rules) = (key::<A>(), rules());
        let token = jwt::encrypt(&claims(case.size), case.enc, &key.public_key()).unwrap();
        bencher
            .counter(BytesCount::new(case.size.0))
            .bench(|| jwt::decrypt::<Filler>(&token, &key, &rules).unwrap());
    }

    /// The inner signature by HS256 and by RS256, the outer encryption by RSA-OAEP with A256GCM: the
    /// other combinations are sums of what the benches above measure.
    const ENC: ContentEncryption = ContentEncryption::A256Gcm;

    #[divan::bench(args = SIZES)]
    fn sign_then_encrypt_hs256(bencher: Bencher, size: Size) {
        let (signing, claims) = (hs256(), claims(size));
        let key = key::<RsaOaep>().public_key();
        bencher
            .counter(BytesCount::new(size.0))
            .bench(|| jwt::sign_then_encrypt(&claims, &signing, ENC, &key).unwrap());
    }

    #[divan::bench(args = SIZES)]
    fn sign_then_encrypt_rs256(bencher: Bencher, size: Size) {
        let (signing, claims) = (rs256(), claims(size));
        let key = key::<RsaOaep>().public_key();
        bencher
            .counter(BytesCount::new(size.0))
            .bench(|| jwt::sign_then_encrypt(&claims, &signing, ENC, &key).unwrap());
    }

    #[divan::bench(args = SIZES)]
    fn decrypt_then_verify_hs256(bencher: Bencher, size: Size) {
        let (key, verifying, rules) = (key::<RsaOaep>(), hs256(), rules());
        let public = key.public_key();
        let token = jwt::sign_then_encrypt(&claims(size), &verifying, ENC, &public).unwrap();
        bencher.counter(BytesCount::new(size.0)).bench(|| {
            jwt::decrypt_then_verify::<Filler>(&token, &key, &verifying, &rules).unwrap()
        });
    }

    #[divan::bench(args = SIZES)]
    fn decrypt_then_verify_rs256(bencher: Bencher, size: Size) {
        let (key, verifying, rules) = (key::<RsaOaep>(), rs256().public_key(), rules());
        let public = key.public_key();
        let token = jwt::sign_then_encrypt(&claims(size), &rs256(), ENC, &public).unwrap();
        bencher.counter(BytesCount::new(size.0)).bench(|| {
            jwt::decrypt_then_verify::<Filler>(&token, &key, &verifying, &rules).unwrap()
        });
    }
}
