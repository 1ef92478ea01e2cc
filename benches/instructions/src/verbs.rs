//! The calls that are counted, each on inputs made before.

use core::hint::black_box;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use strict_jose::legacy::Rsa1_5DecryptionKey;
use strict_jose::{
    AfterRestart, Audience, Claims, ContentEncryption, Error, Hs256Key, Issuer, Limits,
    MemoryReplayGuard, NumericDate, Rs256SigningKey, Rs256VerifyingKey, RsaOaepDecryptionKey,
    Validation, jwe, jwt,
};

/// A call and its name in the table.
pub struct Verb {
    pub name: &'static str,
    pub run: Box<dyn FnMut()>,
}

const PEM: &str = include_str!("../../../tests/pem/rsa-2048.pem");
const PUBLIC_PEM: &str = include_str!("../../../tests/pem/rsa-2048-public.pem");
const NOW: u64 = 1_700_000_000;
const MIB: usize = 1 << 20;

/// What a chat platform's app signs for its user: with the registered ones 7 claims, 220 octets.
#[derive(Serialize, Deserialize, Clone)]
struct Private {
    #[serde(rename = "appId")]
    app_id: String,
    #[serde(rename = "isAnonymous")]
    is_anonymous: bool,
}

fn time(seconds: u64) -> NumericDate {
    NumericDate::from_seconds(seconds).expect("a time in range")
}

fn claims(id: &str) -> Claims<Private> {
    Claims::expiring_at(time(NOW + 300))
        .issued_at(time(NOW))
        .issuer("https://idproxy.example.com/authorize")
        .audience("https://idproxy.example.com/authorize")
        .subject("a3c6c8a2-7b0e-4f2b-9d24-2f6e8f0f1f57")
        .jwt_id(id)
        .private(Private { app_id: "cs-1e845b00-81ad-5757".into(), is_anonymous: false })
}

fn rules() -> Validation {
    Validation::new(
        Issuer::exactly("https://idproxy.example.com/authorize"),
        Audience::includes("https://idproxy.example.com/authorize"),
    )
    .at_fixed_time(time(NOW + 1))
}

fn take<T>(result: Result<T, Error>) {
    black_box(result.expect("everything is right"));
}

pub fn all() -> Vec<Verb> {
    let mut verbs = Vec::new();
    let mut add = |name, run: Box<dyn FnMut()>| verbs.push(Verb { name, run });
    signatures(&mut add);
    encryption(&mut add);
    large(&mut add);
    nested(&mut add);
    imports(&mut add);
    verbs
}

type Add<'a> = &'a mut dyn FnMut(&'static str, Box<dyn FnMut()>);

fn signatures(add: Add<'_>) {
    let key = Hs256Key::from_bytes(&[7; 32]).expect("32 octets");
    let token = jwt::sign(&claims("b5a1"), &key).expect("HMAC cannot fail");
    let (signing, to_sign) = (key.clone(), claims("b5a1"));
    add("HS256 sign", Box::new(move || take(jwt::sign(black_box(&to_sign), &signing))));
    let (verifying, rules_of, copy) = (key.clone(), rules(), token.clone());
    add(
        "HS256 verify, claims",
        Box::new(move || take(jwt::verify::<Private>(black_box(&copy), &verifying, &rules_of))),
    );
    let guard = MemoryReplayGuard::with_capacity(1000);
    let once = rules()
        .max_lifetime(Duration::from_secs(600))
        .single_use(guard, AfterRestart::only_issued_after(time(NOW - 1000)));
    // A guard at work: the first ids of a shard, and chance says of which, would pay for its memory.
    for id in 0..500 {
        let token = jwt::sign(&claims(&format!("filled {id}")), &key).expect("signs");
        take(jwt::verify::<Private>(&token, &key, &once));
    }
    let mut tokens: Vec<_> = (0..=crate::ROUNDS)
        .map(|id| jwt::sign(&claims(&format!("id {id}")), &key).expect("signs"))
        .collect();
    let verifying = key.clone();
    add(
        "HS256 verify, claims, single use",
        Box::new(move || {
            let token = tokens.pop().expect("a token for each call");
            take(jwt::verify::<Private>(black_box(&token), &verifying, &once));
        }),
    );
    let public = Rs256VerifyingKey::from_pem(PUBLIC_PEM).expect("a key");
    let (refusing, rules_of) = (public.clone(), rules());
    add(
        "RS256 refusal of alg HS256",
        Box::new(move || {
            let verdict = jwt::verify::<Private>(black_box(&token), &refusing, &rules_of);
            assert!(verdict.is_err());
        }),
    );
    let key = Rs256SigningKey::from_pem(PEM).expect("a key");
    let token = jwt::sign(&claims("b5a1"), &key).expect("signs");
    let to_sign = claims("b5a1");
    add("RS256 sign", Box::new(move || take(jwt::sign(black_box(&to_sign), &key))));
    let rules_of = rules();
    add(
        "RS256 verify, claims",
        Box::new(move || take(jwt::verify::<Private>(black_box(&token), &public, &rules_of))),
    );
}

fn encryption(add: Add<'_>) {
    let payload = [0x20; 220];
    let enc = ContentEncryption::A256Gcm;
    let key = RsaOaepDecryptionKey::from_pem(PEM).expect("a key");
    let public = key.public_key();
    let token = jwe::encrypt(payload, enc, &public).expect("encrypts");
    add("RSA-OAEP encrypt", Box::new(move || take(jwe::encrypt(payload, enc, &public))));
    add("RSA-OAEP decrypt", Box::new(move || take(jwe::decrypt(black_box(&token), &key))));
    let key = Rsa1_5DecryptionKey::from_pem(PEM).expect("a key");
    let public = key.public_key();
    let token = jwe::encrypt(payload, enc, &public).expect("encrypts");
    add("RSA1_5 encrypt", Box::new(move || take(jwe::encrypt(payload, enc, &public))));
    add("RSA1_5 decrypt", Box::new(move || take(jwe::decrypt(black_box(&token), &key))));
}

/// Content that makes the RSA operation small beside it: `RSA-OAEP encrypt` and `decrypt` are the rest.
fn large(add: Add<'_>) {
    const NAMES: [(ContentEncryption, [&str; 2]); 2] = [
        (ContentEncryption::A256Gcm, ["A256GCM encrypt, 1 MiB", "A256GCM decrypt, 1 MiB"]),
        (
            ContentEncryption::A128CbcHs256,
            ["A128CBC-HS256 encrypt, 1 MiB", "A128CBC-HS256 decrypt, 1 MiB"],
        ),
    ];
    for (enc, [encrypt, decrypt]) in NAMES {
        let key = RsaOaepDecryptionKey::from_pem(PEM).expect("a key");
        let public = key.public_key();
        let payload = vec![0x20; MIB];
        let limits = Limits { token_len: 2 * MIB, ..Limits::DEFAULT };
        let token = jwe::encrypt(&payload, enc, &public).expect("encrypts");
        add(encrypt, Box::new(move || take(jwe::encrypt(&payload, enc, &public))));
        add(
            decrypt,
            Box::new(move || take(jwe::decrypt_with_limits(black_box(&token), &key, &limits))),
        );
    }
}

fn nested(add: Add<'_>) {
    let enc = ContentEncryption::A256Gcm;
    let signer = Rs256SigningKey::from_pem(PEM).expect("a key");
    let verifier = signer.public_key();
    let key = RsaOaepDecryptionKey::from_pem(PEM).expect("a key");
    let public = key.public_key();
    let token = jwt::sign_then_encrypt(&claims("b5a1"), &signer, enc, &public).expect("encrypts");
    let to_sign = claims("b5a1");
    let make = move || take(jwt::sign_then_encrypt(&to_sign, &signer, enc, &public));
    add("nested RS256, RSA-OAEP: make", Box::new(make));
    let rules = rules();
    let open = move || {
        let token = black_box(&token);
        take(jwt::decrypt_then_verify::<Private>(token, &key, &verifier, &rules));
    };
    add("nested RS256, RSA-OAEP: open", Box::new(open));
}

fn imports(add: Add<'_>) {
    let key = Rs256SigningKey::from_pem(PEM).expect("a key");
    let private = key.to_secret_jwk().expose().to_owned();
    let public = key.public_key().to_jwk();
    let secret = Hs256Key::from_bytes(&[7; 32]).expect("32 octets").to_secret_jwk();
    let secret = secret.expose().to_owned();
    let read = |result: Result<_, strict_jose::KeyError>| drop(black_box(result.expect("a key")));
    add(
        "import of an HMAC secret, JWK",
        Box::new(move || drop(black_box(Hs256Key::from_jwk(&secret).expect("a key")))),
    );
    add(
        "import of a public key, JWK",
        Box::new(move || drop(black_box(Rs256VerifyingKey::from_jwk(&public).expect("a key")))),
    );
    add(
        "import of a public key, PEM",
        Box::new(move || drop(black_box(Rs256VerifyingKey::from_pem(PUBLIC_PEM).expect("a key")))),
    );
    add(
        "import of a private key, JWK",
        Box::new(move || read(Rs256SigningKey::from_jwk(&private))),
    );
    add("import of a private key, PEM", Box::new(move || read(Rs256SigningKey::from_pem(PEM))));
}
