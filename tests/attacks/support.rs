//! Keys, forges and verdicts for the attacks of sections A to D.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rsa::hazmat::{rsa_decrypt, rsa_encrypt};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, PrivateKey};
use sha2::Sha256;
use std::process::Command;
use std::sync::LazyLock;
use strict_jose::internals::{Operation, count};
use strict_jose::{
    Audience, Error, Hs256Key, Issuer, NoPrivateClaims, NumericDate, Rs256SigningKey,
    Rs256VerifyingKey, Validated, Validation, VerifyingKeys, jwt,
};

pub const SIGNING_PEM: &str = include_str!("../pem/rsa-2048.pem");
pub const CERTIFICATE_PEM: &str = include_str!("../pem/rsa-2048-certificate.pem");
pub const OTHER_PEM: &str = include_str!("../pem/rsa-2048-other.pem");
pub const EXPONENT_3_PEM: &str = include_str!("../pem/rsa-2048-e3.pem");
#[cfg(feature = "jwe")]
pub const DECRYPTION_PEM: &str = include_str!("../pem/rsa-2048-high-modulus.pem");

/// The time at which all tokens here are verified.
pub const NOW: u64 = 1_700_000_000;

/// Claims that keep the rules of [`rules`].
pub const CLAIMS: &str = r#"{"iss":"https://as.example","aud":"api","exp":1700000300}"#;

/// The verdict of [`verdict`] on what was accepted.
pub const ACCEPTED: &str = "accepted";

/// The HMAC secret that no attacker knows.
pub const SECRET: [u8; 32] = *b"\x9c\x01the secret of the attacked!\xfe\x80\x00";

/// An RSA key as the crate has it, and as the `rsa` crate has it for what the crate refuses to do.
pub struct Rsa {
    pub signing: Rs256SigningKey,
    pub verifying: Rs256VerifyingKey,
    pub raw: PrivateKey,
}

impl Rsa {
    pub fn new(pem: &str) -> Self {
        let signing = Rs256SigningKey::from_pem(pem).unwrap();
        Self {
            verifying: signing.public_key().unwrap(),
            raw: PrivateKey::from_pkcs8_pem(pem).unwrap(),
            signing,
        }
    }

    /// `k`, the octets of the modulus.
    pub fn octets(&self) -> usize {
        self.raw.size()
    }

    pub fn modulus(&self) -> Vec<u8> {
        self.raw.n_bytes().to_vec()
    }

    /// `block^d mod n`: the signature over a block of any form.
    pub fn private_operation(&self, block: &[u8]) -> Vec<u8> {
        let no_blinding = None::<&mut getrandom::SysRng>;
        self.last(&rsa_decrypt(no_blinding, &self.raw, &self.integer(block)).unwrap())
    }

    /// `block^e mod n`: the encryption of a block of any form.
    pub fn public_operation(&self, block: &[u8]) -> Vec<u8> {
        self.last(&rsa_encrypt(&self.raw, &self.integer(block)).unwrap())
    }

    fn integer(&self, octets: &[u8]) -> BoxedUint {
        BoxedUint::from_be_slice(octets, self.raw.n_bits_precision()).unwrap()
    }

    fn last(&self, integer: &BoxedUint) -> Vec<u8> {
        let octets = integer.to_be_bytes();
        octets[octets.len() - self.octets()..].to_vec()
    }
}

/// The RSA key under attack, and the attacker's own.
pub static RSA: LazyLock<Rsa> = LazyLock::new(|| Rsa::new(SIGNING_PEM));
pub static OTHER: LazyLock<Rsa> = LazyLock::new(|| Rsa::new(OTHER_PEM));

/// The HMAC key under attack.
pub fn hs256() -> Hs256Key {
    Hs256Key::from_bytes(&SECRET).unwrap()
}

pub fn b64(octets: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

pub fn unb64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The padded base64 that PEM and OpenSSH use.
pub fn plain_base64(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

pub fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// A JWS of any header and payload, signed by whatever `sign` does.
pub fn jws(header: &str, payload: impl AsRef<[u8]>, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let input = format!("{}.{}", b64(header), b64(payload));
    let signature = sign(input.as_bytes());
    format!("{input}.{}", b64(signature))
}

/// A JWS with a valid HMAC under [`SECRET`], whatever its header says.
pub fn hs_token(header: &str, payload: impl AsRef<[u8]>) -> String {
    jws(header, payload, |input| hmac(&SECRET, input))
}

/// A JWS with a valid RS256 signature by [`RSA`], whatever its header says.
pub fn rs_token(header: &str, payload: impl AsRef<[u8]>) -> String {
    rs_token_by(&RSA, header, payload)
}

pub fn rs_token_by(key: &Rsa, header: &str, payload: impl AsRef<[u8]>) -> String {
    jws(header, payload, |input| rs256(key, input))
}

pub fn rs256(key: &Rsa, input: &[u8]) -> Vec<u8> {
    strict_jose::internals::rs256_sign(&key.signing, input).unwrap()
}

/// The token with another last segment.
pub fn with_signature(token: &str, signature: &[u8]) -> String {
    let (input, _) = token.rsplit_once('.').unwrap();
    format!("{input}.{}", b64(signature))
}

/// The octets of the token's last segment.
pub fn signature_of(token: &str) -> Vec<u8> {
    unb64(token.rsplit_once('.').unwrap().1)
}

/// The same octets with one bit turned.
pub fn flipped(octets: &[u8], bit: usize) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[bit / 8] ^= 1 << (bit % 8);
    octets
}

/// The rules for [`CLAIMS`] at [`NOW`].
pub fn rules() -> Validation {
    Validation::new(Issuer::exactly("https://as.example"), Audience::includes("api"))
        .at(NumericDate::from_seconds(NOW).unwrap())
}

/// What the whole chain says of a token: form, key, signature, rules.
pub fn read(token: &str, keys: &impl VerifyingKeys) -> Result<Validated<NoPrivateClaims>, Error> {
    jwt::verify(token, keys, &rules())
}

/// The code of the refusal, or [`ACCEPTED`].
pub fn verdict<T>(result: Result<T, Error>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| ACCEPTED)
}

/// [`verdict`] of [`read`] under [`hs256`].
pub fn hs_verdict(token: &str) -> &'static str {
    verdict(read(token, &hs256()))
}

/// [`verdict`] of [`read`] under [`RSA`].
pub fn rs_verdict(token: &str) -> &'static str {
    verdict(read(token, &RSA.verifying))
}

/// The code of a refused key, or [`ACCEPTED`].
pub fn key_verdict<T>(result: Result<T, strict_jose::KeyError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| ACCEPTED)
}

/// How often the operation ran during `run`, and what came of it.
pub fn counting<T>(operation: Operation, run: impl FnOnce() -> T) -> (usize, T) {
    let before = count(operation);
    let result = run();
    (count(operation) - before, result)
}

/// The names of all crates that this build of the crate is made of, tests aside.
pub fn dependencies() -> Vec<String> {
    // The features of this build, so that cargo has everything at hand that it lists.
    let features = [
        ("aws-lc-rs", cfg!(feature = "aws-lc-rs")),
        ("fast-rsa1_5", cfg!(feature = "fast-rsa1_5")),
        ("ring", cfg!(feature = "ring")),
        ("jwe", cfg!(feature = "jwe")),
        ("session", cfg!(feature = "session")),
    ];
    let on: Vec<_> = features.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "strict-jose", "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(["--no-default-features", "--features", &on.join(",")])
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let names: Vec<_> =
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    // Features by a crate that they, and no others, bring; that of the unsafe calls among them.
    for (name, on) in [
        ("aws-lc-rs", cfg!(feature = "aws-lc-rs")),
        ("ring", cfg!(feature = "ring")),
        ("strict-jose-raw-rsa", cfg!(feature = "fast-rsa1_5")),
    ] {
        assert_eq!(names.iter().any(|found| found == name), on, "{name}: not this crate's tree");
    }
    assert!(names.iter().any(|name| name == "serde_json"), "not this crate's tree");
    names
}

/// Fails if any of these crates is in the tree.
pub fn assert_not_depended_on(names: &[&str]) {
    let dependencies = dependencies();
    for name in names {
        assert!(!dependencies.iter().any(|dependency| dependency == name), "{name}");
    }
}

/// Every source file of the crate without its tests and comments: path and text.
pub fn sources() -> Vec<(String, String)> {
    fn collect(folder: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                let code: Vec<_> = lines.collect();
                found.push((path.display().to_string(), code.join("\n")));
            }
        }
    }
    let mut found = Vec::new();
    collect(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    assert!(found.len() > 30, "the sources have moved");
    found
}

/// The code of the one source file whose path ends so.
pub fn source(end: &str) -> String {
    let found = sources().into_iter().find(|(path, _)| path.ends_with(end));
    found.unwrap_or_else(|| panic!("{end} has moved")).1
}
