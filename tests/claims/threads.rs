//! Threads that share keys and rules do not wait for each other: but for the stores, which have a table
//! to share, and the codec, whose tables are made at its first use, nothing in the crate is able to lock.

use crate::support::keys;
use crate::support::repository::{files, is_rust};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use strict_jose::{
    Audience, Claims, Error, Hs256Key, Issuer, NoPrivateClaims, NumericDate, Rs256SigningKey,
    SigningKey, Validation, VerifyingKeys, jwt,
};

/// Whatever makes one thread wait for another.
const LOCKS: [&str; 8] =
    ["Mutex", "RwLock", "Condvar", "Barrier", "OnceLock", "LazyLock", "ReentrantLock", "mpsc"];

/// The files under the folder that name a lock, and how many there are in all.
fn locking(folder: &str) -> (Vec<String>, usize) {
    let all = files(folder, is_rust);
    let read = all.len();
    let names_a_lock = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let mut code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        code.any(|line| LOCKS.iter().any(|lock| line.contains(lock)))
    };
    let found = all.into_iter().filter(names_a_lock);
    (found.map(|path| path.to_str().unwrap().replace('\\', "/")).collect(), read)
}

/// What remembers tokens or sessions, and the test kit for it.
const STORES: [&str; 2] = ["src/replay/", "src/profile/session/ended.rs"];

/// What is made at its first use; once it is there, nobody waits for it.
const MADE_ONCE: &str = "src/encoding/base64url.rs";

#[test]
fn stores_alone_lock() {
    let (mut found, read) = locking("src");
    found.retain(|path| path != MADE_ONCE);
    let once = fs::read_to_string(MADE_ONCE).unwrap();
    let named: Vec<_> = LOCKS.into_iter().filter(|lock| once.contains(lock)).collect();
    assert_eq!(named, ["LazyLock"]);
    found.retain(|path| !STORES.iter().any(|store| path.starts_with(store)));
    assert_eq!(found, [""; 0]);
    let (found, _) = locking("src/replay");
    assert!(found.iter().any(|path| path == "src/replay/memory.rs"), "locks are not found");
    assert!(read > 30, "the sources have moved");
}

const THREADS: usize = 4;
const EACH: usize = 50;

fn verified_by_all(signer: &impl SigningKey, verifier: &(impl VerifyingKeys + Sync)) -> usize {
    let time = NumericDate::from_seconds(1_700_000_000).unwrap();
    let rules =
        Validation::new(Issuer::exactly("as"), Audience::includes("api")).at_fixed_time(time);
    let claims = Claims::expiring_at(NumericDate::from_seconds(1_700_000_060).unwrap())
        .issuer("as")
        .audience("api");
    let token = jwt::sign(&claims, signer).unwrap();
    let spoilt = format!("{}{}", &token[..token.len() - 4], "AAAA");
    let verified = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let verify = |token| jwt::verify::<NoPrivateClaims>(token, verifier, &rules);
                    assert_eq!(verify(&token).unwrap().issuer(), Some("as"));
                    assert_eq!(verify(&spoilt).unwrap_err(), Error::InvalidSignature);
                    verified.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    verified.into_inner()
}

#[test]
fn threads_share_one_verifier() {
    let key = Hs256Key::from_bytes(&[7; 32]).unwrap();
    assert_eq!(verified_by_all(&key, &key), THREADS * EACH);
    let signer = Rs256SigningKey::from_pem(keys::RSA_2048).unwrap();
    assert_eq!(verified_by_all(&signer, &signer.public_key()), THREADS * EACH);
}
