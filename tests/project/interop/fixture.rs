//! The committed fixtures, and what their tests share.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;
use strict_jose::{Audience, Issuer, NumericDate, Validated, Validation};

pub(crate) const LIBRARIES: [&str; 4] = ["jwcrypto", "joserfc", "node-jose", "debian-jose"];

#[derive(Deserialize)]
pub(crate) struct Fixture {
    pub(crate) library: String,
    pub(crate) version: String,
    pub(crate) claims: Map<String, Value>,
    pub(crate) secret: BTreeMap<String, String>,
    pub(crate) rsa: BTreeMap<String, Forms>,
    pub(crate) tokens: Vec<Token>,
}

/// One RSA key as the library writes it.
#[derive(Deserialize)]
pub(crate) struct Forms {
    pub(crate) private_jwk: String,
    pub(crate) public_jwk: String,
    pub(crate) pkcs8: String,
    pub(crate) pkcs1: String,
    pub(crate) spki: String,
    pub(crate) pkcs1_public: String,
}

#[derive(Deserialize)]
#[cfg_attr(not(feature = "jwe"), allow(dead_code, reason = "some fields are for encryption only"))]
pub(crate) struct Token {
    pub(crate) kind: String,
    pub(crate) alg: String,
    pub(crate) enc: Option<String>,
    pub(crate) key: String,
    pub(crate) signer: Option<String>,
    #[serde(rename = "token")]
    pub(crate) compact: String,
    payload: Option<String>,
}

impl Fixture {
    pub(crate) fn read(library: &str) -> Self {
        let root = env!("CARGO_MANIFEST_DIR");
        let path = format!("{root}/test-vectors/interop/fixtures/{library}.json");
        let fixture: Self = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(fixture.library, library);
        assert!(!fixture.version.is_empty());
        fixture
    }

    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(move |token| token.kind == kind)
    }

    #[cfg(feature = "jwe")]
    pub(crate) fn is_pair(&self, alg: &str) -> bool {
        self.tokens.iter().any(|token| token.alg == alg)
    }

    fn text(&self, claim: &str) -> &str {
        self.claims[claim].as_str().unwrap()
    }

    fn date(&self, claim: &str) -> NumericDate {
        NumericDate::from_seconds(self.claims[claim].as_u64().unwrap()).unwrap()
    }

    /// Every rule that the claims can keep, at a time within them.
    pub(crate) fn rules(&self) -> Validation {
        let audience = self.claims["aud"][1].as_str().unwrap();
        Validation::new(Issuer::exactly(self.text("iss")), Audience::includes(audience))
            .subject(self.text("sub"))
            .require_jwt_id()
            .require_not_before()
            .require_issued_at()
            .max_lifetime(Duration::from_secs(600))
            .at_fixed_time(self.date("iat"))
    }

    /// The same rules, when the token has just expired.
    pub(crate) fn rules_too_late(&self) -> Validation {
        self.rules().at_fixed_time(self.date("exp"))
    }

    pub(crate) fn private_claims(&self) -> Map<String, Value> {
        let registered = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
        let mut claims = self.claims.clone();
        claims.retain(|name, _| !registered.contains(&name.as_str()));
        claims
    }

    pub(crate) fn assert_claims(&self, claims: &Validated<Map<String, Value>>) {
        assert_eq!(claims.issuer(), Some(self.text("iss")));
        assert_eq!(claims.subject(), Some(self.text("sub")));
        assert_eq!(claims.jwt_id(), Some(self.text("jti")));
        assert_eq!(Value::from(claims.audience()), self.claims["aud"]);
        assert_eq!(claims.expires_at(), Some(self.date("exp")));
        assert_eq!(claims.not_before(), Some(self.date("nbf")));
        assert_eq!(claims.issued_at(), Some(self.date("iat")));
        assert_eq!(claims.private(), &self.private_claims());
    }
}

impl Token {
    pub(crate) fn payload(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(self.payload.as_ref().unwrap()).unwrap()
    }

    /// The token with one character changed, once for each segment that is not empty, and the code
    /// of the error that has to follow.
    pub(crate) fn broken(&self, code: &'static str) -> Vec<(String, &'static str)> {
        let segments: Vec<_> = self.compact.split('.').collect();
        // The first octet of the header is its brace.
        let mut broken = vec![(change(&segments, 0, 0), "json.not_an_object")];
        // A header that stays good JSON, to show that it is authenticated.
        let header = String::from_utf8(URL_SAFE_NO_PAD.decode(segments[0]).unwrap()).unwrap();
        if header.contains(r#""JWT""#) {
            let header = URL_SAFE_NO_PAD.encode(header.replace(r#""JWT""#, r#""JWU""#));
            let rest = self.compact.strip_prefix(segments[0]).unwrap();
            broken.push((header + rest, code));
        }
        for at in (1..segments.len()).filter(|at| !segments[*at].is_empty()) {
            // The middle: the last character may hold bits that have to be zero.
            broken.push((change(&segments, at, segments[at].len() / 2), code));
        }
        broken
    }
}

fn change(segments: &[&str], segment: usize, position: usize) -> String {
    let mut changed: Vec<String> = segments.iter().map(|&segment| segment.to_owned()).collect();
    let other = if changed[segment].as_bytes()[position] == b'f' { "g" } else { "f" };
    changed[segment].replace_range(position..=position, other);
    changed.join(".")
}
