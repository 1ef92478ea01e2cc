//! What both benches share: sizes, keys, claims that fill a size, rules that take them.

use divan::Divan;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use strict_jose::{
    Audience, Claims, Hs256Key, Issuer, Limits, NoReplayProtection, Rs256SigningKey, Validation,
};

pub const RSA_2048: &str = include_str!("../../tests/pem/rsa-2048.pem");

/// The largest payload in base64url, twice over for nested tokens, exceeds the limits by default.
pub const LIMITS: Limits = Limits { token_len: 4 * 1024 * 1024, ..Limits::DEFAULT };

const ISSUER: &str = "https://as.example";
const API: &str = "https://api.example";

/// The octets of a payload, or of a claims set as JSON.
#[derive(Clone, Copy)]
pub struct Size(pub usize);

pub const SIZES: [Size; 3] = [Size(220), Size(4 * 1024), Size(1024 * 1024)];

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes < 1024 => write!(f, "{bytes} octets"),
            bytes if bytes < 1024 * 1024 => write!(f, "{} KiB", bytes / 1024),
            bytes => write!(f, "{} MiB", bytes / 1024 / 1024),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub struct Filler {
    filler: String,
}

/// Claims whose JSON has about this size: `exp` is written with as many digits as it takes.
pub fn claims(size: Size) -> Claims<Filler> {
    let rest = r#"{"iss":"https://as.example","sub":"alice","aud":"https://api.example","#.len()
        + r#""exp":1700000000,"iat":1700000000,"filler":""}"#.len();
    Claims::expiring_in(Duration::from_secs(3600))
        .issuer(ISSUER)
        .audience(API)
        .subject("alice")
        .private(Filler { filler: "x".repeat(size.0 - rest) })
}

pub fn rules() -> Validation<NoReplayProtection> {
    Validation::new(Issuer::exactly(ISSUER), Audience::includes(API)).limits(LIMITS)
}

pub fn payload(size: Size) -> Vec<u8> {
    vec![b'x'; size.0]
}

pub fn hs256() -> Hs256Key {
    Hs256Key::from_bytes(&[7; 32]).unwrap()
}

pub fn rs256() -> Rs256SigningKey {
    Rs256SigningKey::from_pem(RSA_2048).unwrap()
}

/// Runs what was registered: a tenth of a second each, unless the command line says otherwise.
pub fn main() {
    Divan::default().max_time(Duration::from_millis(100)).config_with_args().main();
}
