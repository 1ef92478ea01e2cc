//! JWS and signed JWTs: every verb, algorithm and size, with the allocations of a call.
//!
//! `cargo bench --bench signed`, with a part of a bench's name to run only those.

#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher};
use support::SIZES;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    support::main();
}

mod jws {
    use super::support::{LIMITS, Size, hs256, payload, rs256};
    use super::{Bencher, BytesCount, SIZES};
    use strict_jose::jws;

    #[divan::bench(args = SIZES)]
    fn sign_hs256(bencher: Bencher, size: Size) {
        let (key, payload) = (hs256(), payload(size));
        bencher.counter(BytesCount::new(size.0)).bench(|| jws::sign(&payload, &key).unwrap());
    }

    #[divan::bench(args = SIZES)]
    fn sign_rs256(bencher: Bencher, size: Size) {
        let (key, payload) = (rs256(), payload(size));
        bencher.counter(BytesCount::new(size.0)).bench(|| jws::sign(&payload, &key).unwrap());
    }

    #[divan::bench(args = SIZES)]
    fn verify_hs256(bencher: Bencher, size: Size) {
        let key = hs256();
        let token = jws::sign(payload(size), &key).unwrap();
        bencher
            .counter(BytesCount::new(size.0))
            .bench(|| jws::verify_with_limits(&token, &key, &LIMITS).unwrap());
    }

    #[divan::bench(args = SIZES)]
    fn verify_rs256(bencher: Bencher, size: Size) {
        let token = jws::sign(payload(size), &rs256()).unwrap();
        let key = rs256().public_key();
        bencher
            .counter(BytesCount::new(size.0))
            .bench(|| jws::verify_with_limits(&token, &key, &LIMITS).unwrap());
    }
}

mod jwt {
    use super::support::{Filler, Size, claims, hs256, rs256, rules};
    use super::{Bencher, BytesCount, SIZES};
    use strict_jose::jwt;

    #[divan::bench(args = SIZES)]
    fn sign_hs256(bencher: Bencher, size: Size) {
        let (key, claims) = (hs256(), claims(size));
        bencher.counter(BytesCount::new(size.0)).bench(|| jwt::sign(&claims, &key).unwrap());
    }

    #[divan::bench(args = SIZES)]
    fn sign_rs256(bencher: Bencher, size: Size) {
        let (key, claims) = (rs256(), claims(size));
        bencher.counter(BytesCount::new(size.0)).bench(|| jwt::sign(&claims, &key).unwrap());
    }

    #[divan::bench(args = SIZES)]
    fn verify_hs256(bencher: Bencher, size: Size) {
        let (key, rules) = (hs256(), rules());
        let token = jwt::sign(&claims(size), &key).unwrap();
        bencher
            .counter(BytesCount::new(size.0))
            .bench(|| jwt::verify::<Filler>(&token, &key, &rules).unwrap());
    }

    #[divan::bench(args = SIZES)]
    fn verify_rs256(bencher: Bencher, size: Size) {
        let (key, rules) = (rs256().public_key(), rules());
        let token = jwt::sign(&claims(size), &rs256()).unwrap();
        bencher
            .counter(BytesCount::new(size.0))
            .bench(|| jwt::verify::<Filler>(&token, &key, &rules).unwrap());
    }
}

/// What nobody signed: refused before any RSA operation, with nothing allocated that grows with it.
mod refuse {
    use super::Bencher;
    use super::support::{hs256, rs256};
    use strict_jose::jws;

    /// A name, and what makes the token.
    type Hostile = (&'static str, fn() -> String);

    const HOSTILE: [Hostile; 4] = [
        ("10 MB of dots", || ".".repeat(10_000_000)),
        ("a segment of 10 MB", || format!("{}.e30.AA", "A".repeat(10_000_000))),
        ("another alg", || jws::sign("octets", &hs256()).unwrap()),
        ("bad base64url", || {
            let token = jws::sign("octets", &rs256()).unwrap();
            format!("{}!{}", &token[..token.len() - 9], &token[token.len() - 8..])
        }),
    ];

    #[divan::bench(args = HOSTILE.map(|(name, _)| name))]
    fn verify_rs256(bencher: Bencher, name: &str) {
        let (_, make) = HOSTILE.into_iter().find(|(hostile, _)| *hostile == name).unwrap();
        let (key, token) = (rs256().public_key(), make());
        bencher.bench(|| jws::verify(&token, &key).unwrap_err());
    }
}
