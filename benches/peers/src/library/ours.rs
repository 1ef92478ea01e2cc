//! strict-jose.

use crate::contest::{Contender, Run};
use crate::fixture::{Fixture, LIMITS, Private};
use crate::operation::Operation;
use crate::record::Role;
use std::hint::black_box;
use std::thread;
use strict_jose::{ContentEncryption, VerifyingKeys, jwe, jws, jwt};

pub const BACKEND: &str = if cfg!(feature = "aws-lc-rs") { "aws-lc-rs" } else { "ring" };

#[must_use]
pub fn contenders(operation: Operation, f: &'static Fixture) -> Vec<Contender> {
    let name = format!("strict-jose ({BACKEND})");
    let ours = |work: Box<dyn FnMut()>| vec![Contender::new(name.clone(), Role::Ours, work)];
    let claims = f.claims();
    match operation {
        Operation::Hs256Sign => ours(sink(move || jwt::sign(&claims, &f.hs256).unwrap())),
        Operation::Rs256Sign => ours(sink(move || jwt::sign(&claims, &f.rs256).unwrap())),
        Operation::Hs256Verify => {
            let token = f.token(operation);
            ours(sink(move || jwt::verify::<Private>(&token, &f.hs256, &f.rules).unwrap()))
        }
        Operation::Rs256Verify => {
            let token = f.token(operation);
            ours(sink(move || jwt::verify::<Private>(&token, &f.rs256_public, &f.rules).unwrap()))
        }
        Operation::OaepEncrypt(enc) => {
            ours(sink(move || jwt::encrypt(&claims, enc, &f.oaep_public).unwrap()))
        }
        Operation::OaepDecrypt(_) => {
            let token = f.token(operation);
            ours(sink(move || jwt::decrypt::<Private>(&token, &f.oaep, &f.rules).unwrap()))
        }
        Operation::Rsa1_5Encrypt => {
            let enc = ContentEncryption::A128CbcHs256;
            ours(sink(move || jwt::encrypt(&claims, enc, &f.rsa1_5_public).unwrap()))
        }
        Operation::Rsa1_5Decrypt => {
            let token = f.token(operation);
            ours(sink(move || jwt::decrypt::<Private>(&token, &f.rsa1_5, &f.rules).unwrap()))
        }
        Operation::MebibyteEncrypt => {
            let enc = ContentEncryption::A256Gcm;
            ours(sink(move || jwe::encrypt(&f.mebibyte, enc, &f.oaep_public).unwrap()))
        }
        Operation::MebibyteDecrypt => {
            let token = f.token(operation);
            ours(sink(move || jwe::decrypt_with_limits(&token, &f.oaep, &LIMITS).unwrap()))
        }
        Operation::SignThenEncrypt => {
            let enc = ContentEncryption::A256Gcm;
            ours(sink(move || {
                jwt::sign_then_encrypt(&claims, &f.rs256, enc, &f.oaep_public).unwrap()
            }))
        }
        Operation::DecryptThenVerify => {
            let token = f.token(operation);
            ours(sink(move || {
                jwt::decrypt_then_verify::<Private>(&token, &f.oaep, &f.rs256_public, &f.rules)
                    .unwrap()
            }))
        }
        Operation::Refuse(_) => {
            let token = f.token(operation);
            ours(sink(move || assert!(jws::verify(&token, &f.rs256_public).is_err())))
        }
        Operation::Hs256VerifyInTwoThreads => one_and_two_threads(f.token(operation), &f.hs256, f),
        Operation::Rs256VerifyInTwoThreads => {
            one_and_two_threads(f.token(operation), &f.rs256_public, f)
        }
    }
}

fn sink<T>(mut work: impl FnMut() -> T + 'static) -> Box<dyn FnMut()> {
    Box::new(move || {
        black_box(work());
    })
}

/// The same number of tokens by one thread, which takes raw's place, and by two that share the
/// verifier and the rules.
fn one_and_two_threads<K: VerifyingKeys + Sync>(
    token: String,
    key: &'static K,
    f: &'static Fixture,
) -> Vec<Contender> {
    let token: &'static str = token.leak();
    let verify = move |times: u32| {
        for _ in 0..times {
            black_box(jwt::verify::<Private>(token, key, &f.rules).unwrap());
        }
    };
    let two = move |times: u32| {
        thread::scope(|scope| {
            scope.spawn(move || verify(times / 2));
            scope.spawn(move || verify(times - times / 2));
        });
    };
    let contender = |threads: &str, role, run: Run| Contender {
        name: format!("strict-jose ({BACKEND}), {threads}"),
        role,
        run,
    };
    vec![
        contender("2 threads", Role::Ours, Box::new(two)),
        contender("1 thread", Role::Raw, Box::new(verify)),
    ]
}
