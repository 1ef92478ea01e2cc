//! Any text as PEM and any octets as DER: what is taken comes out as the same key.
#![no_main]

use arbitrary::Arbitrary;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use strict_jose::{Rs256SigningKey, Rs256VerifyingKey};

#[derive(Debug, Arbitrary)]
enum Input<'a> {
    Text(&'a str),
    Der { label: u8, der: &'a [u8] },
}

const LABELS: [&str; 5] =
    ["PUBLIC KEY", "RSA PUBLIC KEY", "PRIVATE KEY", "RSA PRIVATE KEY", "CERTIFICATE"];

fuzz_target!(|input: Input| {
    let pem = match input {
        Input::Text(text) => text.to_owned(),
        Input::Der { label, der } => {
            let label = LABELS[usize::from(label) % LABELS.len()];
            let text = STANDARD.encode(der);
            let lines: Vec<_> =
                text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
            let _ = Rs256VerifyingKey::from_spki_der(der);
            let _ = Rs256VerifyingKey::from_pkcs1_der(der);
            let _ = Rs256SigningKey::from_pkcs8_der(der);
            let _ = Rs256SigningKey::from_pkcs1_der(der);
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
        }
    };
    if let Ok(key) = Rs256VerifyingKey::from_pem(&pem) {
        for again in [key.to_pem(), key.to_pkcs1_pem()] {
            let again = Rs256VerifyingKey::from_pem(&again).expect("our own PEM");
            assert_eq!(again.thumbprint(), key.thumbprint());
        }
    }
    if let Ok(key) = Rs256SigningKey::from_pem(&pem) {
        for again in [key.to_secret_pem(), key.to_secret_pkcs1_pem()] {
            let again = Rs256SigningKey::from_pem(again.expose()).expect("our own PEM");
            assert_eq!(again.thumbprint(), key.thumbprint());
        }
    }
});
